"""The child process: takes one document after the other from its parent, gives each back as PDF.

A document is `{"title", "facts": [[label, text]], "blocks": [block], "foot": [text]}` of plain text; in
`foot`, `{page}` and `{pages}` are filled in. A block is `{"kind": "day", "text"}`, with `"time"` and `"mark"`
as well a `"note"`, with `"name"` too a `"line"`; a mark that is not empty tints it.
"""

import json
import logging
import os
import resource
import sys
from typing import BinaryIO

from helpdesk.press import LENGTH
from helpdesk.press.story import bound

MEMORY_BYTES = 1024**3
NICE = 10


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Print until the parent is gone, with little memory, and less important than the chats beside it."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        made = bound(json.loads(source.read(*LENGTH.unpack(head))))
        target.write(LENGTH.pack(len(made)) + made)
        target.flush()


def main() -> None:
    """Serve on standard input and output; what a document holds is in no log."""
    logging.disable()
    serve(sys.stdin.buffer, sys.stdout.buffer)
