"""schemathesis over the whole OpenAPI document, with all its checks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from fakes_web import SUPPORTED, fake
from schemathesis.openapi.checks import UnsupportedMethodResponse  # noqa: F401 - the checks are those of OpenAPI

import server
from assistant.storage.repository import Storage

# CI may set more; the default keeps the run short.
EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "8"))


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    file: Path = tmp_path_factory.mktemp("contract") / "kept.sqlite3"
    storage = Storage(f"sqlite:///{file}")
    app = server.create_app(fake(SUPPORTED), (), storage)
    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    storage.close()


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)
def test_the_server_keeps_its_description(case: schemathesis.Case) -> None:
    case.call_and_validate()
