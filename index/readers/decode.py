"""Bytes -> text, with the encoding that was found."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from index.errors import UnreadableFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What Windows-1252 adds to ASCII in the languages of Western Europe. Of a short text with a few such letters
# the detection by statistics makes Persian or Japanese.
_WESTERN = frozenset("äöüÄÖÜßéèêëàâáçñíîïóôúûåæøœÉÈÊÀÂÁÇÑÍÓÔÚÅÆØŒ‘’“”–—…•·€£§°«»©®™¼½¾¡¿\xa0")


def decode(name: str, data: bytes) -> tuple[str, str]:
    """The text of `data` with LF line ends and page breaks on lines of their own, and the name of its encoding.

    Raises:
        UnreadableFile: the file is empty, or no text encoding fits its bytes.
    """
    if not data.strip():
        raise UnreadableFile(f"{name}: the file is empty.")
    text, encoding = _decode(name, data)
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n\x0c\n"), encoding


def _decode(name: str, data: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise UnreadableFile(
                    f"{name}: begins as {encoding} but is damaged at byte {error.start}."
                ) from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        western = _western(data)
        if western is not None:
            return western, "cp1252"
        best = from_bytes(data).best()
        if best is None:
            raise UnreadableFile(f"{name}: its bytes are no text in a known encoding.") from None
        return str(best), best.encoding
    if "\x00" in text:
        raise UnreadableFile(f"{name}: holds NUL bytes, so it is not a text file.")
    return text, "utf-8"


def _western(data: bytes) -> str | None:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    foreign = {char for char in text if not char.isascii()} - _WESTERN
    return None if foreign or "\x00" in text else text
