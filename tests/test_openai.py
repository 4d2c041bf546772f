"""OpenAI's interface, driven by the clients that people use, unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import numpy as np
import openai
import pytest
from fakes_web import LIBRARY, SUPPORTED, FakeAssistant, fake
from openai.types.chat import ChatCompletionMessageParam
from served import serving

import server
from assistant.answers import Question, Turn

CONVERSATION: list[ChatCompletionMessageParam] = [
    {"role": "system", "content": "Answer in the style of a pirate."},
    {"role": "user", "content": "Which harbour?"},
    {"role": "assistant", "content": "The harbour of Ellmouth."},
    {"role": "user", "content": [{"type": "text", "text": "How much did freight rise?"}]},
]
TURNS = (Turn("user", "Which harbour?"), Turn("assistant", "The harbour of Ellmouth."))


@pytest.fixture(scope="module")
def assistant() -> FakeAssistant:
    return fake(SUPPORTED)


@pytest.fixture(scope="module")
def url(assistant: FakeAssistant) -> Iterator[str]:
    with serving(server.create_app(assistant, examples=())) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", timeout=60, max_retries=0) as client:
        yield client


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["footnote", LIBRARY.encoder.name]
    assert client.models.retrieve("footnote").object == "model"
    with pytest.raises(openai.NotFoundError, match="There is no model 'gpt-4'"):
        client.models.retrieve("gpt-4")


def test_a_completion_cites_its_paragraphs(client: openai.OpenAI, assistant: FakeAssistant, url: str) -> None:
    done = client.chat.completions.create(
        model="footnote", messages=CONVERSATION, temperature=0.3, max_tokens=200, top_p=0.9, seed=1, user="u"
    )
    assert assistant.asked[-1] == Question("How much did freight rise?", TURNS)
    message = done.choices[0].message
    assert (message.content, done.choices[0].finish_reason) == (SUPPORTED.answer, "stop")
    assert message.annotations is not None
    (cited,) = message.annotations
    place = cited.url_citation
    assert message.content is not None
    assert message.content[place.start_index : place.end_index] == SUPPORTED.citations[0].quote
    assert place.url.startswith(f"{url}/documents/harbour?p=2&")
    page = httpx.get(place.url, timeout=60).text
    assert f'<mark id="quote">{SUPPORTED.citations[0].quote}</mark>' in page
    assert done.usage is not None
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens > 20
    assert done.model_extra is not None
    whole = done.model_extra["footnote"]
    assert (whole["verdict"], whole["citations"][0]["paragraph"]) == ("supported", 2)


def test_a_streamed_completion_ends_with_its_citations(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="footnote", messages=CONVERSATION, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    *told, last, counted = chunks
    assert "".join(chunk.choices[0].delta.content or "" for chunk in told) == SUPPORTED.answer
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].delta.model_extra is not None
    (cited,) = last.choices[0].delta.model_extra["annotations"]
    assert cited["url_citation"]["end_index"] == SUPPORTED.citations[0].answer_end
    assert last.model_extra is not None
    assert last.model_extra["footnote"]["short_answer"] == "54 percent"
    assert (counted.choices, counted.usage is not None) == ([], True)
    assert all(chunk.usage is None for chunk in told)


async def _streamed(url: str) -> str:
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", timeout=60) as client:
        stream = await client.chat.completions.create(model="footnote", messages=CONVERSATION, stream=True)
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


def test_the_async_client_streams_too(url: str) -> None:
    import anyio

    assert anyio.run(_streamed, url) == SUPPORTED.answer


@pytest.mark.parametrize(
    ("messages", "sentence"),
    [
        ([{"role": "system", "content": "Hello"}], "No message of role 'user' has words"),
        ([{"role": "user", "content": " "}], "No message of role 'user' has words"),
        ([{"role": "user", "content": "a" * 2001}], "at most 2000 are read"),
    ],
)
def test_a_conversation_without_a_question_says_so(
    client: openai.OpenAI, messages: list[ChatCompletionMessageParam], sentence: str
) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match=sentence) as caught:
        client.chat.completions.create(model="footnote", messages=messages)
    assert caught.value.type == "invalid_request_error"


def test_an_unknown_model_is_not_found(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="Ask for 'footnote'") as caught:
        client.chat.completions.create(model="gpt-4", messages=CONVERSATION)
    assert caught.value.code == "unknown_model"


def test_embeddings_are_those_of_the_index(client: openai.OpenAI) -> None:
    texts = ["a new berth", "the night ferry"]
    # The client asks for base64 unless told otherwise.
    done = client.embeddings.create(model=LIBRARY.encoder.name, input=texts)
    floats = client.embeddings.create(model=LIBRARY.encoder.name, input=texts[0], encoding_format="float")
    expected = LIBRARY.encoder.passages(texts)
    assert np.allclose([each.embedding for each in done.data], expected)
    assert np.allclose(floats.data[0].embedding, expected[0])
    assert done.usage.total_tokens == 6
    with pytest.raises(openai.NotFoundError, match="There is no encoder"):
        client.embeddings.create(model="text-embedding-3-small", input="a")
    with pytest.raises(openai.UnprocessableEntityError, match="dimensions"):
        client.embeddings.create(model=LIBRARY.encoder.name, input="a", dimensions=7)


def test_responses_cite_too(client: openai.OpenAI) -> None:
    done = client.responses.create(model="footnote", input="How much did freight rise?")
    assert done.output_text == SUPPORTED.answer
    (item,) = done.output
    assert item.type == "message"
    (part,) = item.content
    assert part.type == "output_text"
    place, file = part.annotations
    assert place.type == "url_citation"
    assert part.text[place.start_index : place.end_index] == SUPPORTED.citations[0].quote
    assert (file.type, getattr(file, "file_id", "")) == ("file_citation", "harbour")
    assert done.usage is not None
    assert done.usage.total_tokens > 10
    with client.responses.stream(model="footnote", input="How much did freight rise?") as stream:
        names = [event.type for event in stream]
        last = stream.get_final_response()
    assert (names[0], names[-1]) == ("response.created", "response.completed")
    assert names.count("response.output_text.annotation.added") == 2
    assert last.output_text == SUPPORTED.answer


def test_langchain_asks_and_streams(url: str) -> None:
    from langchain_core.messages import AIMessage, HumanMessage
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings
    from pydantic import SecretStr

    model = ChatOpenAI(model="footnote", base_url=f"{url}/v1", api_key=SecretStr("none"), timeout=60)
    history = [HumanMessage("Which harbour?"), AIMessage("Ellmouth's."), HumanMessage("How much?")]
    answer = model.invoke(history)
    assert answer.content == SUPPORTED.answer
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["output_tokens"] > 10
    assert "".join(str(chunk.content) for chunk in model.stream(history)) == SUPPORTED.answer
    newer = model.model_copy(update={"use_responses_api": True})
    assert newer.invoke(history).text == SUPPORTED.answer
    # Without the check, texts are sent as texts; with it, as the numbers of another model's tokens.
    embedding = OpenAIEmbeddings(
        model=LIBRARY.encoder.name,
        base_url=f"{url}/v1",
        api_key=SecretStr("none"),
        check_embedding_ctx_length=False,
    )
    assert np.allclose(embedding.embed_query("a new berth"), LIBRARY.encoder.passages(["a new berth"])[0])


def test_llama_index_asks_and_streams(url: str) -> None:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    model = OpenAILike(model="footnote", api_base=f"{url}/v1", api_key="none", is_chat_model=True, timeout=60)
    assert model.chat([ChatMessage(role="user", content="How much?")]).message.content == SUPPORTED.answer
    *_, last = model.stream_chat([ChatMessage(role="user", content="How much?")])
    assert last.message.content == SUPPORTED.answer
    assert str(model.complete("How much did freight rise?")) == SUPPORTED.answer


def open_webui(url: str) -> tuple[str, list[dict[str, object]]]:
    """The text and the sources that Open WebUI's middleware makes of a stream, line by line as it reads them."""
    text, sources = "", []
    body = {"model": "footnote", "messages": CONVERSATION, "stream": True}
    with httpx.stream("POST", f"{url}/v1/chat/completions", json=body, timeout=60) as response:
        for line in response.iter_lines():
            if not line.startswith("data:"):
                continue
            try:
                data = json.loads(line.removeprefix("data:").strip())
            except ValueError:
                assert "[DONE]" in line
                continue
            if "event" in data:
                sources.append(data["event"])
            for choice in data.get("choices", [])[:1]:
                text += choice["delta"].get("content") or ""
                for found in choice["delta"].get("annotations") or []:
                    place = found["url_citation"]
                    made = {"source": {"name": place["title"], "url": place["url"]}}
                    made |= {"document": [place["title"]]}
                    made |= {"metadata": [{"source": place["url"], "name": place["title"]}]}
                    sources.append({"type": "source", "data": made})
    return text, sources


def test_open_webui_shows_the_quote_as_a_source(url: str) -> None:
    text, sources = open_webui(url)
    assert text == SUPPORTED.answer
    assert [source["type"] for source in sources] == ["source", "source"]
    first, second = (source["data"] for source in sources)
    assert first["document"] == [SUPPORTED.citations[0].quote]  # type: ignore[index]
    # It gathers sources by this address, so that both are one, under the number of the citation.
    assert first["metadata"] == second["metadata"]  # type: ignore[index]
