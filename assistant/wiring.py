"""Settings -> Assistant: the only place where objects are put together."""

from __future__ import annotations

from assistant.chat import Assistant
from assistant.reader.evidence import SPAN_WEIGHTS, EvidenceReader, load_weights
from assistant.reader.span import SpanReader
from assistant.settings import Settings
from assistant.shelf import Shelf
from assistant.storage.engine import default_url
from assistant.storage.repository import Storage
from assistant.words import Rarity
from index.encoder import Encoder, SentenceEncoder
from index.library import Library
from index.progress import Progress, unseen
from index.receipts import Receipt
from index.sync import Place, sync
from index.vocabulary import Vocabulary
from index.workers import Limits


def place(settings: Settings) -> Place:
    """Where the settings put corpus and index."""
    return Place(settings.corpus, settings.data, settings.chroma_url)


def limits(settings: Settings) -> Limits:
    """What the settings let the reading of one file take."""
    return Limits(seconds=settings.read_seconds)


def bring_up_to_date(
    settings: Settings, *, rebuild: bool = False, progress: Progress | None = None
) -> Receipt:
    """Sync the index with the corpus folder.

    Raises:
        FootnoteError: as `index.sync.sync`.
    """
    encoder = SentenceEncoder(settings.encoder)
    return sync(
        place(settings), encoder, rebuild=rebuild, limits=limits(settings), progress=progress or unseen
    )


def sync_with(settings: Settings, encoder: Encoder, progress: Progress) -> Receipt:
    """Sync the index with the corpus folder, with an encoder that is loaded already.

    Raises:
        FootnoteError: as `index.sync.sync`.
    """
    return sync(place(settings), encoder, limits=limits(settings), progress=progress)


def build(settings: Settings, progress: Progress | None = None) -> Assistant:
    """An assistant over an index that is up to date with the corpus folder.

    `progress` is called as files are read and chunks embedded.

    Raises:
        FootnoteError: the corpus, the index or the encoder cannot be used; the message says how to put it right.
    """
    encoder = SentenceEncoder(settings.encoder)
    where = place(settings)
    sync(where, encoder, limits=limits(settings), progress=progress or unseen)
    weights = load_weights()
    spans = SpanReader(SPAN_WEIGHTS, weights.span_sha256)
    abstain_below = weights.abstain_below if settings.abstain_below is None else settings.abstain_below

    def over(library: Library) -> Assistant:
        texts = [paragraph.text for paragraph in library.all_paragraphs()]
        titles = {
            document.id: " ".join(part for part in (document.title, document.publisher) if part)
            for document in library.documents()
        }
        reader = EvidenceReader(encoder, spans, Rarity(texts), titles, weights)
        vocabulary = Vocabulary(texts, encoder.words())
        return Assistant(library, reader, vocabulary, abstain_below=abstain_below, over=over)

    return over(Library(where, encoder, reader=weights.name))


def open_storage(settings: Settings) -> Storage:
    """The database of conversations, answers and feedback.

    Raises:
        StorageError: it cannot be opened; the message says how to put it right.
    """
    return Storage(settings.database_url or default_url(settings.data))


def open_shelf(settings: Settings, encoder: Encoder) -> Shelf:
    """The corpus folder, to be changed while an assistant with this encoder serves from its index."""
    where = place(settings)
    return Shelf(
        settings.corpus,
        where.folder / "removed",
        lambda progress: sync(where, encoder, limits=limits(settings), progress=progress),
    )
