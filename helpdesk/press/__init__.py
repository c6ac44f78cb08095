"""The press: documents are set and printed as PDF in one child process that knows nothing of the rest.

`press` is what the application holds; `child` is what runs beside it. A document is plain data, described in
`child`. `story` writes it as HTML, in which every word is escaped, and xhtml2pdf puts that on pages without
reading anything else. It would set text in one font, unshaped, and turn each line around by itself; so Latin,
Greek, Cyrillic and their like are its own, and of other `paragraphs` the lines come from `typesetting`, with
`levels`, `fonts` and `faces`.
"""

import struct

LENGTH = struct.Struct("!I")  # stands before a document and before its PDF on the pipe
