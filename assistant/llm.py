"""The one file that talks to a chat model: any OpenAI-compatible server, through llama-index's OpenAILike.

Requests run on an event loop in a thread of their own, so that every wait can be cut off at its budget and a
reader who leaves cancels the request. Nothing of the vendors' leaves this file: pieces are text, exceptions ours.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import aclosing, suppress
from typing import Any

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
from index.addresses import without_password

_TRIES = 2
_LONGEST_PAUSE = 2.0
_END = None


class OpenAILikeModel:
    """A chat model behind an OpenAI-compatible server."""

    def __init__(
        self,
        url: str,
        model: str,
        *,
        key: str | None = None,
        window: int = 8192,
        budgets: Budgets | None = None,
    ) -> None:
        """`url` is the server's base, such as http://localhost:11434/v1; `window` is in tokens."""
        self.name = model
        self.window = window
        self.usage = Usage()
        self._url = url.rstrip("/")
        self._shown = without_password(self._url)
        self._key = key
        self._budgets = budgets or Budgets()
        self._lock = threading.Lock()
        self._opened: _Opened | None = None

    def stream(self, messages: Sequence[Message], *, most_tokens: int) -> Iterator[str]:
        """The answer as it is written.

        A request is tried again, after a random pause, only where nothing was written yet and the server was
        overloaded; all tries share the budgets.

        Raises:
            ModelError: as `assistant.chat_model` lists them.
        """
        opened = self._open()
        pieces: queue.Queue[str | ModelError | None] = queue.Queue()
        running = opened.run(self._pump(opened, list(messages), most_tokens, pieces))
        try:
            # The pump keeps the budgets; this limit only holds should its whole loop hang.
            while (piece := self._next(pieces)) is not _END:
                if isinstance(piece, ModelError):
                    raise piece
                yield piece
        finally:
            running.cancel()

    def close(self) -> None:
        """Close connections and end the thread."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _next(self, pieces: queue.Queue[str | ModelError | None]) -> str | ModelError | None:
        try:
            return pieces.get(timeout=self._budgets.total + 5)
        except queue.Empty:
            return ModelSlow(f"the model '{self.name}' took longer than {self._budgets.total:g} seconds")

    def _open(self) -> _Opened:
        with self._lock:
            if self._opened is None:
                try:
                    self._opened = _Opened(self._url, self.name, self._key, self._budgets)
                except ValueError as error:  # a name that has no chat completions
                    raise ModelRefused(f"the model '{self.name}' cannot be used for chat") from error
            return self._opened

    async def _pump(
        self,
        opened: _Opened,
        messages: list[Message],
        most_tokens: int,
        pieces: queue.Queue[str | ModelError | None],
    ) -> None:
        """Put pieces into the queue as they come, and last the end or the error."""
        written = ""
        counted: Usage | None = None
        try:
            async with asyncio.timeout(self._budgets.total):
                async with aclosing(self._chunks(opened, messages, most_tokens)) as chunks:
                    async for chunk in chunks:
                        counted = _counted(chunk) or counted
                        if chunk.delta:
                            written += chunk.delta
                            pieces.put(chunk.delta)
            pieces.put(_END)
        except TimeoutError:
            pieces.put(ModelSlow(f"the model '{self.name}' took longer than {self._budgets.total:g} seconds"))
        except ModelError as error:
            pieces.put(error)
        finally:
            sent = sum(count_tokens(message.content) for message in messages)
            with self._lock:
                self.usage += counted or Usage(1, sent, count_tokens(written))

    async def _chunks(
        self, opened: _Opened, messages: list[Message], most_tokens: int
    ) -> AsyncGenerator[Any, None]:
        """The chunks of the first try that gets one."""
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random

        finish = None
        busy: ModelBusy | None = None
        try:
            async with asyncio.timeout(self._budgets.first) as waiting:
                async for attempt in AsyncRetrying(
                    stop=stop_after_attempt(_TRIES),
                    wait=wait_random(0.1, _LONGEST_PAUSE),
                    retry=retry_if_exception_type(ModelBusy),
                    reraise=True,
                ):
                    with attempt:
                        try:
                            chunks = await self._asked(opened, messages, most_tokens)
                            first = await self._first(chunks)
                        except ModelBusy as error:
                            busy = error
                            raise
                waiting.reschedule(None)
                if first is None:
                    return
            yield first
            finish = _finish(first)
        except TimeoutError as error:
            slow = ModelSlow(f"the model '{self.name}' wrote nothing within {self._budgets.first:g} seconds")
            raise busy or slow from error
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    yield chunk
                    finish = _finish(chunk) or finish
        except _vendor_errors() as error:
            raise self._ours(error) from error
        if finish is None:
            raise ModelBrokeOff(f"the model '{self.name}' broke off in the middle")
        if finish == "content_filter":
            raise ModelRefused(f"the server of the model '{self.name}' withheld its answer")

    async def _asked(self, opened: _Opened, messages: list[Message], most_tokens: int) -> Any:
        from llama_index.core.base.llms.types import ChatMessage

        sent = [ChatMessage(role=message.role, content=message.content) for message in messages]
        try:
            return await opened.llm.astream_chat(sent, max_tokens=most_tokens, timeout=opened.timeout)
        except _vendor_errors() as error:
            raise self._ours(error) from error

    async def _first(self, chunks: Any) -> Any:
        """The first chunk that holds words, thoughts or a reason to end; None where the stream is empty."""
        try:
            async for chunk in chunks:
                if chunk.delta or chunk.additional_kwargs.get("thinking_delta") or _finish(chunk):
                    return chunk
        except _vendor_errors() as error:
            raise self._ours(error) from error
        return None

    def _ours(self, error: Exception) -> ModelError:
        """The vendor's exception as one of ours."""
        import httpx
        import openai

        who = f"the model '{self.name}'"
        if isinstance(error, openai.APITimeoutError | httpx.TimeoutException):
            return ModelUnreachable(f"the server of {who} at {self._shown} did not answer in time")
        if isinstance(error, openai.APIConnectionError | httpx.ConnectError):
            return ModelUnreachable(f"the server of {who} at {self._shown} cannot be reached")
        if isinstance(error, openai.NotFoundError):
            return ModelUnreachable(f"the server at {self._shown} knows no model '{self.name}'")
        if isinstance(error, openai.APIStatusError):
            if error.status_code in (408, 409, 425, 429) or error.status_code >= 500:
                return ModelBusy(f"the server of {who} is overloaded or failed (status {error.status_code})")
            return ModelRefused(f"the server of {who} refused the request (status {error.status_code})")
        if isinstance(error, openai.ContentFilterFinishReasonError):
            return ModelRefused(f"the server of {who} withheld its answer")
        if isinstance(error, httpx.TransportError | OSError):
            return ModelBrokeOff(f"the connection to {who} broke off")
        if isinstance(error, openai.APIError) and type(error) is openai.APIError:
            return ModelBusy(f"the server of {who} failed while writing")
        return ModelGarbled(f"the server of {who} sent something that is no answer")


