"""How the index stands to its folder, and what has changed in it since a build."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from index.builds import Build, DocumentChange
from index.receipts import runs

from .desk import Desk, Library
from .html import document_path, moment, shown_date
from .messages import say

MOST = 100
"""Changed documents that are listed."""


def render_standing(desk: Desk, since: int | None = None, *, manages: bool = True) -> str:
    """Whether the folder is followed, when it was looked through, and what has changed since build `since`.

    Without `since`, or where that build is not kept, since the last build but one.
    """
    library = desk.library()
    if library is None:
        return ""
    standing = library.standing()
    followed = "followed" if standing.followed else "not_followed"
    looked = (
        f"{escape(say('last_looked'))} {moment(standing.looked_at)}"
        if standing.looked_at
        else escape(say("never_looked"))
    )
    read = f'<button type="button" class="plain" data-act="read">{escape(say("read_folder"))}</button>'
    may = "yes" if manages and desk.shelf() is not None else "no"
    return (
        f'<div class="standing" data-manages="{may}"><p class="{followed}"><span>{escape(say(followed))}</span> '
        f"<span>{looked}</span></p>{read if may == 'yes' else ''}</div>{_changes(library, since)}"
    )


def _changes(library: Library, since: int | None) -> str:
    former = library.builds()[:-1]
    if not former:
        return f'<p class="hint">{escape(say("first_state"))}</p>'
    chosen = next((build for build in former if build.number == since), former[-1])
    options = "".join(_option(build, build is chosen) for build in reversed(former))
    label = escape(say("what_changed"))
    found = library.changes(chosen.number) or ()
    items = "".join(_item(change) for change in found[:MOST])
    if len(found) > MOST:
        items += f"<li>{escape(say('and_more', number=len(found) - MOST))}</li>"
    listed = f'<ul class="changes">{items}</ul>' if found else f"<p>{escape(say('nothing_changed'))}</p>"
    return (
        f'<section class="since"><label for="since">{label}</label> '
        f'<select id="since" data-since>{options}</select>{listed}</section>'
    )


def _option(build: Build, chosen: bool) -> str:
    date, _, time = build.at.partition("T")
    when = say("moment", date=shown_date(date), time=time[:5])
    corpus = f" · {say('corpus', version=build.version)}" if build.version else ""
    mark = " selected" if chosen else ""
    told = f'data-moment="{escape(build.at)}" data-rest="{escape(corpus)}"'
    return f'<option value="{build.number}" {told}{mark}>{escape(when + corpus)}</option>'


def _item(change: DocumentChange) -> str:
    title = escape(change.title)
    if change.state != "removed":
        title = f'<a href="{escape(document_path(change.document_id))}" target="_blank">{title}</a>'
    parts = [_numbers("paragraphs_changed", change.changed), _numbers("paragraphs_added", change.added)]
    parts.append(_numbers("paragraphs_removed", change.removed))
    what = " · ".join(part for part in parts if part)
    told = f'<span class="byline">{escape(what)}</span>' if what else ""
    state = escape(say(f"change_{change.state}"))
    return f'<li><span class="state {change.state}">{state}</span> <span>{title}{told}</span></li>'


def _numbers(key: str, numbers: Sequence[int]) -> str:
    return say(key, numbers=runs(numbers)) if numbers else ""
