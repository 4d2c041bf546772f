"""E-mail messages (.eml): subject, sender and day from the headers, the plain text of the body, else its HTML.

Replies that are quoted are kept as they are, each paragraph with its marks; attachments are named and not read.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from index.documents import Block, BlockKind
from index.errors import UnreadableFile
from index.readers import html, text
from index.readers.contents import Contents, placed
from index.readers.decode import decode

_HEADERS = frozenset("from to subject date message-id received return-path mime-version cc reply-to".split())
_SHOWN = ("From", "To", "Cc", "Date")
_QUOTED = re.compile(r"^(?P<marks>(?:>\s?)*>)[ \t]?")
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_READ = frozenset({"text/plain", "text/html", "text/enriched"})
_STUB = re.compile(
    r"(?:html|e-?mail).{0,80}(?:client|viewer|reader|compatible|support|capable)", re.IGNORECASE
)
_STUB_WORDS = 40
_DEEPEST = 50


def read(name: str, data: bytes) -> Contents:
    """The contents of a message.

    Raises:
        UnreadableFile: it is no message, encrypted, or without text.
    """
    if not data.strip():
        raise UnreadableFile(f"{name}: the file is empty.")
    try:
        message = message_from_bytes(data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    except RecursionError as error:
        raise UnreadableFile(
            f"{name}: its parts are nested too deeply to be read. Forward the inner message alone."
        ) from error
    if not _HEADERS & {key.lower() for key in message}:
        raise UnreadableFile(
            f"{name}: has none of an e-mail's headers (From, To, Subject, Date). Save the message as .eml in the mail "
            "program."
        )
    if any(part.get_content_type() in _ENCRYPTED for part in _parts(message) if not _is_signed(part)):
        raise UnreadableFile(
            f"{name}: the message is encrypted. Decrypt it in the mail program and save it again."
        )
    metadata = _metadata(message)
    front = _front(message, metadata)
    found = [contents for part in _bodies(message, 0) if (contents := _read_part(name, part)) is not None]
    blocks = [block for contents in found for block in contents.blocks]
    if not any(block.kind in ("prose", "item") for block in blocks):
        raise UnreadableFile(
            f"{name}: the message has no text. Save what is attached to it as files of their own."
        )
    return Contents(
        placed([*front, *blocks]),
        metadata,
        found[0].encoding,
        tables=sum(contents.tables for contents in found),
        remarks=_remarks(message),
    )


def _parts(message: Message) -> Iterator[Message]:
    """All parts of a message that are no messages themselves, the message first."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            waiting += [inner for inner in part.get_payload() if isinstance(inner, Message)]


def _is_signed(part: Message) -> bool:
    return "signed-data" in str(part.get_param("smime-type") or "")


def _is_attached(part: Message) -> bool:
    """Whether a part is a file of its own and not the message's text."""
    kind = part.get_content_type()
    if kind.startswith("multipart/"):
        return False
    return kind not in _READ or part.get_content_disposition() == "attachment" or bool(_file_name(part))


def _bodies(message: Message, depth: int) -> Iterator[Message]:
    """The parts that are the message's text, in order: of alternatives the plain one, unless it says nothing."""
    if not message.is_multipart():
        if not _is_attached(message):
            yield message
        return
    if depth > _DEEPEST or message.get_content_maintype() != "multipart":
        return
    found = [list(_bodies(part, depth + 1)) for part in message.get_payload() if isinstance(part, Message)]
    if message.get_content_type() == "multipart/alternative":
        filled = [parts for parts in found if any(not _is_stub(part) for part in parts)]
        plain = [parts for parts in filled if parts[0].get_content_type() == "text/plain"]
        yield from next(iter(plain or filled[-1:]), [])
    else:
        for parts in found:
            yield from parts


def _is_stub(part: Message) -> bool:
    """Whether a part is blank or only says that the mail program cannot show the other one."""
    words = _text(part)[0]
    if part.get_content_type() == "text/html":
        return not re.sub(r"<[^>]*>", "", words).strip()
    return not words.strip() or (len(words.split()) < _STUB_WORDS and bool(_STUB.search(words)))


def _read_part(name: str, part: Message) -> Contents | None:
    words, encoding = _text(part)
    if not words.strip():
        return None
    if part.get_content_type() == "text/html":
        return replace(html.read_text(name, words, whole=True), encoding=encoding, metadata={})
    if part.get_param("format") == "flowed":
        words = _unflowed(words, joined=str(part.get_param("delsp")).lower() == "yes")
    return Contents(tuple(_plain(words)), {}, encoding)


