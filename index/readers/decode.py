"""Bytes -> text, with the encoding that was found."""

from __future__ import annotations

import codecs
import re

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
_WESTERN = frozenset("äöüÄÖÜßéèêëàâáãçñíîïóòôúùûåæøœÀÈÙËÏÉÈÊÀÂÁÇÑÍÓÔÚÅÆØŒ‘’“”–—…•·€£§°«»©®™¼½¾¡¿\xa0")

# UTF-8 that a program took for Latin-1 or Windows-1252 and saved again: "â€™" for an apostrophe, "Ã©" for é.
_TWICE = re.compile("[\u00c2-\u00f4](?:[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]){1,3}")
_SURELY_TWICE = re.compile("\u00e2(?:\u0080|€)[\u0080-\u00bf‘’“”•–—˜™š›œžŸ¦¢£]|\u00c3[\u0080-\u009f]")
_BASE64 = re.compile(rb"\s*(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\s*")
_SAMPLE = 4096


def decode(name: str, data: bytes) -> tuple[str, str]:
    """The text of `data` with LF line ends and page breaks on lines of their own, and the name of its encoding.

    Raises:
        UnreadableFile: the file is empty, or no text encoding fits its bytes.
    """
    if not data.strip():
        raise UnreadableFile(f"{name}: the file is empty.")
    if _BASE64.fullmatch(data[:_SAMPLE]) and len(data.split()) == 1:
        raise UnreadableFile(f"{name}: holds Base64, not text. Decode it and save the text.")
    text, encoding = _decode(name, data)
    if _SURELY_TWICE.search(text):
        text = _TWICE.sub(_decoded_once, text)
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
        wide = _wide(data)
        if wide is not None:
            return wide
        western = _western(data)
        if western is not None:
            return western, "cp1252"
        best = from_bytes(data).best()
        if best is None:
            raise UnreadableFile(f"{name}: its bytes are no text in a known encoding.") from None
        return str(best), best.encoding
    if "\x00" in text:
        wide = _wide(data)
        if wide is not None:
            return wide
        raise UnreadableFile(f"{name}: holds NUL bytes, so it is not a text file.")
    return text, "utf-8"


def _wide(data: bytes) -> tuple[str, str] | None:
    """UTF-16 or UTF-32 without a byte order mark: every other byte, or three of four, are mostly NUL."""
    head = data[:_SAMPLE]
    shares = [head[i::4].count(0) / (len(head[i::4]) or 1) for i in range(4)]
    high = [share > 0.7 for share in shares]
    encoding = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }.get((high[0], high[1], high[2], high[3]))
    if encoding is None:
        return None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else (text, encoding)


def _decoded_once(run: re.Match[str]) -> str:
    """A sequence of UTF-8 that was decoded as Windows-1252, as the one character that it is; else as it stands."""
    try:
        data = b"".join(
            char.encode("latin-1") if ord(char) < 256 else char.encode("cp1252") for char in run.group()
        )
    except UnicodeEncodeError:
        return run.group()
    for end in range(len(data), 1, -1):
        try:
            return data[:end].decode("utf-8") + run.group()[end:]
        except UnicodeDecodeError:
            continue
    return run.group()


def _western(data: bytes) -> str | None:
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    foreign = {char for char in text if not char.isascii()} - _WESTERN
    return None if foreign or "\x00" in text else text
