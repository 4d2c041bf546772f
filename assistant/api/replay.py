"""POST /v1/answers/{id}/replay: an answer's question on the corpus as it was; GET /v1/corpus/versions: what it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic.json_schema import SkipJsonSchema

from assistant.replay import Replay, compared, question_of, version_meant

from . import kinds
from .answers import get_kept
from .ask import ASK_PROBLEMS
from .deps import OpenLibrary, OpenRuns, OpenStorage, Owner
from .openapi import responses

router = APIRouter(tags=["answers"])


@dataclass(frozen=True, slots=True)
class HeldVersion:
    """A corpus version that can be asked, when it was first opened, and what read it then."""

    corpus_version: str
    opened_at: str
    encoder: str
    reader: str


@router.post(
    "/v1/answers/{answer_id}/replay",
    summary="Ask an answer's question again",
    responses=responses(kinds.UNKNOWN_ANSWER, kinds.VERSION_GONE, *ASK_PROBLEMS),
)
async def replay(
    answer_id: str,
    storage: OpenStorage,
    owner: Owner,
    runs: OpenRuns,
    corpus_version: Annotated[
        str | SkipJsonSchema[None],
        Query(
            description="The version to ask: one that GET /v1/corpus/versions lists, or `now`; "
            "by default the one that the answer was given on."
        ),
    ] = None,
) -> Replay:
    """Ask the same question, with the same history and documents, of the corpus as it was at a version.

    Paragraphs, search and citations are those of that version; an extractive answer is then the same, while a chat
    model may say it in other words.
    """
    kept = get_kept(answer_id, storage, owner)
    version = version_meant(kept, corpus_version)
    again = await runs.start(question_of(kept), owner, version).finished()
    return compared(kept.answer, again)


@router.get(
    "/v1/corpus/versions", summary="List the versions that can be asked", responses=responses(kinds.NOT_READY)
)
def versions(library: OpenLibrary) -> dict[str, tuple[HeldVersion, ...]]:
    """The corpus versions on which questions were answered and whose paragraphs are all kept, the latest first."""
    held = tuple(
        HeldVersion(each.version, each.opened_at, each.encoder, each.reader) for each in library.asked()
    )
    return {"versions": held}
