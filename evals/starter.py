"""The baseline: the llama-index starter pipeline on the same files with the same encoder.

What it is: `VectorStoreIndex.from_documents` over the decoded files, split by `SentenceSplitter`
(defaults of the library: 1024 tokens a chunk, 200 of overlap), vectors in memory, the chunks with the
highest cosine first. As in the starter, a chunk is embedded under its file's path (here the file's
name alone, so that figures do not depend on where the folder lies). It answers as the starter can
without a language model: the text of the first chunk, never "the documents do not say".

How its hits are counted, so that it is treated fairly:

- A chunk counts as the paragraph with which it shares the most characters of the file.
- Two chunks of one paragraph take one rank, so the second does not push others down.
- Beside that the lenient count is reported: whether the chunk overlaps the right paragraph at all.
- Its answer cites every paragraph that its chunk overlaps: a chunk is the finest place it can name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answers import Answer, Citation, CitedNote
from evals.cases import Label, label
from evals.scores import Ranked, Span
from index.corpus import ReadDocument, list_files, read_document
from index.documents import Document, Paragraph
from index.encoder import Encoder
from index.readers.decode import decode


@dataclass(frozen=True, slots=True)
class Chunk:
    """A retrieved chunk: its text, its document, its span in the decoded file and its cosine."""

    document_id: str
    text: str
    start: int
    end: int
    score: float


class Starter:
    """llama-index's starter over the text files of a folder."""

    evidence = None

    def __init__(
        self, name: str, corpus: Path, encoder: Encoder, *, chunk_size: int, chunk_overlap: int
    ) -> None:
        from llama_index.core import Document, VectorStoreIndex
        from llama_index.core.node_parser import SentenceSplitter

        from index.pipeline import EncoderEmbedding

        self.name = name
        self.version = f"{chunk_size} tokens, {chunk_overlap} overlap, {encoder.name}"
        self.about = {"encoder": encoder.name, "chunk": f"{chunk_size} tokens, {chunk_overlap} overlap"}
        files = list_files(corpus)
        self._read = {file.id: read_document(file, corpus) for file in files}
        documents = [
            Document(
                text=decode(file.path.name, file.path.read_bytes())[0],
                metadata={"file_path": file.path.name, "id": file.id},
                excluded_embed_metadata_keys=["id"],
                excluded_llm_metadata_keys=["id"],
            )
            for file in files
        ]
        index = VectorStoreIndex.from_documents(
            documents,
            transformations=[SentenceSplitter(chunk_size=chunk_size, chunk_overlap=chunk_overlap)],
            embed_model=EncoderEmbedding(encoder),
        )
        self._retriever: Any = index.as_retriever
        self.chunks = len(index.docstore.docs)

    @property
    def labels(self) -> frozenset[Label]:
        """Our paragraphs of the same files: its chunks are mapped to them."""
        return frozenset(
            label(each.document_id, each.number) for read in self._read.values() for each in read.paragraphs
        )

    def retrieve(self, question: str, k: int) -> list[Ranked]:
        """The best `k` chunks, each as the paragraphs that it overlaps."""
        return [place(chunk, self._read[chunk.document_id]) for chunk in self.chunks_for(question, k)]

    def answer(self, question: str, history: Sequence[str], documents: Sequence[str] = ()) -> Answer:
        """The first chunk's text; a question's history is not used."""
        chunks = self.chunks_for(question, self.chunks if documents else 1)
        chunk = next(one for one in chunks if not documents or one.document_id in documents)
        read = self._read[chunk.document_id]
        touches = place(chunk, read).touches
        paragraphs = [each for each in read.paragraphs if label(each.document_id, each.number) in touches]
        titles = {chunk.document_id: read.document}
        return quoting(question, chunk.text, paragraphs, titles, chunk.score, self.version)

    def chunks_for(self, question: str, k: int) -> list[Chunk]:
        """The best `k` chunks, best first."""
        nodes = self._retriever(similarity_top_k=k).retrieve(question)
        return [
            Chunk(
                document_id=node.node.metadata["id"],
                text=node.node.get_content(),
                start=node.node.start_char_idx or 0,
                end=node.node.end_char_idx or 0,
                score=float(node.score or 0.0),
            )
            for node in nodes
        ]


def place(chunk: Chunk, read: ReadDocument) -> Ranked:
    """Where a chunk lies among the paragraphs of its document, counted in shared characters."""
    shared = {
        label(each.document_id, each.number): min(chunk.end, each.end) - max(chunk.start, each.start)
        for each in read.paragraphs
    }
    touched = {name: size for name, size in shared.items() if size > 0}
    most = max(touched, key=lambda name: touched[name], default=None)
    return Ranked(most, frozenset(touched), Span(chunk.document_id, chunk.start, chunk.end))


def quoting(
    question: str,
    text: str,
    paragraphs: Sequence[Paragraph],
    documents: Mapping[str, Document],
    score: float,
    version: str,
) -> Answer:
    """A text as the answer, citing whole paragraphs of these documents, unchecked."""
    return Answer(
        id="",
        question=question,
        standalone_question=question,
        verdict="supported",
        answer=text,
        short_answer=None,
        mode="extractive",
        degraded=None,
        model=None,
        confidence=1.0,
        citations=tuple(_citation(each, documents[each.document_id], text, score) for each in paragraphs),
        looked_at=(),
        corpus_version=version,
        timings_ms={},
    )


def _citation(paragraph: Paragraph, document: Document, text: str, score: float) -> Citation:
    return Citation(
        number=1,
        answer_start=0,
        answer_end=len(text),
        document_id=paragraph.document_id,
        title=document.title,
        publisher=document.publisher,
        date=document.date,
        paragraph=paragraph.number,
        heading=paragraph.heading,
        page=paragraph.page,
        permalink=paragraph.permalink,
        quote=paragraph.text,
        start=0,
        end=len(paragraph.text),
        content_hash=paragraph.content_hash,
        score=score,
        check="unverified",
        missing_facts=(),
        notes=tuple(CitedNote(note.number, note.text, note.url) for note in paragraph.notes),
    )
