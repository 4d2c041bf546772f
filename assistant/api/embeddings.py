"""POST /v1/embeddings: the index's encoder behind OpenAI's interface."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field

from . import kinds
from .deps import OpenLibrary
from .openapi import responses
from .problems import ProblemError

MAX_INPUTS = 512
"""Texts of one request."""

router = APIRouter(tags=["openai"])


class EmbeddingRequest(BaseModel):
    """Texts to be turned into vectors."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(description="The encoder's name, as GET /v1/models lists it.")
    input: str | Annotated[list[str], Field(min_length=1, max_length=MAX_INPUTS)] = Field(
        description="A text, or several. Lists of token numbers are not read."
    )
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, ge=1, description="Only the encoder's own number.")
    input_type: Literal["passage", "query"] = Field(
        "passage",
        description="Whether to embed as text to be found or as a question; no setting of OpenAI's.",
    )


@router.post(
    "/v1/embeddings",
    summary="Turn texts into vectors",
    responses=responses(kinds.UNKNOWN_MODEL, kinds.INVALID_REQUEST, kinds.BODY_TOO_LARGE, kinds.NOT_READY),
)
def embed(
    body: Annotated[
        EmbeddingRequest,
        Body(openapi_examples={"text": {"value": {"model": "all-MiniLM-L6-v2", "input": "A new berth"}}}),
    ],
    library: OpenLibrary,
) -> dict[str, Any]:
    """Vectors of length 1, one for each text, in their order."""
    encoder = library.encoder
    if body.model != encoder.name:
        raise ProblemError(
            kinds.UNKNOWN_MODEL, f"There is no encoder {body.model!r} here. Ask for {encoder.name!r}."
        )
    texts = [body.input] if isinstance(body.input, str) else body.input
    vectors = encoder.queries(texts) if body.input_type == "query" else encoder.passages(texts)
    if body.dimensions not in (None, vectors.shape[1]):
        raise ProblemError(
            kinds.INVALID_REQUEST,
            f"The field 'dimensions' is not usable: the vectors have {vectors.shape[1]} dimensions, "
            f"not {body.dimensions}.",
        )
    coded = body.encoding_format == "base64"
    data = [
        {
            "object": "embedding",
            "index": i,
            "embedding": base64.b64encode(row.astype("<f4").tobytes()).decode() if coded else row.tolist(),
        }
        for i, row in enumerate(vectors)
    ]
    tokens = sum(encoder.count_tokens(text) for text in texts)
    return {
        "object": "list",
        "data": data,
        "model": encoder.name,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
