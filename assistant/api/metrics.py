"""GET /metrics: what Prometheus reads. The one file that imports prometheus_client."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from assistant.version import VERSION

from .run import Run
from .service import Service

ANSWER_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_TOGETHER: Mapping[str, Callable[[Iterable[float]], float]] = {
    "footnote_documents": max, "footnote_paragraphs": max, "footnote_info": max, "footnote_ready": min,
}  # fmt: skip

router = APIRouter(tags=["operation"])


class Metrics:
    """The counters of one app. What stands for a state is read when Prometheus asks."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "footnote_requests_total", "Requests.", ("method", "route", "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "footnote_request_seconds",
            "Time to the end of the response.",
            ("route",),
            buckets=ANSWER_SECONDS,
            registry=registry,
        )
        self._answers = Counter(
            "footnote_answers_total",
            "Answers; those with verdict not_in_corpus are abstentions.",
            ("verdict", "mode"),
            registry=registry,
        )
        self._failures = Counter(
            "footnote_failures_total", "Questions that ended without an answer.", registry=registry
        )
        self._answer_seconds = Histogram(
            "footnote_answer_seconds",
            "Time from the question to its answer, the wait included.",
            buckets=ANSWER_SECONDS,
            registry=registry,
        )
        self._step_seconds = Histogram(
            "footnote_step_seconds",
            "Time of one step of an answer.",
            ("step",),
            buckets=ANSWER_SECONDS,
            registry=registry,
        )
        info = Gauge("footnote_info", "The version.", ("version",), registry=registry)
        info.labels(VERSION).set(1)
        self._gauges(registry)
        service.runs.observers.append(self.observe_run)

    def _gauges(self, registry: CollectorRegistry) -> None:
        runs = self._service.runs
        for name, meaning, read in (
            ("running", "Questions that are being answered.", lambda: runs.running),
            ("waiting", "Questions that wait for their turn.", lambda: runs.waiting),
            ("documents", "Documents in the index.", lambda: self._counted()[0]),
            ("paragraphs", "Paragraphs in the index.", lambda: self._counted()[1]),
            ("ready", "Whether questions can be answered.", lambda: self._service.assistant is not None),
        ):
            Gauge(f"footnote_{name}", meaning, registry=registry).set_function(read)

    def _counted(self) -> tuple[int, int]:
        assistant = self._service.assistant
        if assistant is None:
            return 0, 0
        documents = assistant.library.documents()
        return len(documents), sum(len(assistant.library.paragraphs(each.id)) for each in documents)

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a response."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def observe_run(self, run: Run) -> None:
        """Count an answer and its steps."""
        answer = run.answer
        if answer is None:
            self._failures.inc()
            return
        self._answers.labels(answer.verdict, answer.mode).inc()
        self._answer_seconds.observe(run.seconds)
        for step, milliseconds in answer.timings_ms.items():
            self._step_seconds.labels(step).observe(milliseconds / 1000)


@router.get(
    "/metrics",
    summary="What Prometheus reads",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Counters of requests, answers, verdicts and failures, times of the steps, the queue, and the index's size.

    Of several workers their sum.
    """
    text = await run_in_threadpool(generate_latest, request.app.state.metrics.registry)
    peers = getattr(request.state, "peers", None)
    others = await peers.others(request) if peers is not None else []
    if others:
        text = summed([text.decode(), *(each.text for each in others if each.status_code == 200)])
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def summed(texts: Sequence[str]) -> bytes:
    """What several workers count, as one: sums, and of what is the same in all of them the largest, or the smallest
    of whether they are ready."""
    families: dict[str, Metric] = {}
    values: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], list[float]]] = {}
    for family in (family for text in texts for family in text_string_to_metric_families(text)):
        families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
        for sample in family.samples:
            place = (sample.name, tuple(sorted(sample.labels.items())))
            values.setdefault(family.name, {}).setdefault(place, []).append(sample.value)
    for name, family in families.items():
        together = _TOGETHER.get(name, min if name.endswith("_created") else sum)
        for (sample_name, labels), found in values.get(name, {}).items():
            family.add_sample(sample_name, dict(labels), together(found))
    registry = CollectorRegistry()
    registry.register(_Fixed(families.values()))
    return generate_latest(registry)


class _Fixed(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = tuple(families)

    def collect(self) -> Iterable[Metric]:
        """The families that were given."""
        return self._families
