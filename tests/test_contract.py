"""schemathesis over the whole OpenAPI document, with all its checks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from fakes_web import SUPPORTED, fake
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

import server
from assistant.ingest import Ingest
from assistant.shelf import Shelf
from assistant.storage.repository import Storage
from index.receipts import Receipt

# The default keeps the run short. With CONTRACT_EXAMPLES=50 each operation gets so many, and all that its edges
# suggest.
WHOLE = "CONTRACT_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "3"))
# What JSON Schema cannot say of a valid request: that a file's name tells its type, and that a message of a user, of
# all messages, has words. These are refused with 422 though they fit.
UNSAYABLE = {"POST /v1/documents", "POST /v1/chat/completions", "POST /v1/responses"}

# A schema from a fixture does not work with this version of pytest.
app = server.create_app(fake(SUPPORTED), ())
# Each request enters and leaves the app's lifespan, from the one that reads the schema on, and a server that was
# stopped takes no more questions.
stop, app.state.service.stop = app.state.service.stop, lambda: None
config = SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": WHOLE}}})
schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config)


@pytest.fixture(scope="module", autouse=True)
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A database and a folder for what the requests write."""
    folder: Path = tmp_path_factory.mktemp("contract")
    with closing(Storage(f"sqlite:///{folder / 'kept.sqlite3'}")) as storage:
        app.state.service.storage = storage
        app.state.service.ingest = Ingest(Shelf(folder, folder / "aside", lambda _: Receipt((), 0)))
        yield
        stop()


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_the_server_keeps_its_description(case: schemathesis.Case) -> None:
    excluded = CHECKS.get_by_names(["positive_data_acceptance"]) if case.operation.label in UNSAYABLE else []
    case.call_and_validate(excluded_checks=excluded)
