"""The targets of fuzzing: each takes any bytes and checks what holds for all of them.

A target fails by an AssertionError, or by any exception that is not one of the project's own. They are run with
inputs that coverage guides (`drive.py`), with hypothesis and kept inputs (the tests), and by hand (`__main__.py`).
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import cast, get_args

from assistant.facts import contains, disagree, find_facts, missing_facts, same
from assistant.markers import SentenceStream, Written
from evals.fuzz.model import read_stream
from index.documents import Block, BlockKind, Document, Mark, Paragraph, content_hash
from index.errors import UnreadableFile
from index.paragraphs import number_paragraphs
from index.readers import Contents, read_file
from index.sentences import sentence_spans

DOCUMENT = Document("x", "T", None, None, None, None, None, "document", None, "en", "x", "0")
_KINDS = cast(tuple[BlockKind, ...], get_args(BlockKind))
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)
_PARTS = ("document", "footnotes", "endnotes", "styles", "numbering")

Target = Callable[[bytes], None]


def read(suffix: str, data: bytes) -> None:
    """A file of any bytes is read, the same each time, or named with the reason."""
    path = Path(f"file{suffix}")
    try:
        contents = read_file(path, data)
    except UnreadableFile as error:
        _check_sentence(str(error))
        return
    _check_contents(contents)
    _check_paragraphs(number_paragraphs(DOCUMENT, contents.blocks))
    assert read_file(path, data) == contents, "read twice, it is another"


def word(data: bytes) -> None:
    """As `read`, of bytes that are the insides of a Word document's parts, with 0 between them, or a whole archive."""
    if data[:2] != b"PK":
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("_rels/.rels", _RELATIONS)
            for name, inside in zip(_PARTS, data.split(b"\0"), strict=False):
                root = f'<w:{name} xmlns:w="{_WORD}" xmlns:r="{_OFFICE}">'.encode()
                archive.writestr(f"word/{name}.xml", root + inside + f"</w:{name}>".encode())
        data = packed.getvalue()
    read(".docx", data)


def blocks(data: bytes) -> None:
    """Blocks of any kinds, texts, pages, labels and marks become paragraphs with dense numbers, each with its notes."""
    found, at = [], 0
    for line in data.decode("utf-8", "replace").split("\x1e")[:200]:
        head, _, text = line.partition("\x1f")
        code = sum(head.encode()) if head else 0
        places = [ord(each) % (len(text) + 1) for each in head[2:6]]
        marks = tuple(Mark(str(ord(head[1]) % 9), place) for place in sorted(places)) if head[1:] else ()
        found.append(
            Block(
                _KINDS[code % len(_KINDS)],
                text,
                at,
                at + len(text),
                code % 5 or None,
                head[:1] or None,
                marks,
            )
        )
        at += len(text) + 1
    numbered = number_paragraphs(DOCUMENT, found)
    _check_paragraphs(numbered)
    assert number_paragraphs(DOCUMENT, found) == numbered


def sentences(data: bytes) -> None:
    """Sentence spans are in order, within the text, and hold every character that is no white space."""
    text = data.decode("utf-8", "replace")
    spans = sentence_spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    ends = [0, *(at for span in spans for at in span), len(text)]
    assert not "".join(text[a:b] for a, b in zip(ends[::2], ends[1::2], strict=True)).strip()


def facts(data: bytes) -> None:
    """Facts are slices of their text, in order; a text states its own, and comparing is symmetric."""
    text, _, other = data.decode("utf-8", "replace").partition("\x1e")
    found, others = find_facts(text), find_facts(other)
    assert all(fact.text == text[fact.start : fact.end] != "" for fact in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert missing_facts(text, text) == ()
    assert all(same(fact, fact) and not disagree(fact, fact) for fact in found)
    assert {fact.text for fact in missing_facts(text, other)} <= {fact.text for fact in found}
    for left, right in zip(found, others, strict=False):
        assert same(left, right) is same(right, left)
        assert disagree(left, right) is disagree(right, left)
    assert contains(text, other) in (True, False)


def written(data: bytes) -> None:
    """What a model writes becomes the same sentences however it is cut, and cites only what is there."""
    text = data.decode("utf-8", "replace")
    size = data[0] % 23 + 1 if data else 1
    whole = _sentences([text])
    assert _sentences([text[at : at + size] for at in range(0, len(text), size)]) == whole
    for one in whole:
        assert all(number in (1, 2, 3) for number in one.numbers)
        assert all(0 <= cut.at <= len(one.text) for cut in one.cuts)


def _sentences(pieces: Sequence[str]) -> list[Written]:
    stream = SentenceStream(3)
    return [one for piece in pieces for one in stream.feed(piece)] + stream.finish()


def _check_sentence(reason: str) -> None:
    assert reason.endswith((".", "?", "!")), reason
    assert "\n" not in reason, reason


def _check_contents(contents: Contents) -> None:
    for block in contents.blocks:
        assert 0 <= block.start <= block.end, block
        assert all(0 <= mark.at <= len(block.text) for mark in block.marks), block
        assert block.page is None or 1 <= block.page <= (contents.pages or 10**9), block
    assert all("\n" not in remark for remark in contents.remarks)
    assert all(isinstance(value, str) for value in contents.metadata.values())


def _check_paragraphs(found: Sequence[Paragraph]) -> None:
    assert [each.number for each in found] == list(range(len(found)))
    for each in found:
        each.text.encode()
        assert each.content_hash == content_hash(each.text)
        assert 0 <= each.start <= each.end, each
        places = [note.at for note in each.notes if note.at is not None]
        assert places == sorted(places), each
        assert all(note.at is None or 0 <= note.at <= len(each.text) for note in each.notes), each


TARGETS: Mapping[str, Target] = {
    "text": partial(read, ".txt"),
    "markdown": partial(read, ".md"),
    "html": partial(read, ".html"),
    "email": partial(read, ".eml"),
    "pdf": partial(read, ".pdf"),
    "docx": word,
    "blocks": blocks,
    "sentences": sentences,
    "facts": facts,
    "written": written,
    "stream": read_stream,
}
