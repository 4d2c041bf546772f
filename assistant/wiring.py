"""Settings -> Assistant: the only place where objects are put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from assistant.chat import Assistant
from assistant.chat_model import Budgets
from assistant.llm import OpenAILikeModel
from assistant.reader.evidence import SPAN_WEIGHTS, EvidenceReader, load_weights
from assistant.reader.span import SpanReader
from assistant.settings import Settings, SettingsError
from assistant.shelf import Shelf
from assistant.tallies import tally
from assistant.words import Rarity, stem_counts
from assistant.writer import Writer
from index.addresses import without_password
from index.chroma import ChromaServer
from index.encoder import Encoder, SentenceEncoder
from index.library import Library
from index.progress import Progress, unseen
from index.receipts import Receipt
from index.sync import Place, sync
from index.vocabulary import Vocabulary, word_counts
from index.workers import Limits

if TYPE_CHECKING:
    from assistant.storage.repository import Storage


class HasEncoder(Protocol):
    """A library, as far as a sync needs it."""

    @property
    def encoder(self) -> Encoder:
        """What its index was built with."""
        ...


def place(settings: Settings) -> Place:
    """Where the settings put corpus and index."""
    return Place(settings.corpus, settings.data, chroma_server(settings))


def chroma_server(settings: Settings) -> ChromaServer | None:
    """The Chroma server of the settings, if they name one."""
    if settings.chroma_url is None:
        return None
    header = settings.chroma_auth.get_secret_value() if settings.chroma_auth else None
    return ChromaServer(settings.chroma_url, settings.chroma_tenant, settings.chroma_database, header)


def limits(settings: Settings) -> Limits:
    """What the settings let the reading of one file take."""
    return Limits(seconds=settings.read_seconds)


def open_encoder(settings: Settings) -> SentenceEncoder:
    """The encoder of the settings; nothing is loaded yet."""
    return SentenceEncoder(settings.encoder, settings.precision)


def open_spans(settings: Settings) -> SpanReader:
    """The model that finds short answers; nothing is loaded yet."""
    return SpanReader(SPAN_WEIGHTS, load_weights().span_sha256, settings.precision)


def bring_up_to_date(
    settings: Settings, *, rebuild: bool = False, progress: Progress | None = None
) -> Receipt:
    """Sync the index with the corpus folder.

    Raises:
        FootnoteError: as `index.sync.sync`.
    """
    return sync(
        place(settings),
        open_encoder(settings),
        rebuild=rebuild,
        limits=limits(settings),
        progress=progress or unseen,
    )


def build(settings: Settings, progress: Progress | None = None) -> Assistant:
    """An assistant over an index that is up to date with the corpus folder.

    `progress` is called as files are read and chunks embedded.

    Raises:
        FootnoteError: the corpus, the index or the encoder cannot be used; the message says how to put it right.
    """
    encoder = open_encoder(settings)
    where = place(settings)
    sync(where, encoder, limits=limits(settings), progress=progress or unseen)
    weights = load_weights()
    spans = open_spans(settings)
    abstain_below = weights.abstain_below if settings.abstain_below is None else settings.abstain_below
    writes = writer(settings)

    def over(library: Library) -> Assistant:
        shards, folder = library.shards(), library.shard_folder
        rarity = Rarity(
            counted=tally(shards, folder, stem_counts), of=sum(len(paragraphs) for _, paragraphs in shards)
        )
        titles = {
            document.id: " ".join(part for part in (document.title, document.publisher) if part)
            for document in library.documents()
        }
        reader = EvidenceReader(encoder, spans, rarity, titles, weights)
        vocabulary = Vocabulary((), encoder.words(), tally(shards, folder, word_counts))
        return Assistant(library, reader, vocabulary, abstain_below=abstain_below, over=over, writer=writes)

    return over(Library(where, encoder, reader=weights.name))


def open_storage(settings: Settings) -> Storage:
    """The database of conversations, answers and feedback.

    Raises:
        StorageError: it cannot be opened; the message says how to put it right.
    """
    # Imported here: `ask` keeps nothing, and what the database is built on takes a good part of its start.
    from assistant.storage.engine import default_url
    from assistant.storage.repository import Storage

    return Storage(settings.database_url or default_url(settings.data))


def open_shelf(settings: Settings, library: Callable[[], HasEncoder]) -> Shelf:
    """The corpus folder, to be changed while an assistant serves from its index.

    `library` gives what it serves from now, and so sees to it that what was read can be cited when a sync is done.
    """
    where = place(settings)

    def update(progress: Progress) -> Receipt:
        receipt = sync(where, library().encoder, limits=limits(settings), progress=progress)
        library()
        return receipt

    return Shelf(settings.corpus, where.folder / "removed", update)


def writer(settings: Settings) -> Writer | None:
    """What has the chat model of the settings write; None where they name none. Nothing is connected yet.

    Raises:
        SettingsError: they name a server without a model, or a model without a server.
    """
    if settings.llm_url is None and settings.llm_model is None:
        return None
    if settings.llm_url is None or settings.llm_model is None:
        missing = "ASSISTANT_LLM_URL" if settings.llm_url is None else "ASSISTANT_LLM_MODEL"
        raise SettingsError(
            f"A chat model needs ASSISTANT_LLM_URL and ASSISTANT_LLM_MODEL, and {missing} is not set. "
            "Set it, or unset the other."
        )
    if not settings.llm_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"ASSISTANT_LLM_URL is {without_password(settings.llm_url)!r}: name it as http://host:port/v1."
        )
    model = OpenAILikeModel(
        settings.llm_url,
        settings.llm_model,
        key=settings.llm_key.get_secret_value() if settings.llm_key else None,
        window=settings.llm_window,
        budgets=Budgets(settings.llm_connect_seconds, settings.llm_first_seconds, settings.llm_total_seconds),
    )
    return Writer(model, unsupported=settings.llm_unsupported)