def _text(part: Message) -> tuple[str, str]:
    """The text of a part and its encoding: as declared, else as it fits."""
    data = _bytes(part)
    if not data and part.get_param("charset") is not None:
        part.del_param("charset")  # one that is no name at all keeps the library from giving the bytes
        data = _bytes(part)
    if not isinstance(data, bytes) or not data.strip():
        return "", "utf-8"
    for encoding in (_charset(part), "utf-8"):
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\x00", ""), encoding.lower()
        except (LookupError, UnicodeError, ValueError):
            continue
    try:
        return decode("the message", data)
    except UnreadableFile:
        return data.decode("utf-8", "replace").replace("\x00", ""), "utf-8"


def _bytes(part: Message) -> object:
    try:
        return part.get_payload(decode=True)
    except (binascii.Error, ValueError, AssertionError):
        return None


def _charset(part: Message) -> str:
    try:
        return part.get_content_charset() or "utf-8"
    except (LookupError, UnicodeError, ValueError):
        return "utf-8"


def _plain(words: str) -> Iterator[Block]:
    """The paragraphs of a plain text; those of a quoted reply have its marks before them."""
    lines: list[str] = []
    depth = 0
    for line in [*words.split("\n"), None]:
        found = _QUOTED.match(line) if line is not None else None
        own = found["marks"].count(">") if found else 0
        if lines and (line is None or own != depth):
            for block in text.read_body("\n".join(lines)):
                kind: BlockKind = "prose" if depth and block.kind == "item" else block.kind
                yield replace(block, kind=kind, text=f"{'>' * depth} {block.text}" if depth else block.text)
            lines = []
        if line is not None:
            depth = own
            lines.append(line[found.end() :] if found else line)


def _unflowed(words: str, *, joined: bool) -> str:
    """Lines that a blank at their end continues, put together again (RFC 3676)."""
    lines: list[str] = []
    flowing = False
    for line in words.split("\n"):
        found = _QUOTED.match(line)
        content = line[found.end() :] if found else line.removeprefix(" ")
        if flowing and line != "-- ":
            lines[-1] = (lines[-1][:-1] if joined else lines[-1]) + content
        else:
            lines.append(line if found else content)
        flowing = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


def _metadata(message: Message) -> dict[str, str]:
    found = {"title": _header(message, "Subject"), "author": _senders(message), "date": _day(message)}
    return {key: value for key, value in found.items() if value}


def _front(message: Message, metadata: dict[str, str]) -> list[Block]:
    title = [Block("title", metadata["title"], 0, 0)] if "title" in metadata else []
    lines = [f"{key}: {value}" for key in _SHOWN if (value := _header(message, key))]
    return title + [Block("masthead", line, 0, 0) for line in lines]


def _header(message: Message, key: str) -> str:
    """A header's text with its encoded words decoded, on one line."""
    raw = _whole(next((value for name, value in message.raw_items() if name.lower() == key.lower()), ""))
    raw = re.sub(r"\r?\n(?=[ \t])", "", raw)
    try:
        parts = decode_header(raw)
    except (HeaderParseError, binascii.Error, ValueError):
        return " ".join(raw.split())
    return " ".join("".join(_decoded(part, charset) for part, charset in parts).split())


def _decoded(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    try:
        return part.decode(charset or "ascii")
    except (LookupError, UnicodeError, ValueError):
        return part.decode("utf-8", "replace")


def _whole(value: object) -> str:
    """A header's value in which bytes beyond ASCII are what they mostly are, UTF-8."""
    return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _senders(message: Message) -> str:
    """Who sent it, by name where the header has one."""
    try:
        found = getaddresses([_header(message, "From")])
    except (ValueError, IndexError, AttributeError):
        found = []
    names = [name or address for name, address in found if name or address]
    return ", ".join(names) or _header(message, "From")


def _day(message: Message) -> str:
    try:
        return parsedate_to_datetime(_header(message, "Date")).date().isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        return ""


def _file_name(part: Message) -> str:
    try:
        return " ".join(_whole(part.get_filename() or "").split())
    except (LookupError, UnicodeError, ValueError):
        return ""


def _remarks(message: Message) -> tuple[str, ...]:
    attached = [
        part for part in _parts(message) if _is_attached(part) and part.get_content_maintype() != "multipart"
    ]
    attached = [part for part in attached if not part.get_content_type().endswith("-signature")]
    if not attached:
        return ()
    names = [_file_name(part) or part.get_content_type() for part in attached]
    many = len(names) > 1
    listed = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
    count = f"{len(names)} attachments were" if many else "1 attachment was"
    return (f"{count} not read: {listed}. Save {'each' if many else 'it'} as a file of its own.",)
