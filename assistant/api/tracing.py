"""OpenTelemetry traces, where a setting says where to: a span for each request, and one for each step of an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.version import VERSION

from .run import Run

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider


def otlp(endpoint: str) -> SpanProcessor:
    """Sends spans to an OTLP collector over gRPC, such as http://127.0.0.1:4317."""
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    insecure = not endpoint.startswith("https://")
    return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, insecure=insecure))


def make_provider(processor: SpanProcessor) -> TracerProvider:
    """A provider of spans that tell nothing of what people ask."""
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider

    class WithoutQueries(SpanProcessor):
        """Blanks the query of an address: it holds what people search for."""

        def on_start(self, span: Span, parent_context: Context | None = None) -> None:
            if "url.query" in (span.attributes or {}):
                span.set_attribute("url.query", "")

    provider = TracerProvider(
        resource=Resource.create({"service.name": "footnote", "service.version": VERSION})
    )
    provider.add_span_processor(WithoutQueries())
    provider.add_span_processor(processor)
    return provider


def observer(provider: TracerProvider) -> Callable[[Run], None]:
    """Tells a finished run as spans: the answer, and within it its steps, one after another as they were."""
    from opentelemetry import trace

    tracer = provider.get_tracer("footnote", VERSION)

    def observe(run: Run) -> None:
        answer, now = run.answer, time.time_ns()
        begun = now - int(run.seconds * 1e9)
        # Neither question nor answer: a trace goes to another machine.
        about = {"request_id": run.request_id, "verdict": answer.verdict if answer else "none"}
        if answer:
            about |= {"answer_id": answer.id, "mode": answer.mode, "corpus_version": answer.corpus_version}
        span = tracer.start_span("answer", context=run.trace, start_time=begun, attributes=about)
        steps = answer.timings_ms if answer else {}
        at = now - int(sum(steps.values()) * 1e6)
        for name, milliseconds in steps.items():
            step = tracer.start_span(name, trace.set_span_in_context(span), start_time=at)
            at += int(milliseconds * 1e6)
            step.end(at)
        if run.failure is not None:
            # Its kind alone: the message may hold what was asked.
            span.set_status(trace.StatusCode.ERROR, type(run.failure).__name__)
        span.end(now)

    return observe