class _Opened:
    """The client, and the thread whose event loop it lives on."""

    def __init__(self, url: str, model: str, key: str | None, budgets: Budgets) -> None:
        import httpx
        from llama_index.llms.openai_like import OpenAILike

        # Proxies of the environment are left aside and redirects not followed: the setting alone says where to.
        self.timeout = httpx.Timeout(budgets.total, connect=budgets.connect)
        self._http = httpx.AsyncClient(timeout=self.timeout, trust_env=False, follow_redirects=False)
        self.llm = OpenAILike(
            model=model,
            api_base=url,
            api_key=key or "none",
            is_chat_model=True,
            temperature=0.0,
            max_retries=0,
            timeout=budgets.total,
            async_http_client=self._http,
            additional_kwargs={"stream_options": {"include_usage": True}},
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True)
        self._thread.start()

    def run(self, work: Any) -> Future[None]:
        """Start a coroutine on the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """End what runs, close the client, end the thread."""
        with suppress(TimeoutError):
            self.run(self._shut()).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._thread.is_alive():
            self._loop.close()

    async def _shut(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._http.aclose()


def _vendor_errors() -> tuple[type[Exception], ...]:
    """What openai, httpx and llama-index raise: the last trips over garbage with Python's own errors."""
    import httpx
    import openai

    return (
        OSError,
        openai.OpenAIError,
        httpx.HTTPError,
        httpx.StreamError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
    )


def _finish(chunk: Any) -> str | None:
    """Why the model ended, on the chunk that says it."""
    choices = getattr(chunk.raw, "choices", None)
    return getattr(choices[0], "finish_reason", None) if choices else None


def _counted(chunk: Any) -> Usage | None:
    """The tokens as the server counts them, on the chunk that has them."""
    counts = chunk.additional_kwargs
    prompt, completion = counts.get("prompt_tokens"), counts.get("completion_tokens")
    return Usage(1, prompt, completion) if isinstance(prompt, int) and isinstance(completion, int) else None
