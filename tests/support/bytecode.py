"""Templates are compiled once per test process, though every test has an application of its own."""

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache


class Memory(BytecodeCache):
    """Keeps bytecode by what it was compiled from."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket when this source was compiled before."""
        if kept := self.kept.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self.kept[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


PAGES, PARTIALS = Memory(), Memory()


def share(app: Flask) -> Flask:
    """Have this application use what others compiled."""
    app.jinja_env.bytecode_cache = PAGES
    app.extensions["helpdesk_partials"].bytecode_cache = PARTIALS
    return app
