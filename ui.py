"""The web chat: a Gradio page built around callables. It knows no server.

The one file that imports gradio, and only inside functions: importing it takes seconds.
"""
# No `from __future__ import annotations`: Gradio finds an event's data by the annotation itself.

import os
from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from assistant.answers import MAX_QUESTION
from assistant.ui.html import ASSETS, asset
from assistant.ui.source import render_documents
from assistant.ui.views import (
    Ask,
    FindParagraph,
    ListDocuments,
    Talk,
    View,
    answer_views,
    chosen_view,
    failed_view,
    welcome,
)

if TYPE_CHECKING:
    import gradio as gr

SANS = ("ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "Cascadia Mono", "Menlo", "Liberation Mono", "monospace")
BRAND = '<h1 class="brand"><span aria-hidden="true">¶</span>Footnote</h1>'
TOO_LONG = f"The question is too long. At most {MAX_QUESTION} characters are read."
# Read by Gradio from the environment alone: its components' telemetry, and statistics of every event
# that it keeps and sums up for a monitoring page, which is shut here.
QUIET_GRADIO = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(2**31),
}
PARALLEL = 8
"""Questions that are answered at the same time; more wait in Gradio's queue."""


def build_page(
    ask: Ask, paragraph: FindParagraph, documents: ListDocuments, examples: Sequence[str]
) -> "gr.Blocks":
    """The chat page. `ask` streams an answer, `paragraph` finds one by document and number."""
    os.environ.update(QUIET_GRADIO)
    import gradio as gr

    quiet = {"show_progress": "hidden", "api_visibility": "private", "queue": True}
    with gr.Blocks(title="Footnote", analytics_enabled=False, fill_width=True) as page:
        talk = gr.State(Talk())
        with gr.Row(elem_id="masthead"):
            gr.HTML(BRAND, apply_default_css=False, js_on_load=None)
            shelf = gr.Button("Documents", elem_id="shelf", size="sm", variant="secondary")
            fresh = gr.Button("New conversation", elem_id="fresh", size="sm", variant="secondary")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="talk", min_width=0):
                log = gr.HTML(
                    welcome(examples),
                    elem_id="log",
                    apply_default_css=False,
                    js_on_load=asset("log.js"),
                )
                status = gr.HTML(
                    "",
                    elem_id="status",
                    html_template='<p class="sr-only" role="status">${value}</p>',
                    js_on_load=None,
                )
                box = gr.Textbox(
                    label="Your question",
                    placeholder="Ask a question",
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                    max_length=MAX_QUESTION,
                    submit_btn="Ask",
                    autofocus=True,
                    elem_id="box",
                )
            with gr.Column(elem_id="pane", min_width=0):
                pane = gr.HTML("", elem_id="source", apply_default_css=False, js_on_load=asset("source.js"))

        def show(view: View) -> dict[Any, Any]:
            changes: dict[Any, Any] = {log: view.log, status: escape(view.status)}
            if view.pane is not None:
                changes[pane] = view.pane
            if view.talk is not None:
                changes[talk] = view.talk
            return changes

        def answer(text: str, so_far: Talk) -> Iterator[dict[Any, Any]]:
            text = text.strip()
            if not text:
                yield {status: "Type a question first."}
                return
            if len(text) > MAX_QUESTION:
                yield show(failed_view(TOO_LONG, so_far.html, so_far))
                return
            views = answer_views(text, so_far, ask, paragraph, documents)
            # Emptied once: by the next view the reader may be typing the next question.
            yield {**show(next(views)), box: ""}
            yield from map(show, views)

        def answer_example(so_far: Talk, event: gr.EventData) -> Iterator[dict[Any, Any]]:
            yield from answer(str(event.question), so_far)

        def choose(event: gr.EventData) -> str:
            return chosen_view(dict(event._data), paragraph, documents)

        def restart() -> dict[Any, Any]:
            return {
                talk: Talk(),
                log: welcome(examples),
                status: "",
                box: "",
                pane: list_documents(),
            }

        def list_documents() -> str:
            return render_documents(documents())

        def open_shelf() -> str:
            return render_documents(documents(), chosen=True)

        parts = [log, status, pane, talk, box]
        box.submit(answer, [box, talk], parts, concurrency_limit=PARALLEL, concurrency_id="ask", **quiet)
        log.submit(answer_example, [talk], parts, concurrency_id="ask", **quiet)
        log.click(choose, None, pane, concurrency_limit=None, **quiet)
        pane.click(choose, None, pane, concurrency_limit=None, **quiet)
        shelf.click(open_shelf, None, pane, concurrency_limit=None, **quiet)
        fresh.click(restart, None, parts, **quiet)
        # The pane alone: whoever types at once must not find the box emptied.
        page.load(list_documents, None, pane, **quiet)
    return page


def mount(app: Any, page: "gr.Blocks") -> None:
    """Mount the page at the root of an ASGI app: fonts of the reader's system, nothing from elsewhere."""
    import gradio as gr

    theme = gr.themes.Base(font=SANS, font_mono=MONO, primary_hue="teal", neutral_hue="stone")
    style = f"<style>{asset('palette.css')}{asset('chat.css')}</style>"
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=theme,
        head=style,
        favicon_path=str(ASSETS / "favicon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
    )
