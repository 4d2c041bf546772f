"""The documents tab: what there is, adding to it, taking out of it, and what became of each file."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from assistant.shelf import FORMATS, Shelf
from index.documents import Document
from index.errors import FootnoteError
from index.history import Version
from index.progress import Progress, Step
from index.readers import MAX_BYTES
from index.receipts import Receipt

from .desk import Desk
from .html import byline, count, document_path, shown_date
from .messages import say

TOLD = frozenset({"added", "changed", "renamed", "removed", "failed", "duplicate", "skipped"})


@dataclass(frozen=True, slots=True)
class ShelfView:
    """What one step changes in the tab; None leaves a part as it is."""

    receipt: str
    listing: str | None = None


def render_intake() -> str:
    """Where files are dropped; its script uploads them."""
    formats = say("formats", formats=" ".join(FORMATS), size=MAX_BYTES // 10**6)
    return (
        f'<div class="drop"><p><strong>{escape(say("add_documents"))}</strong></p><p>{escape(say("drop_here"))} '
        f'<label class="choose">{escape(say("choose_files"))}'
        f'<input type="file" multiple accept="{",".join(FORMATS)}"></label></p>'
        f'<p class="hint">{escape(formats)}</p><ul class="uploads" aria-live="polite"></ul></div>'
        f'<p><button type="button" class="plain" data-act="read">{escape(say("read_folder"))}</button></p>'
    )


def render_listing(desk: Desk, search: str = "") -> str:
    """The documents that have all words of `search` in title, author, publisher or date."""
    library = desk.library()
    words = search.casefold().split()
    found = [document for document in (library.documents() if library else ()) if _has(document, words)]
    if library is None or not found:
        return f'<p class="none">{escape(say("nothing_found" if words else "no_documents"))}</p>'
    may_remove = desk.shelf() is not None
    heads = ("document_title", "paragraphs", "document_state")
    head = "".join(f'<th scope="col">{escape(say(key))}</th>' for key in heads)
    rows = "".join(
        _row(
            document,
            sum(p.number > 0 for p in library.paragraphs(document.id)),
            _state(library.versions(document.id)),
            may_remove,
        )
        for document in found
    )
    told = f"{count(len(found), 'document')} · {say('corpus', version=library.version)}"
    return (
        f'<p class="hint">{escape(told)}</p><table><thead><tr>{head}'
        f'<th><span class="sr-only">{escape(say("actions_for", title=""))}</span></th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def read_views(desk: Desk) -> Iterator[ShelfView]:
    """Reads what has changed in the folder, and says so as it goes."""

    def told(receipt: Receipt) -> str:
        return render_receipt(receipt)

    yield from _worked(desk, lambda shelf, progress: told(shelf.read(progress)))


def remove_views(desk: Desk, document_id: str) -> Iterator[ShelfView]:
    """Takes a document out, with a way back."""
    library = desk.library()
    document = library.document(document_id) if library else None
    if document is None:
        yield ShelfView(_failed(say("gone_title")), render_listing(desk))
        return

    def work(shelf: Shelf, progress: Progress) -> str:
        removed = shelf.remove(document, progress)
        token, label = escape(removed.token), escape(say("undo"))
        undo = f'<button type="button" data-act="undo" data-token="{token}">{label}</button>'
        return f'<p class="notice">{escape(say("removed", title=removed.title))} {undo}</p>'

    yield from _worked(desk, work)


def restore_views(desk: Desk, token: str) -> Iterator[ShelfView]:
    """Puts a removed document back."""

    def work(shelf: Shelf, progress: Progress) -> str:
        return f'<p class="notice">{escape(say("restored", title=shelf.restore(token, progress)))}</p>'

    yield from _worked(desk, work)


def render_receipt(receipt: Receipt) -> str:
    """What became of each file that is worth a word."""
    lines = [line for file in receipt.files if file.state in TOLD for line in file.lines()]
    if not lines:
        return f'<p class="notice">{escape(say("up_to_date"))}</p>'
    items = "".join(f"<li>{escape(' '.join(line.split()))}</li>" for line in lines)
    return f'<h3>{escape(say("receipt"))}</h3><ul class="receipt">{items}</ul>'


def act_views(desk: Desk, data: Mapping[str, Any]) -> Iterator[ShelfView]:
    """After a click in the tab."""
    acts: dict[str, Callable[[], Iterator[ShelfView]]] = {
        "read": lambda: read_views(desk),
        "remove": lambda: remove_views(desk, str(data.get("document", ""))),
        "undo": lambda: restore_views(desk, str(data.get("token", ""))),
    }
    act = acts.get(str(data.get("act", "")))
    if act is not None:
        yield from act()


def render_refused() -> str:
    """What stands in place of a receipt for who may not change documents."""
    return _failed(say("may_not_change"))


def _worked(desk: Desk, work: Callable[[Shelf, Progress], str]) -> Iterator[ShelfView]:
    """Does slow work on the shelf in a thread of its own and tells how far it is."""
    shelf = desk.shelf()
    if shelf is None:
        yield ShelfView(_failed(say("no_documents")))
        return
    steps: queue.Queue[Step | None] = queue.Queue()
    results: list[str] = []

    def run() -> None:
        try:
            results.append(work(shelf, steps.put))
        except FootnoteError as error:
            results.append(_failed(str(error)))
        finally:
            steps.put(None)

    yield ShelfView(_working(say("reading_folder")))
    thread = threading.Thread(target=run, name="shelf")
    thread.start()
    shown = ""
    while (step := steps.get()) is not None:
        if (line := _step(step)) != shown:
            shown = line
            yield ShelfView(_working(line))
    thread.join()
    result = results[0] if results else _failed(say("no_answer"))
    yield ShelfView(result, render_listing(desk))


def _step(step: Step) -> str:
    values = {"file": step.file, "number": step.number, "files": step.files}
    if step.stage == "embedding" and step.total:
        return say("embedding", done=step.done, total=step.total, **values)
    return say("reading_file", **values)


def _working(text: str) -> str:
    return f'<p class="working"><span class="pulse"></span><span>{escape(text)}</span></p>'


def _failed(text: str) -> str:
    return f'<p class="notice failed">{escape(text)}</p>'


def _has(document: Document, words: Sequence[str]) -> bool:
    parts = (document.display_title, document.author, document.publisher, document.date, document.id)
    text = " ".join(part for part in parts if part).casefold()
    return all(word in text for word in words)


def _state(versions: Sequence[Version]) -> str:
    """When a document was read, and how often it has changed."""
    if not versions:
        return say("state_indexed")
    date = shown_date(versions[-1].read_at.partition("T")[0])
    return say("state_read", date=date, version=versions[-1].number)


def _row(document: Document, paragraphs: int, state: str, may_remove: bool) -> str:
    title, id = escape(document.display_title), escape(document.id)
    remove = f'<button type="button" class="danger" data-act="remove">{escape(say("remove"))}</button>'
    return (
        f'<tr data-document="{id}"><td><a href="{escape(document_path(document.id))}" target="_blank">{title}</a>'
        f'<span class="byline">{byline(document.author, document.publisher, date=document.date)}</span></td>'
        f'<td class="figure">{paragraphs}</td><td>{escape(state)}</td>'
        f'<td class="acts"><button type="button" data-act="within">{escape(say("ask_within"))}</button>'
        f"{remove if may_remove else ''}</td></tr>"
    )
