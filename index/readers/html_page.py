"""Bytes of a web page -> its element tree: encoding and nesting are dealt with here."""

from __future__ import annotations

import codecs
import re

from lxml import etree, html

from index.errors import UnreadableFile
from index.readers.decode import decode
from index.readers.marked import without_private

_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_SNIFFED = 8192
_DECLARED = re.compile(
    rb"<meta[^>]{0,400}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})"
    rb"|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]{2,40})",
    re.IGNORECASE,
)
# What browsers take these names for.
_ALIASES = {
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252",
    "latin-1": "cp1252", "iso-8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030",
    "x-sjis": "cp932", "shift_jis": "cp932", "shift-jis": "cp932", "windows-31j": "cp932", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "windows-874": "cp874", "tis-620": "cp874", "iso-8859-8-i": "iso-8859-8",
    "utf-16": "utf-8", "utf-16le": "utf-8", "utf-16be": "utf-8", "unicode": "utf-8", "x-mac-roman": "mac-roman",
}  # fmt: skip
_SELF_CLOSED = re.compile(
    r"<(a|b|div|em|i|iframe|p|script|span|strong|style|textarea|title)\b([^<>]{0,2000}?)/>", re.IGNORECASE
)
_TAG = re.compile(r"</?([a-zA-Z][\w:-]*)[^<>]*>")
_UNNESTED = frozenset("br h1 h2 h3 h4 h5 h6 head html li meta p script style title".split())
_DEEPEST = 250
_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What may not be put into a tree."""


def decode_page(name: str, data: bytes) -> tuple[str, str]:
    """The text of a page and its encoding: that of its byte order mark, else what it declares, else what fits.

    Raises:
        UnreadableFile: the file is empty or no text.
    """
    declared = None if data.startswith(_BOMS) else _declared(data[:_SNIFFED])
    if declared is not None and data.strip() and b"\x00" not in data:
        try:
            return data.decode(declared), declared
        except UnicodeDecodeError:
            pass  # the declaration is wrong, as it often is
    try:
        return decode(name, data)
    except UnreadableFile:
        if declared is None or b"\x00" in data:
            raise
        return data.decode(declared, errors="replace"), declared


def parse_page(name: str, text: str) -> html.HtmlElement:
    """The tree of a page. Nesting that is deeper than any layout needs is taken out; its text stays.

    Raises:
        UnreadableFile: there is no element in it.
    """
    text = without_private(_NO_CHARACTERS.sub("", text.replace("\x0b", " ").replace("\x0c", " ")))
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if re.search(r"http://www\.w3\.org/1999/xhtml|//DTD XHTML", text[:2000]):
        text = _SELF_CLOSED.sub(r"<\1\2></\1>", text)
    tree = _parsed(text)
    if tree is not None and _depth(tree) > _DEEPEST:
        tree = _parsed(_TAG.sub(_flattened, text))
    if tree is None:
        raise UnreadableFile(
            f"{name}: no text was found in this page. Open it in a browser and save it again."
        )
    _clean(tree)
    return tree


def _clean(tree: html.HtmlElement) -> None:
    """Take out what references such as "&#1;" have put into the tree: it could not be put there again."""
    for element in tree.iter():
        if element.text and _NO_CHARACTERS.search(element.text):
            element.text = _NO_CHARACTERS.sub("", element.text)
        if element.tail and _NO_CHARACTERS.search(element.tail):
            element.tail = _NO_CHARACTERS.sub("", element.tail)


def _declared(head: bytes) -> str | None:
    found = _DECLARED.search(head)
    if found is None:
        return None
    label = (found[1] or found[2]).decode("ascii", "replace").lower()
    try:
        codec = codecs.lookup(_ALIASES.get(label, label))
    except LookupError:
        return None
    return codec.name if codec._is_text_encoding else None


def _parsed(text: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return tree if isinstance(tree, html.HtmlElement) else None


def _depth(tree: html.HtmlElement) -> int:
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest


def _flattened(tag: re.Match[str]) -> str:
    """Only tags that do not nest, or close each other."""
    return tag.group() if tag[1].lower() in _UNNESTED else " "
