"""Uploading and removing documents, and GET /v1/jobs: how far that has got."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, UploadFile
from fastapi.responses import JSONResponse

from assistant.ingest import Ingest, Job
from index.errors import IndexMissing
from index.readers import MAX_BYTES

from . import kinds
from .deps import KnownDocument, OpenService
from .openapi import responses
from .problems import ProblemError
from .writes import WriteOnce

router = APIRouter(tags=["documents"])


def get_ingest(service: OpenService) -> Ingest:
    """What changes the corpus folder, else a 503 problem."""
    if service.ingest is None:
        raise IndexMissing(service.failure)
    return service.ingest


OpenIngest = Annotated[Ingest, Depends(get_ingest)]
_JOB: dict[int | str, dict[str, Any]] = {
    202: {"description": "The job that reads the change; Location is its address.", "model": Job}
}
_WRITE = (kinds.KEY_REUSED, kinds.KEY_IN_USE, kinds.INVALID_REQUEST, kinds.NOT_READY)


@router.post(
    "/v1/documents",
    status_code=202,
    response_class=JSONResponse,
    summary="Upload documents",
    responses={
        **_JOB,
        **responses(
            kinds.MALFORMED_BODY, kinds.UNREADABLE_FILE, kinds.FILE_TOO_LARGE, kinds.BODY_TOO_LARGE, *_WRITE
        ),
    },
)
def upload(
    files: Annotated[list[UploadFile], File(description=f"At most {MAX_BYTES // 1_000_000} MB together.")],
    ingest: OpenIngest,
    once: WriteOnce,
) -> JSONResponse:
    """Put files into the corpus folder, in place of those of the same names, and read them. The job tells how it goes;
    a file that cannot be read is named in its receipt."""
    read = [(file.filename or "", file.file.read()) for file in files]
    sent = [[name, hashlib.sha256(data).hexdigest()] for name, data in read]

    def work() -> tuple[int, dict[str, Any], str]:
        job = ingest.add(read)
        return 202, job.to_dict(), ", ".join(job.files)

    return once.do(sent, "document.add", work)


@router.delete(
    "/v1/documents/{document_id}",
    status_code=202,
    response_class=JSONResponse,
    summary="Remove a document",
    responses={
        **_JOB,
        **responses(
            kinds.UNKNOWN_DOCUMENT, kinds.DESCRIBED_FILE, kinds.LAST_DOCUMENT, kinds.UNREADABLE_FILE, *_WRITE
        ),
    },
)
def remove(document: KnownDocument, ingest: OpenIngest, once: WriteOnce) -> JSONResponse:
    """Delete the document's file and take it out of the index, with its former versions."""

    def work() -> tuple[int, dict[str, Any], str]:
        return 202, ingest.remove(document).to_dict(), document.id

    return once.do(document.id, "document.remove", work)


@router.get("/v1/jobs", summary="List the jobs", responses=responses(kinds.NOT_READY))
def jobs(ingest: OpenIngest) -> dict[str, tuple[Job, ...]]:
    """The last jobs, the latest first."""
    return {"jobs": ingest.jobs()}


@router.get(
    "/v1/jobs/{job_id}",
    summary="See how far a job is",
    responses=responses(kinds.UNKNOWN_JOB, kinds.NOT_READY),
)
def job(job_id: str, ingest: OpenIngest) -> Job:
    """`state` is queued, running, done or failed; `progress` says which file is read or embedded, and how far; when
    done, `receipt` says what became of each file."""
    found = ingest.job(job_id)
    if found is None:
        raise ProblemError(
            kinds.UNKNOWN_JOB, f"There is no job {job_id!r}. GET /v1/jobs lists those that are kept."
        )
    return found
