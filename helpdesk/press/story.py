"""Stories: a document written as HTML, read and put on pages by xhtml2pdf."""

import gc
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from reportlab import rl_config
from reportlab.lib.fonts import tt2ps
from xhtml2pdf.config.resources import ResourceAccessError, ResourceAccessPolicy
from xhtml2pdf.context import pisaContext
from xhtml2pdf.document import pisaStory
from xhtml2pdf.util import reset_caches
from xhtml2pdf.xhtml2pdf_reportlab import PmlBaseDoc, PmlParagraph

from helpdesk.press import fonts
from helpdesk.press.paragraphs import Paragraph, Sheet, Typeset

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STYLE = Path(__file__).with_name("document.css")
# Nothing may be read, near or far; how long and how large a document may be is the press's to say.
NOTHING = ResourceAccessPolicy.server(
    None, allow_remote=False, max_render_seconds=None, max_document_bytes=None
)

rl_config.useA85 = 0  # binary streams: a fifth smaller


class Story(pisaContext):  # type: ignore[misc]
    """What xhtml2pdf makes of the HTML; text that takes more than a font is kept for our own typesetting."""

    def __init__(self) -> None:
        super().__init__()
        self.pathCallback = _refused
        self.registerFont(fonts.family())
        self.addPageCount()  # pages are counted first and drawn then, whatever the footer says

    def addFrag(self, text: Any = "", frag: Any = None) -> None:  # noqa: N802 (xhtml2pdf's name)
        """Keep what xhtml2pdf would join and turn around by rules of its own as it was written."""
        if not isinstance(text, str) or fonts.is_plain(text):
            super().addFrag(text)
            return
        made = self.frag.clone(text=text)
        made.fontName = tt2ps(made.fontName, made.bold, made.italic)
        self.text += text
        self.fragStrip = False
        self.fragList.append(made)

    def addStory(self, data: Any) -> None:  # noqa: N802
        """Give each paragraph to who can set it."""
        if type(data) is PmlParagraph:
            data.__class__ = Paragraph if fonts.is_plain(data.text) else Typeset
        super().addStory(data)


def bound(document: dict[str, Any]) -> bytes:
    """Return the document (see `child`) as PDF."""
    gc.disable()  # looking for what is lost again and again takes longer than looking once
    try:
        return _bound(_template().render(document))
    finally:
        reset_caches()
        fonts.forget()
        gc.enable()
        gc.collect()


def _bound(html: str) -> bytes:
    story = Story()
    pisaStory(html, context=story, default_css=STYLE.read_text(), resource_policy=NOTHING)
    target = BytesIO()
    made = PmlBaseDoc(
        target,
        pagesize=story.pageSize,
        title=story.meta["title"],
        creator="Helpdesk",
        lang=story.lang_tag,
    )
    for sheet in story.templateList.values():
        sheet.__class__ = Sheet
        made.addPageTemplates(sheet)
    made.multiBuild(story.story)
    return target.getvalue()


@cache
def _template() -> Any:
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(rows=_rows, parts=re.compile(r"(\{pages?\})").split)
    return environment.get_template("press/document.html")


def _rows(text: str) -> list[str]:
    """The lines of a message; HTML would join spaces that stand together, or at the beginning."""
    return [re.sub("^ | (?= )", "\xa0", row) for row in text.expandtabs(4).split("\n")]


def _refused(address: str, *_: Any) -> str:
    raise ResourceAccessError(address)
