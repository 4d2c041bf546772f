"""Titles and authors that programs put into a file's properties unasked: they say nothing of the document."""

from __future__ import annotations

import re

_TITLE = re.compile(
    r"^(?:microsoft (?:office )?(?:word|powerpoint|excel)\b.*|(?:untitled|unbenannt|ohne titel|sans titre)\b.*"
    r"|(?:word )?(?:document|dokument|presentation)\s?\d*|(?:about:|https?:|file:).*|tit(?:le|el)|slide \d+"
    r"|powerpoint presentation|print|scan(?:ned)?[\W\d_]*(?:document|file|image)?[\W\d_]*"
    r"|(?:new |blank )+(?:document|file|page|presentation|text)\W*\d*"
    r"|.*\.(?:docx?|dotx?|pdf|rtf|odt|tex|dvi|indd|qxd|p65|fm|wpd|txt|html?|xlsx?|pptx?|exe|tmp|ps|eps|jpe?g|tiff?|png|cdr|ai)"
    r"|[\w-]*\d{4,}[\w-]*|\W*)$",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"^(?:python-docx|apache poi|docx4j|aspose\b.*|openxml\b.*|un-?named|unknown|anonymous|author|autor|user ?\d*"
    r"|admin\w*|owner|default|root|guest|windows user|microsoft(?: office)?(?: user| word)?|office(?: user)?"
    r"|hewlett-packard company|hp|dell|lenovo|acer|asus|pc|home|test|none|libreoffice|openoffice(?:\.org)?|google docs"
    r"|\W*|.*(?:\.com|@).*)$",
    re.IGNORECASE,
)


def said_title(text: str) -> str:
    """A title as it stands in a file's properties, '' where a program put it there."""
    return "" if _TITLE.match(text) else text


def said_author(text: str) -> str:
    """An author as it stands in a file's properties, '' where a program put it there."""
    return "" if _AUTHOR.match(text) else text
