"""What a route can ask for in its signature."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from assistant.storage.repository import Storage
from index.documents import Document

from .kinds import UNKNOWN_DOCUMENT
from .problems import ProblemError
from .protocols import Assistant, Library
from .run import ANYONE
from .runs import Runs
from .service import Service


def get_service(request: Request) -> Service:
    """The service of the app that handles this request."""
    service: Service = request.app.state.service
    return service


def get_assistant(service: Annotated[Service, Depends(get_service)]) -> Assistant:
    """The open assistant, else a 503 problem."""
    return service.opened()


def get_runs(service: Annotated[Service, Depends(get_service)]) -> Runs:
    """The questions being answered."""
    return service.runs


def get_owner(request: Request) -> str:
    """Whose answers and streams the request may see."""
    owner: str = getattr(request.state, "owner", ANYONE)
    return owner


def get_storage(service: Annotated[Service, Depends(get_service)]) -> Storage:
    """The open database, else a 503 problem."""
    return service.opened_storage()


def get_library(assistant: Annotated[Assistant, Depends(get_assistant)]) -> Library:
    """The open index, else a 503 problem."""
    return assistant.library


def find_document(library: Library, document_id: str) -> Document:
    """The document with this id, else a 404 problem."""
    document = library.document(document_id)
    if document is None:
        raise ProblemError(
            UNKNOWN_DOCUMENT,
            f"There is no document {document_id!r}. GET /v1/documents lists those there are.",
        )
    return document


def get_document(library: Annotated[Library, Depends(get_library)], document_id: str) -> Document:
    """The document that the path names, else a 404 problem."""
    return find_document(library, document_id)


OpenService = Annotated[Service, Depends(get_service)]
OpenAssistant = Annotated[Assistant, Depends(get_assistant)]
OpenRuns = Annotated[Runs, Depends(get_runs)]
OpenStorage = Annotated[Storage, Depends(get_storage)]
Owner = Annotated[str, Depends(get_owner)]
OpenLibrary = Annotated[Library, Depends(get_library)]
KnownDocument = Annotated[Document, Depends(get_document)]
