"""Settings -> Assistant: the only place where objects are put together."""

from __future__ import annotations

from assistant.chat import Assistant
from assistant.chat_model import Budgets
from assistant.llm import OpenAILikeModel
from assistant.reader.evidence import SPAN_WEIGHTS, EvidenceReader, load_weights
from assistant.reader.span import SpanReader
from assistant.settings import Settings, SettingsError
from assistant.words import Rarity
from assistant.writer import Writer
from index.encoder import SentenceEncoder
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
    library = Library(where, encoder, reader=weights.name)
    texts = [paragraph.text for paragraph in library.all_paragraphs()]
    titles = {
        document.id: " ".join(part for part in (document.title, document.publisher) if part)
        for document in library.documents()
    }
    spans = SpanReader(SPAN_WEIGHTS, weights.span_sha256)
    reader = EvidenceReader(encoder, spans, Rarity(texts), titles, weights)
    abstain_below = weights.abstain_below if settings.abstain_below is None else settings.abstain_below
    return Assistant(
        library,
        reader,
        Vocabulary(texts, encoder.words()),
        abstain_below=abstain_below,
        writer=writer(settings),
    )


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
        raise SettingsError(f"ASSISTANT_LLM_URL is {settings.llm_url!r}: name it as http://host:port/v1.")
    model = OpenAILikeModel(
        settings.llm_url,
        settings.llm_model,
        key=settings.llm_key.get_secret_value() if settings.llm_key else None,
        window=settings.llm_window,
        budgets=Budgets(settings.llm_connect_seconds, settings.llm_first_seconds, settings.llm_total_seconds),
    )
    return Writer(model, unsupported=settings.llm_unsupported)
