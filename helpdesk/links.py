"""Addresses in what people wrote, as links."""

import re
from functools import cache, lru_cache
from itertools import islice

from linkify_it import LinkifyIt
from markupsafe import Markup, escape

# Looking for links in "a.a.a.a…" takes far longer than in words: such dots are counted with the addresses.
MOST_LINKS = 50
LONGEST_LINKED = 20_000
_MAY_LINK = re.compile(r"(?:://|mailto:)(?:[\w-]+\.){0,4}|\w\.\w\w")


@lru_cache(maxsize=64)  # a line is rendered for each audience in turn
def linked(text: str) -> Markup:
    """Return text escaped, with http, https and mailto addresses as links; nothing else is interpreted.

    From the line on that is too much there are none.
    """
    found = list(islice(_MAY_LINK.finditer(text), MOST_LINKS + 1))
    if not found:
        return escape(text)
    most = min(LONGEST_LINKED, *(match.start() for match in found[MOST_LINKS:]), len(text))
    end = len(text) if most == len(text) else text.rfind("\n", 0, most) + 1
    return _linked(text[:end]) + escape(text[end:])


def _linked(text: str) -> Markup:
    parts, end = [], 0
    for match in _linkify().match(text) or []:
        parts += [escape(text[end : match.index]), _link(match.url, match.text)]
        end = match.last_index
    return Markup("").join([*parts, escape(text[end:])])


def _link(url: str, text: str) -> Markup:
    return Markup('<a href="{}" rel="noopener nofollow" target="_blank">{}</a>').format(url, text)


@cache
def _linkify() -> LinkifyIt:
    linkify = LinkifyIt(options={"fuzzy_email": False, "fuzzy_link": True, "fuzzy_ip": False})
    for schema in ("ftp:", "//"):
        linkify.add(schema, None)
    return linkify
