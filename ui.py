"""The web chat: a Gradio page built around a desk that it gets everything from. It knows no server.

The one file that imports gradio, and only inside functions: importing it takes seconds.
"""
# No `from __future__ import annotations`: Gradio finds an event's data by the annotation itself.

import json
import os
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from assistant.answers import MAX_QUESTION, Question
from assistant.person import person_of
from assistant.ui import shelf, views
from assistant.ui.desk import Desk
from assistant.ui.html import ASSETS, asset
from assistant.ui.messages import for_scripts, say
from assistant.ui.talk import Talk

if TYPE_CHECKING:
    import gradio as gr

SANS = ("ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif")
MONO = ("ui-monospace", "Cascadia Mono", "Menlo", "Liberation Mono", "monospace")
STYLES = ("palette.css", "frame.css", "chat.css", "pane.css", "shelf.css", "phone.css")
BRAND = '<h1 class="brand"><span aria-hidden="true">¶</span>Footnote</h1>'
# Read by Gradio from the environment alone: its components' telemetry, and statistics of every event
# that it keeps and sums up for a monitoring page, which is shut here.
QUIET_GRADIO = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(2**31),
}
PARALLEL = 8
"""Questions that are answered at the same time; more wait in Gradio's queue."""


def build_page(desk: Desk) -> "gr.Blocks":
    """The chat page over `desk`."""
    os.environ.update(QUIET_GRADIO)
    import gradio as gr

    def html(value: str, id: str, script: str | None = None) -> gr.HTML:
        loaded = asset(script) if script else None
        return gr.HTML(value, elem_id=id, apply_default_css=False, js_on_load=loaded)

    def button(key: str, id: str) -> gr.Button:
        return gr.Button(say(key), elem_id=id, size="sm", variant="secondary")

    def field(id: str, key: str) -> gr.Textbox:
        text = say(key)
        return gr.Textbox(label=text, placeholder=text, show_label=False, container=False, elem_id=id)

    with gr.Blocks(title="Footnote", analytics_enabled=False, fill_width=True) as page:
        talk = gr.State(Talk())
        with gr.Row(elem_id="masthead"):
            gr.HTML(BRAND, apply_default_css=False, js_on_load=None)
            button("conversations", "to-rail")
            button("documents", "to-shelf")
            fresh = button("new_conversation", "fresh")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="rail", min_width=0):
                find = field("find", "find_conversation")
                rail = html("", "talks", "rail.js")
            with gr.Column(elem_id="talk", min_width=0):
                log = html("", "log", "log.js")
                status = gr.HTML(
                    "",
                    elem_id="status",
                    html_template='<p class="sr-only" role="status">${value}</p>',
                    js_on_load=None,
                )
                box = gr.Textbox(
                    label=say("box_label"),
                    placeholder=say("ask_hint"),
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                    max_length=MAX_QUESTION,
                    submit_btn=say("ask"),
                    autofocus=True,
                    elem_id="box",
                )
                within = gr.Dropdown(
                    [],
                    label=say("keep_to"),
                    container=False,
                    multiselect=True,
                    elem_id="within",
                )
            with gr.Column(elem_id="pane", min_width=0):
                pane = html("", "source", "source.js")
            with gr.Column(elem_id="shelf", min_width=0):
                html(f"<h2>{escape(say('documents'))}</h2>", "shelf-title")
                intake = html(shelf.render_intake(), "intake", "intake.js")
                receipt = html("", "receipt", "receipt.js")
                seek = field("seek", "find_document")
                listing = html("", "listing", "listing.js")

        parts = [log, status, pane, rail, talk, box]
        tab = [receipt, listing, within, pane]

        def person(request: gr.Request) -> str | None:
            return person_of(request.cookies)

        def show(view: views.View) -> dict[Any, Any]:
            changes = {log: view.log, pane: view.pane, rail: view.rail, talk: view.talk}
            spoken = {} if view.status is None else {status: escape(view.status)}
            return {part: value for part, value in changes.items() if value is not None} | spoken

        def answer(
            text: str, so_far: Talk, chosen: list[str], request: gr.Request, instead_of: str = ""
        ) -> Iterator[dict[Any, Any]]:
            text = text.strip()
            if not text:
                yield {status: say("empty_question")}
                return
            if len(text) > MAX_QUESTION:
                yield show(views.failed_view(text, say("question_too_long", most=MAX_QUESTION), so_far))
                return
            question = Question(text, documents=views.within(desk, chosen or ()))
            steps = views.answer_views(desk, person(request), question, so_far, instead_of)
            # Emptied once: by the next view the reader may be typing the next question.
            yield {**show(next(steps)), **({} if instead_of else {box: ""})}
            yield from map(show, steps)

        def ask(text: str, so_far: Talk, chosen: list[str], request: gr.Request) -> Iterator[dict[Any, Any]]:
            yield from answer(text, so_far, chosen, request)

        def ask_clicked(
            so_far: Talk, chosen: list[str], request: gr.Request, event: gr.EventData
        ) -> Iterator[dict[Any, Any]]:
            data = dict(event._data)
            yield from answer(
                views.question_of(data), so_far, chosen, request, str(data.get("instead_of", ""))
            )

        def stop(so_far: Talk) -> dict[Any, Any]:
            return show(views.stopped_view(so_far))

        def choose(event: gr.EventData) -> str:
            return views.pane_view(desk, dict(event._data))

        def think(so_far: Talk, request: gr.Request, event: gr.EventData) -> dict[Any, Any]:
            return show(views.feedback_view(desk, person(request), so_far, dict(event._data)))

        def turn_to(request: gr.Request, event: gr.EventData) -> dict[Any, Any]:
            return show(views.open_view(desk, person(request), str(dict(event._data).get("talk", ""))))

        def change(so_far: Talk, request: gr.Request, event: gr.EventData) -> dict[Any, Any]:
            return show(views.change_view(desk, person(request), so_far, dict(event._data)))

        def search(text: str, so_far: Talk, request: gr.Request) -> str:
            return views.rail_view(desk, person(request), so_far.id, text)

        def restart(request: gr.Request) -> dict[Any, Any]:
            return {**show(views.open_view(desk, person(request), "")), box: ""}

        def begin(request: gr.Request) -> dict[Any, Any]:
            wanted = str(request.query_params.get("c", ""))
            return {**show(views.open_view(desk, person(request), wanted)), **stock()}

        def stock() -> dict[Any, Any]:
            library = desk.library()
            choices = [(d.display_title, d.id) for d in library.documents()] if library else []
            return {listing: shelf.render_listing(desk), within: gr.Dropdown(choices=choices)}

        def work(request: gr.Request, event: gr.EventData) -> Iterator[dict[Any, Any]]:
            if "manage" not in getattr(request.state, "scopes", ()):
                yield {receipt: shelf.render_refused()}
                return
            for view in shelf.act_views(desk, dict(event._data)):
                done = {} if view.listing is None else {**stock(), pane: views.pane_view(desk, {})}
                yield {receipt: view.receipt, **done}

        def keep_to(event: gr.EventData) -> list[str]:
            return list(views.within(desk, [str(dict(event._data).get("document", ""))]))

        def sift(text: str) -> str:
            return shelf.render_listing(desk, text)

        quiet = {"show_progress": "hidden", "api_visibility": "private", "queue": True}
        free = {**quiet, "concurrency_limit": None}
        asking = {**quiet, "concurrency_id": "ask", "concurrency_limit": PARALLEL}
        typed = box.submit(ask, [box, talk, within], parts, **asking)
        clicked = log.submit(ask_clicked, [talk, within], parts, **asking)
        log.stop(stop, [talk], parts, cancels=[typed, clicked], **free)
        log.click(choose, None, pane, **free)
        log.like(think, [talk], parts, **free)
        pane.click(choose, None, pane, **free)
        rail.select(turn_to, None, parts, cancels=[typed, clicked], **free)
        rail.input(change, [talk], parts, **free)
        find.change(search, [find, talk], rail, trigger_mode="always_last", **free)
        fresh.click(restart, None, parts, cancels=[typed, clicked], **free)
        intake.upload(work, None, tab, concurrency_id="shelf", concurrency_limit=1, **quiet)
        receipt.click(work, None, tab, concurrency_id="shelf", **quiet)
        listing.click(work, None, tab, concurrency_id="shelf", **quiet)
        listing.select(keep_to, None, within, **free)
        seek.change(sift, seek, listing, trigger_mode="always_last", **free)
        # All but the box: whoever types at once must not find it emptied.
        page.load(begin, None, [log, status, pane, rail, talk, listing, within], **free)
    return page


def mount(app: Any, page: "gr.Blocks") -> None:
    """Mount the page at the root of an ASGI app: fonts of the reader's system, nothing from elsewhere."""
    import gradio as gr

    theme = gr.themes.Base(font=SANS, font_mono=MONO, primary_hue="teal", neutral_hue="stone")
    style = "".join(asset(name) for name in STYLES)
    words = json.dumps(for_scripts()).replace("<", "\\u003c")
    head = f"<style>{style}</style><script>window.footnoteWords = {words};</script>"
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        theme=theme,
        head=head,
        favicon_path=str(ASSETS / "favicon.svg"),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
    )
