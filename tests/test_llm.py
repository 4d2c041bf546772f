"""The chat model's client against real HTTP: what streams, what stalls, what breaks, and what is told of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import httpx
import openai
import pytest
from fakes_llm import Raw, ScriptedServer, Status, Words, says, scripted_server

from assistant.chat_model import (
    Budgets,
    Message,
    ModelBrokeOff,
    ModelBusy,
    ModelError,
    ModelGarbled,
    ModelRefused,
    ModelSlow,
    ModelUnreachable,
    Usage,
    count_tokens,
)
from assistant.llm import OpenAILikeModel

ASKED = [Message("system", "Answer."), Message("user", "How long is the berth?")]
PATIENT = Budgets(connect=5, first=30, total=60)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server(says("The berth is 210 metres long. [1]")) as running:
        yield running


@pytest.fixture
def model(server: ScriptedServer) -> Iterator[OpenAILikeModel]:
    opened = OpenAILikeModel(server.url, "scripted", key="a-key", budgets=PATIENT)
    yield opened
    opened.close()


def written(model: OpenAILikeModel) -> str:
    return "".join(model.stream(ASKED, most_tokens=50))


def impatient(server: ScriptedServer, *, first: float = 0.6, total: float = 1.2) -> OpenAILikeModel:
    return OpenAILikeModel(server.url, "scripted", budgets=Budgets(5, first, total))


def test_what_is_written_comes_whole(server: ScriptedServer, model: OpenAILikeModel) -> None:
    assert written(model) == "The berth is 210 metres long. [1]"
    (request,) = server.requests
    assert request["messages"] == [
        {"role": "system", "content": "Answer."},
        {"role": "user", "content": "How long is the berth?"},
    ]
    assert (request["model"], request["stream"], request["max_tokens"]) == ("scripted", True, 50)
    assert request["temperature"] == 0
    assert server.headers[0]["Authorization"] == "Bearer a-key"


def test_words_come_before_the_last_are_written(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Words(["One. ", "Two. ", "Three."], pause=0.4))
    came = []
    for piece in model.stream(ASKED, most_tokens=50):
        came.append((piece, time.monotonic()))
    assert [piece for piece, _ in came] == ["One. ", "Two. ", "Three."]
    assert came[0][1] < server.sent[-1]


def test_tokens_are_counted_as_the_server_does(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Words(["One."], tokens=(40, 2)), Words(["Two."], tokens=(50, 3)))
    written(model), written(model)
    assert model.usage == Usage(2, 90, 5)


def test_without_a_count_tokens_are_estimated(model: OpenAILikeModel) -> None:
    text = written(model)
    sent = sum(count_tokens(message.content) for message in ASKED)
    assert model.usage == Usage(1, sent, count_tokens(text))


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        (Status(401), ModelRefused, "refused the request (status 401)"),
        (Status(400), ModelRefused, "refused the request (status 400)"),
        (Status(404), ModelUnreachable, "knows no model 'scripted'"),
        (Status(429), ModelBusy, "overloaded or failed (status 429)"),
        (Status(500, "<html>oops</html>"), ModelBusy, "overloaded or failed (status 500)"),
        (Raw(b"data: {not json\n\n"), ModelGarbled, "no answer"),
        (Raw(b'data: {"choices": 7}\n\n'), ModelGarbled, "no answer"),
        (Raw(b"data: [1, 2]\n\n"), ModelGarbled, "no answer"),
        (Raw(b"\x00\xff\xfe"), ModelGarbled, "no answer"),
        (Raw(b'data: {"error": {"message": "out of memory"}}\n\n'), ModelBusy, "failed while writing"),
        (Words(["One. ", "Two."], finish=None), ModelBrokeOff, "broke off"),
        (Words(["One. ", "Two. ", "Three."], breaks=2), ModelBrokeOff, "broke off"),
        (Words(["I "], finish="content_filter"), ModelRefused, "withheld"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
def test_what_goes_wrong_is_told_in_our_words(
    server: ScriptedServer,
    model: OpenAILikeModel,
    script: Words | Status | Raw,
    error: type[ModelError],
    said: str,
) -> None:
    server.script(script)
    with pytest.raises(error) as raised:
        written(model)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("body", [b"", b"data: [DONE]\n\n", b"<html>hello</html>"])
def test_a_stream_of_nothing_is_nothing(server: ScriptedServer, model: OpenAILikeModel, body: bytes) -> None:
    server.script(Raw(body))
    assert written(model) == ""


def test_pieces_before_a_break_are_given(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Words(["One. ", "Two. ", "Three."], breaks=2))
    stream = model.stream(ASKED, most_tokens=50)
    assert [next(stream), next(stream)] == ["One. ", "Two. "]
    with pytest.raises(ModelBrokeOff):
        next(stream)


def test_an_overloaded_server_is_asked_once_more(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Status(429), says("Now."))
    assert written(model) == "Now."
    assert len(server.requests) == 2


def test_nothing_is_asked_again_once_words_came(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Words(["One. ", "Two."], breaks=1), says("Again."))
    with pytest.raises(ModelBrokeOff):
        written(model)
    assert len(server.requests) == 1


def test_a_refusal_is_not_asked_again(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Status(400), says("Now."))
    with pytest.raises(ModelRefused):
        written(model)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (Words(["Late."], wait=30), "wrote nothing within"),
        (Raw(b"data: [DONE]\n\n", pings=400), "wrote nothing within"),
        (Words(["word "] * 200, pause=0.1), "took longer than"),
        (Words(["One. ", "Two."], pause=30), "took longer than"),
    ],
    ids=["no head", "comments only", "slowly on and on", "stalled"],
)
def test_no_wait_is_longer_than_its_budget(server: ScriptedServer, script: Words | Raw, said: str) -> None:
    server.script(script)
    model = impatient(server)
    started = time.monotonic()
    try:
        with pytest.raises(ModelSlow, match=said):
            written(model)
    finally:
        model.close()
    assert time.monotonic() - started < 15


def test_tries_share_the_budget(server: ScriptedServer) -> None:
    server.script(Status(500), Words(["Late."], wait=30))
    model = impatient(server, first=3, total=6)
    try:
        with pytest.raises(ModelBusy):
            written(model)
    finally:
        model.close()


def test_a_server_that_is_not_there_is_told_at_once() -> None:
    model = OpenAILikeModel("http://127.0.0.1:9/v1", "gone", budgets=PATIENT)
    try:
        with pytest.raises(ModelUnreachable, match=r"at http://127\.0\.0\.1:9/v1 cannot be reached"):
            written(model)
    finally:
        model.close()


def test_a_reader_who_leaves_ends_the_request(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Words(["word "] * 1000, pause=0.02))
    stream = model.stream(ASKED, most_tokens=50)
    assert next(stream) == "word "
    stream.close()
    deadline = time.monotonic() + 20
    count = -1
    while count != len(server.sent) and time.monotonic() < deadline:
        count = len(server.sent)
        time.sleep(0.5)
    assert len(server.sent) < 1000


def test_several_may_ask_at_once(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Words(["One ", "two."], pause=0.05))
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(written(model))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == ["One two."] * 8


def test_a_redirect_is_not_followed(server: ScriptedServer, model: OpenAILikeModel) -> None:
    server.script(Status(307, '{"moved": true}'))
    with pytest.raises(ModelError):
        written(model)


def test_after_closing_it_opens_again(model: OpenAILikeModel) -> None:
    assert written(model)
    model.close()
    model.close()
    assert written(model)


def every_subclass(kind: type[Exception]) -> set[type[Exception]]:
    return {kind}.union(*(every_subclass(sub) for sub in kind.__subclasses__()))


def test_every_exception_of_the_vendors_becomes_one_of_ours(model: OpenAILikeModel) -> None:
    request = httpx.Request("POST", "http://127.0.0.1/v1")
    for kind in every_subclass(openai.OpenAIError) | every_subclass(httpx.TransportError):
        if issubclass(kind, openai.APIStatusError):
            response = httpx.Response(getattr(kind, "status_code", 500) or 500, request=request)
            error: Exception = kind.__new__(kind)
            error.status_code = response.status_code  # type: ignore[attr-defined]
        else:
            error = kind.__new__(kind)
        assert isinstance(model._ours(error), ModelError), kind


def test_tokens_cost_what_a_million_of_each_kind_costs() -> None:
    assert Usage(1, 2_000_000, 500_000).cost(0.5, 2) == 2.0
    assert Usage().cost(0.5, 2) == 0.0
