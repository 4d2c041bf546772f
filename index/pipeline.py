"""Paragraphs -> nodes -> vectors: llama-index's ingestion pipeline, with our node parser and encoder.

Imported only where paragraphs are embedded, since llama-index takes seconds to import.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser.interface import NodeParser
from llama_index.core.schema import BaseNode, TextNode

from index.documents import Document, Paragraph
from index.encoder import Encoder
from index.records import VECTOR_LAYOUT, VectorKey, VectorKind
from index.sentences import sentence_spans
from index.store import VectorStore

_BATCH = 512
"""Chunks that are stored at a time: each time costs Chroma a transaction on disk."""
_EMBEDDED = 128
"""Chunks that are embedded at a time, and told of."""
_HIDDEN = ["document", "kind"]


@dataclass(frozen=True, slots=True)
class Chunk:
    """What becomes one vector: a paragraph (or a window of its sentences), or one sentence."""

    key: VectorKey
    text: str
    context: str


def chunks_of(document: Document, paragraph: Paragraph, encoder: Encoder) -> list[Chunk]:
    """The chunks of a paragraph: windows of whole sentences with title and heading, and its sentences."""
    context = "\n".join(part for part in (document.title, paragraph.heading) if part)
    if paragraph.number == 0:
        context = ""  # it says the title itself
    context = next(_fitting(context, encoder, encoder.window // 3))  # of a title without end, the beginning
    room = encoder.window - encoder.count_tokens(context) - 4
    windows = _windows(paragraph.text, encoder, room)
    chunks = [_chunk(paragraph, "paragraph", window, context) for window in windows]
    sentences = [paragraph.text[start:end] for start, end in sentence_spans(paragraph.text)]
    for sentence in sentences:
        for part in _windows(sentence, encoder, encoder.window):
            chunks.append(_chunk(paragraph, "sentence", part, ""))
    return chunks


def _chunk(paragraph: Paragraph, kind: VectorKind, text: str, context: str) -> Chunk:
    identity = "\0".join((VECTOR_LAYOUT, paragraph.document_id, kind, context, text))
    key = hashlib.sha256(identity.encode()).hexdigest()[:32]
    return Chunk(VectorKey(key, paragraph.number, kind), text, context)


def _windows(text: str, encoder: Encoder, room: int) -> list[str]:
    """`text` whole if it fits into `room` tokens, else overlapping windows of whole sentences.

    A sentence longer than the room is cut, at white space where it has any, so that no words fall outside
    every window.
    """
    if _fits(text, encoder, room):
        return [text]
    parts = [part for start, end in sentence_spans(text) for part in _fitting(text[start:end], encoder, room)]
    sizes = [encoder.count_tokens(part) for part in parts]
    windows = []
    first = 0
    while first < len(parts):
        last, size = first, 0
        while last < len(parts) and (size + sizes[last] <= room or last == first):
            size += sizes[last]
            last += 1
        windows.append(" ".join(parts[first:last]))
        if last == len(parts):
            break
        # One sentence of overlap, where that still gets us on.
        first = last - 1 if last - first > 1 and sizes[last - 1] + sizes[last] <= room else last
    return windows


def _fitting(sentence: str, encoder: Encoder, room: int) -> Iterator[str]:
    if len(sentence) < 2 or _fits(sentence, encoder, room):
        yield sentence
        return
    words = sentence.split()
    parts, blank = (words, " ") if len(words) > 1 else (list(sentence), "")
    half = len(parts) // 2
    yield from _fitting(blank.join(parts[:half]), encoder, room)
    yield from _fitting(blank.join(parts[half:]), encoder, room)


def _fits(text: str, encoder: Encoder, room: int) -> bool:
    """Whether a text has at most `room` tokens, which are not counted where it has no more characters."""
    return (len(text) < room and text.isascii()) or encoder.count_tokens(text) <= room


class ChunkParser(NodeParser):
    """Paragraph nodes -> chunk nodes. A paragraph node carries its chunks' texts already counted."""

    _chunks: dict[str, Chunk] = PrivateAttr()

    def __init__(self, chunks: dict[str, Chunk]) -> None:
        super().__init__(include_metadata=False, include_prev_next_rel=False)
        self._chunks = chunks

    def _parse_nodes(
        self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any
    ) -> list[BaseNode]:
        return [self._node(node.metadata["document"], self._chunks[node.node_id]) for node in nodes]

    def _node(self, document_id: str, chunk: Chunk) -> TextNode:
        return TextNode(
            id_=chunk.key.key,
            text=chunk.text,
            metadata={
                "document": document_id,  # llama-index writes a "document_id" of its own
                "kind": chunk.key.kind,
                "context": chunk.context,
            },
            excluded_embed_metadata_keys=_HIDDEN,
            metadata_template="{value}",
            text_template="{metadata_str}\n{content}",
        )


class EncoderEmbedding(BaseEmbedding):
    """Our encoder as llama-index's embedding model."""

    _encoder: Encoder = PrivateAttr()
    _advance: Callable[[int], None] = PrivateAttr()

    def __init__(self, encoder: Encoder, advance: Callable[[int], None] = lambda _: None) -> None:
        """`advance` is called with the number of texts of each batch once they are embedded."""
        super().__init__(model_name=encoder.name, embed_batch_size=_EMBEDDED)
        self._encoder = encoder
        self._advance = advance

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors = self._encoder.passages([text.strip() for text in texts])
        self._advance(len(texts))
        return [vector.tolist() for vector in vectors]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query: str) -> list[float]:
        return list(self._encoder.queries([query])[0].tolist())

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def vectors_of(chunks: Sequence[tuple[str, Chunk]], encoder: Encoder) -> list[list[float]]:
    """The vectors that `ingest` would store of chunks, each after its document's id."""
    parser = ChunkParser({chunk.key.key: chunk for _, chunk in chunks})
    nodes = [TextNode(id_=chunk.key.key, text="", metadata={"document": id}) for id, chunk in chunks]
    return [node.embedding or [] for node in EncoderEmbedding(encoder)(parser(nodes))]


def ingest(
    store: VectorStore,
    encoder: Encoder,
    document_id: str,
    chunks: Sequence[Chunk],
    advance: Callable[[int], None],
) -> None:
    """Embed `chunks` of a document and add them to the store, batch by batch.

    `advance` is called with the number of chunks embedded after each batch.
    """
    for at in range(0, len(chunks), _BATCH):
        batch = {chunk.key.key: chunk for chunk in chunks[at : at + _BATCH]}
        pipeline = IngestionPipeline(
            transformations=[ChunkParser(batch), EncoderEmbedding(encoder, advance)],
            disable_cache=True,
        )
        nodes = [TextNode(id_=key, text="", metadata={"document": document_id}) for key in batch]
        store.add(pipeline.run(nodes=nodes))
