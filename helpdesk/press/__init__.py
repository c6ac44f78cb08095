"""The press: documents are set and printed as PDF in one child process that knows nothing of the rest.

`press` is what the application holds; `child` is what runs beside it, with `sheets`, `typesetting`, `levels`,
`fonts` and `faces`. A document is plain data, described in `child`. Text is drawn glyph by glyph: no markup
is read, so none can be smuggled in, and nothing is ever fetched. Setting HTML instead would mean the lines of
a right-to-left paragraph in the wrong order, one font for all scripts, and markup to be kept out.
"""

import struct

LENGTH = struct.Struct("!I")  # stands before a document and before its PDF on the pipe
