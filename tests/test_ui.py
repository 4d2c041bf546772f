"""What the web chat shows, as functions of an answer: escaping, verdicts, links, the pane."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fakes_web import (
    CONFLICTING,
    GAZETTE,
    HARBOUR,
    LIBRARY,
    NOT_IN_CORPUS,
    PARTLY,
    SUPPORTED,
    FakeAssistant,
    FakeLibrary,
    cite,
    fake,
)

from assistant.answers import Answer, Event, Question, Turn
from assistant.errors import StorageError
from assistant.shelf import Shelf
from assistant.storage.records import WRONGS, Conversation, Feedback
from assistant.storage.repository import Storage
from assistant.ui.answer import (
    Nearby,
    render_answer,
    render_failure,
    render_question,
    render_waiting,
    spoken,
)
from assistant.ui.below import Standing, message_key, render_below
from assistant.ui.document import render_document
from assistant.ui.feedback import render_feedback
from assistant.ui.former import Cited
from assistant.ui.html import Span, byline, document_path, marked, web_link
from assistant.ui.messages import LANGUAGES, for_scripts, in_language, preferred, say, speaking, table
from assistant.ui.rail import render_rail
from assistant.ui.shelf import act_views, render_intake, render_listing, render_receipt
from assistant.ui.source import AROUND, Chosen, render_documents, render_source
from assistant.ui.standing import render_standing
from assistant.ui.talk import Talk, render_welcome, reopened
from assistant.ui.views import (
    answer_views,
    change_view,
    feedback_view,
    open_view,
    pane_view,
    rail_view,
    stopped_view,
    within,
)
from index.documents import Note, Paragraph, content_hash
from index.errors import StoreError
from index.history import PastParagraph, Version
from index.receipts import FileReceipt, Receipt

ANN, BEN = "ann", "ben"


@dataclass
class FakeDesk:
    """A desk over the fake assistant, with a database where one is given."""

    assistant: FakeAssistant = field(default_factory=fake)
    kept: Storage | None = None
    questions: tuple[str, ...] = ("Which berth is the longest?",)

    def stream(self, question: Question, /) -> Iterator[Event]:
        return self.assistant.stream(question)

    def library(self) -> FakeLibrary | None:
        return self.assistant.library

    def storage(self) -> Storage:
        if self.kept is None:
            raise StorageError("No database is open.")
        return self.kept

    def shelf(self) -> Shelf | None:
        return None

    def examples(self) -> Sequence[str]:
        return self.questions


DESK = FakeDesk()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FakeDesk]:
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        yield FakeDesk(kept=storage)


def last(desk: FakeDesk, person: str | None, question: Question, talk: Talk, *instead_of: str) -> Talk:
    """The conversation after a question."""
    *_, view = answer_views(desk, person, question, talk, *instead_of)
    assert view.talk is not None
    return view.talk


HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp; ![x](http://far.example/x.png) ${1} {{1}}"
)


class Tags(HTMLParser):
    """Keeps the tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def is_harmless(page: str) -> bool:
    """No element that runs or loads anything, no handler, no address but the web's and our own."""
    for tag, attributes in Tags(page).found:
        if tag in {"script", "img", "iframe", "object", "embed", "link", "base", "form"}:
            return False
        if any(name.startswith("on") or name in {"src", "srcset"} for name in attributes):
            return False
        if not (attributes.get("href") or "/").startswith(("/", "#", "https://", "http://")):
            return False
    return True


def nearby(answer: Answer) -> list[Nearby]:
    return [
        Nearby(each, LIBRARY.document(each.document_id), LIBRARY.paragraph(each.document_id, each.paragraph))
        for each in answer.looked_at
    ]


def hostile_answer(answer: Answer) -> Answer:
    citations = tuple(
        replace(c, title=HOSTILE, publisher=HOSTILE, date=HOSTILE, quote=HOSTILE, missing_facts=(HOSTILE,))
        for c in answer.citations
    )
    looked = tuple(replace(each, document_id=HOSTILE, why_not=HOSTILE) for each in answer.looked_at)
    return replace(
        answer,
        question=HOSTILE,
        standalone_question=HOSTILE + "?",
        answer=HOSTILE,
        short_answer=HOSTILE,
        degraded=HOSTILE,
        model=HOSTILE,
        mode="generative",
        corpus_version=HOSTILE,
        citations=citations,
        looked_at=looked,
    )


@pytest.mark.parametrize("answer", [SUPPORTED, CONFLICTING, PARTLY, NOT_IN_CORPUS], ids=lambda a: a.verdict)
def test_nothing_in_an_answer_becomes_markup(answer: Answer) -> None:
    hostile = hostile_answer(answer)
    paragraph = Paragraph(HOSTILE, 1, HOSTILE, HOSTILE, None, 0, 0, "")
    document = replace(HARBOUR, title=HOSTILE, author=HOSTILE)
    standing = Standing(hostile.citations, Feedback("down"), HOSTILE, (HOSTILE,))
    nearby = [Nearby(each, document, paragraph) for each in hostile.looked_at]
    page = render_answer(hostile, nearby, render_below(hostile, standing) + render_below(hostile, Standing()))
    assert is_harmless(page)
    assert "&lt;script&gt;" in page


def test_nothing_in_a_question_or_document_becomes_markup() -> None:
    notes = (Note(1, HOSTILE, HOSTILE), Note(2, "a", "javascript:alert(1)"), Note(3, "b", "//far.example/"))
    paragraph = Paragraph("x", 1, HOSTILE, HOSTILE, 3, 0, 0, content_hash(HOSTILE), notes)
    document = replace(
        HARBOUR,
        title=HOSTILE,
        author=HOSTILE,
        publisher=HOSTILE,
        date=HOSTILE,
        url=HOSTILE,
        language='"><script>',
    )
    conversation = Conversation(HOSTILE, ANN, HOSTILE, "", "")
    library = FakeLibrary()
    library.kept = {HOSTILE: (replace(document, id=HOSTILE), (replace(paragraph, document_id=HOSTILE),))}
    hostile = FakeDesk(replace(fake(), library=library), questions=(HOSTILE,))
    receipt = Receipt((FileReceipt(HOSTILE, HOSTILE, "failed", remarks=(HOSTILE,), reason=HOSTILE),), 0)
    pages = [
        render_question(HOSTILE, [HOSTILE]),
        render_waiting(HOSTILE, HOSTILE),
        render_failure(HOSTILE),
        render_documents([document]),
        pane_view(DESK, {"source": HOSTILE, "paragraph": "1"}),
        pane_view(hostile, {"source": HOSTILE, "paragraph": "1", "start": "0", "end": "8", "notes": HOSTILE}),
        render_welcome(hostile, HOSTILE),
        render_rail([conversation], HOSTILE),
        render_listing(hostile),
        render_listing(hostile, HOSTILE),
        render_receipt(receipt),
    ]
    assert all(is_harmless(page) for page in pages)
    page = render_document(document, [paragraph], Span(1, 0, 8)).replace('<meta name="viewport"', "<meta")
    assert is_harmless(page)
    assert '<mark id="quote">&lt;script&gt;</mark>' in page


@pytest.mark.parametrize("answer", [SUPPORTED, CONFLICTING, PARTLY, NOT_IN_CORPUS], ids=lambda a: a.verdict)
def test_the_verdict_is_words_and_a_colour(answer: Answer) -> None:
    page = render_answer(answer, nearby(answer))
    assert f'<article class="answer {answer.verdict}" id="a-a1" data-answer="a1">' in page
    assert f">{say(answer.verdict)}</p>" in page
    assert "corpus c0ffee12" in page


def test_a_supported_answer_leads_with_the_short_one() -> None:
    page = render_answer(SUPPORTED, [])
    assert page.index("<strong>54 percent</strong>") < page.index("It rose by another")
    cited = SUPPORTED.citations[0].content_hash
    assert f'href="/documents/harbour?p=2&amp;start=53&amp;end=116&amp;h={cited}#p2"' in page
    assert 'aria-label="Source 1: The harbour in 2024, paragraph 2"' in page
    assert "[1]" not in page


def test_a_conflict_shows_both_sides_with_their_dates() -> None:
    page = render_answer(CONFLICTING, [])
    assert page.count("<blockquote>") == 2
    assert "The harbour in 2024" in page
    assert "digest of “Freight returns to Ellmouth”" in page
    assert "2024-08-16" in page
    assert "no date given" in page


def test_an_unverified_sentence_is_marked_with_what_is_missing() -> None:
    page = render_answer(PARTLY, [])
    assert '<span class="unverified">' in page
    assert "Not verified: “forty” does not occur in the cited paragraph." in page


def test_a_partial_answer_without_an_unverified_sentence_says_what_partly_means() -> None:
    page = render_answer(replace(SUPPORTED, verdict="partly_supported"), [])
    assert f'<p class="missing">{say("partly_supported_means")}</p>' in page


def test_an_unanswered_question_shows_the_nearest_paragraphs() -> None:
    page = render_answer(NOT_IN_CORPUS, nearby(NOT_IN_CORPUS))
    assert page.count("data-source=") == 3
    assert "The night ferry sails on three days a week." in page
    assert "It names the ferry&#x27;s days, not its fare." in page


def test_brackets_in_a_sentence_are_not_markers() -> None:
    quote = "It rose by another 54 percent in the first five months of 2024."
    text = "It rose [2] by 54 percent. [1] See [7]."
    answer = replace(SUPPORTED, answer=text, citations=(cite(1, "harbour", 2, quote, (0, 26)),))
    page = render_answer(answer, [])
    assert "It rose [2] by 54 percent.<sup>" in page
    assert "See [7]." in page


def test_the_announcement_has_no_markers() -> None:
    assert spoken(SUPPORTED) == (
        "Supported. 54 percent. It rose by another 54 percent in the first five months of 2024."
    )


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(1, 0, 2), '<mark id="quote">a&lt;</mark>b'),
        (Span(1, 2, 9), "a&lt;b"),
        (Span(1, 2, 2), "a&lt;b"),
        (Span(1, -1, 2), "a&lt;b"),
        (None, "a&lt;b"),
    ],
)
def test_only_a_span_within_the_text_is_marked(span: Span | None, expected: str) -> None:
    assert marked("a<b", span) == expected


def test_addresses_are_quoted() -> None:
    assert document_path("a/b?c") == "/documents/a%2Fb%3Fc"
    assert document_path("a", Span(3, 1, 2)) == "/documents/a?p=3&start=1&end=2#p3"
    assert document_path("a", Span(3, 0, 0)) == "/documents/a?p=3#p3"
    assert document_path("a", Span(3, 1, 2), "0f") == "/documents/a?p=3&start=1&end=2&h=0f#p3"
    assert document_path("a", Span(3, 0, 0), "&h#") == "/documents/a?p=3&h=%26h%23#p3"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//far.example", "http://[", ""])
def test_only_web_addresses_become_links(url: str) -> None:
    assert web_link(url, "label") == "label"


def test_a_missing_date_is_said() -> None:
    assert byline("Gazette", date=None).endswith("<span>no date given</span>")


def test_a_page_gives_every_paragraph_an_anchor() -> None:
    paragraphs = LIBRARY.paragraphs("harbour")
    page = render_document(HARBOUR, paragraphs)
    anchors = [attributes["id"] for tag, attributes in Tags(page).found if tag == "section"]
    assert anchors == [f"p{paragraph.number}" for paragraph in paragraphs]
    assert page.count("<h2>Freight</h2>") == 1


VERSION = Version("harbour", 2, "0" * 64, "2026-03-01T09:30:00+00:00")


def cited_page(text: str, *numbers: int, p: int | None = None, quote: Span | None = None) -> str:
    """The harbour's page for a citation of `text`, which stood under these numbers in a former version."""
    cited = content_hash(text)
    past = tuple(PastParagraph("harbour", number, cited, text, VERSION) for number in numbers)
    return render_document(HARBOUR, LIBRARY.paragraphs("harbour"), quote, Cited(cited, p, past))


def section(page: str, number: int) -> str:
    return page.partition(f'<section id="p{number}"')[2].partition("</section>")[0]


@pytest.mark.parametrize("p", [None, 3])
def test_a_paragraph_that_changed_since_it_was_cited_says_so_beside_the_former_text(p: int | None) -> None:
    page = cited_page("The old <berth> is short.", 3, p=p, quote=Span(3, 0, 7))
    assert page.count('<aside class="former"') == 1
    changed = section(page, 3)
    assert "This paragraph has changed since it was cited. It read, in version 2 of " in changed
    assert '<time datetime="2026-03-01T09:30:00+00:00">2026-03-01</time>' in changed
    assert '<blockquote><mark id="quote">The old</mark> &lt;berth&gt; is short.</blockquote>' in changed
    assert "The new berth is 210 metres long." in changed
    assert page.count("<mark") == 1


def test_a_paragraph_that_stands_as_it_was_cited_is_shown_as_ever() -> None:
    harbour = LIBRARY.paragraphs("harbour")
    plain = render_document(HARBOUR, harbour, Span(3, 0, 7))
    for p in (None, 3):
        assert cited_page(harbour[3].text, 3, p=p, quote=Span(3, 0, 7)) == plain


@pytest.mark.parametrize("p", [None, 2])
def test_a_paragraph_that_moved_since_it_was_cited_says_where_it_is(p: int | None) -> None:
    page = cited_page(LIBRARY.paragraphs("harbour")[3].text, 2, 3, p=p)
    assert 'now stands, unchanged, as <a href="#p3">paragraph 3</a>.' in section(page, 2)
    assert page.count('<aside class="former"') == 1


def test_a_paragraph_that_is_gone_since_it_was_cited_keeps_its_anchor() -> None:
    page = cited_page("It closed.", 9)
    assert "Paragraph 9 is no longer in the document. It read, " in section(page, 9)
    assert "<blockquote>It closed.</blockquote>" in section(page, 9)


def test_a_citation_whose_text_is_no_longer_kept_says_so() -> None:
    sentence = "This paragraph has changed since it was cited. Its former text is no longer kept."
    assert sentence in section(cited_page("Long ago.", p=1), 1)
    assert "The cited paragraph is no longer in the document. Its former" in cited_page("Long ago.")


def choose(**data: str) -> str:
    return pane_view(DESK, data)


def test_the_pane_shows_the_document_with_the_quote_marked() -> None:
    page = choose(source="harbour", paragraph="3", start="0", end="33")
    assert '<mark id="quote">The new berth is 210 metres long.</mark>' in page
    assert page.count('<section class="para') == len(LIBRARY.paragraphs("harbour"))
    assert page.count('class="para at"') == 1
    assert "Ellmouth Harbour Board" in page
    assert re.search(r'href="/documents/harbour\?p=3&amp;start=0&amp;end=33&amp;h=\w{16}#p3"', page)
    assert "“The new berth is 210 metres long.” The harbour in 2024, " in page


def test_the_pane_shows_notes_those_of_the_quote_set_off() -> None:
    page = choose(source="harbour", paragraph="2", notes="1")
    assert '<li value="1" class="cited">' in page
    assert '<li value="2">' in page
    assert 'href="https://harbour.example/tables"' in page


def test_of_a_long_document_the_paragraphs_around_the_cited_one_are_shown() -> None:
    texts = [f"Paragraph {number}." for number in range(200)]
    paragraphs = [
        Paragraph("harbour", number, None, text, None, 0, len(text), content_hash(text))
        for number, text in enumerate(texts)
    ]
    page = render_source(HARBOUR, paragraphs, Chosen(Span(100, 0, 9)), asked_for=True)
    assert page.count('<section class="para') == 2 * AROUND + 1
    assert f'data-paragraph="{100 - AROUND - 1}"' in page
    assert f'data-paragraph="{100 + AROUND + 1}"' in page


def test_a_changed_paragraph_is_shown_without_a_mark() -> None:
    page = choose(source="harbour", paragraph="3", start="0", end="33", hash="another")
    assert "has changed since it was cited" in page
    assert "<mark" not in page


@pytest.mark.parametrize("number", ["99", "-1", "x", "²", "1" * 5000])
def test_the_pane_takes_nothing_on_trust(number: str) -> None:
    assert "No longer there" in choose(source="nope", paragraph=number, start=number, end=number)
    assert "source" in choose(source="harbour", paragraph="1", start=number, end=number)


def test_closing_the_pane_shows_the_documents() -> None:
    page = choose(close="true")
    assert HARBOUR.title in page
    assert GAZETTE.display_title in page


def test_an_answer_arrives_in_views() -> None:
    desk = FakeDesk()
    first = list(answer_views(desk, None, Question("How much?"), Talk()))
    assert "Searching the documents" in str(first[0].log)
    assert first[0].talk == Talk(asking="How much?")
    assert first[1].status == "Reading 3 paragraphs of 1 document"
    assert "It rose by another" in str(first[-2].log)
    talk, pane = first[-1].talk, first[-1].pane
    assert talk is not None
    assert "<mark" in str(pane)
    assert talk.turns == (Turn("user", "How much?"), Turn("assistant", SUPPORTED.answer))
    assert "This browser takes no cookies" in talk.html
    list(answer_views(desk, None, Question("And then?"), talk))
    assert desk.assistant.asked[-1] == Question("And then?", talk.turns)


def test_a_failure_is_a_sentence_and_leaves_the_history() -> None:
    desk = FakeDesk(fake(StoreError("The store does not answer.")))
    talk = last(desk, ANN, Question("a"), Talk())
    assert "The store does not answer." in talk.html
    assert talk.turns == ()
    assert talk.asking == ""


def test_what_is_stopped_is_shown_without_an_answer() -> None:
    talk = stopped_view(Talk(asking="How much?")).talk
    assert talk is not None
    assert "Stopped before" in talk.html
    assert (talk.turns, talk.asking) == ((), "")
    assert stopped_view(Talk()).talk is None


def test_a_conversation_is_kept_and_found_again_by_its_person(desk: FakeDesk) -> None:
    talk = last(desk, ANN, Question("How much?", documents=("harbour",)), Talk())
    talk = last(desk, ANN, Question("And then?"), talk)
    found = open_view(desk, ANN, talk.id)
    assert found.talk is not None
    assert found.talk.turns == talk.turns
    assert found.talk.html == talk.html
    assert "Only in: The harbour in 2024" in str(found.log)
    assert 'aria-current="page"><span>How much?</span></a>' in str(found.rail)
    other = open_view(desk, BEN, talk.id)
    assert "This conversation is not there." in str(other.log)
    assert (other.talk, "How much?" in str(other.rail)) == (Talk(), False)
    assert "Nothing found." in rail_view(desk, ANN, "", "zebra")
    assert "How much?" in rail_view(desk, ANN, "", "54 percent")


def test_an_edited_question_takes_the_place_of_its_answer_and_what_followed(desk: FakeDesk) -> None:
    talk = Talk()
    for text in ("One?", "Two?", "Three?"):
        talk = last(desk, ANN, Question(text), talk)
    talk = last(desk, ANN, Question("Another?"), talk, talk.said[1].id)
    assert [turn.content for turn in talk.turns if turn.role == "user"] == ["One?", "Another?"]
    assert desk.assistant.asked[-1].history == talk.turns[:2]
    again = reopened(desk, ANN, talk.id)
    assert again is not None
    assert again.turns == talk.turns


def test_an_old_answer_keeps_its_citations_and_says_what_has_changed(desk: FakeDesk) -> None:
    talk = last(desk, ANN, Question("How long?"), Talk())
    document, paragraphs = desk.assistant.library.kept["harbour"]
    text = "Freight fell."
    now = replace(paragraphs[2], text=text, content_hash=content_hash(text))
    desk.assistant.library.kept["harbour"] = (document, (*paragraphs[:2], now, *paragraphs[3:]))
    seen = reopened(desk, ANN, talk.id)
    assert seen is not None
    assert "It rose by another 54 percent" in seen.html
    assert "Changed since this answer was given: <a" in seen.html
    assert "Changed since" not in talk.html


def test_conversations_are_renamed_and_deleted(desk: FakeDesk) -> None:
    talk = last(desk, ANN, Question("How much?"), Talk())
    named = change_view(desk, ANN, talk, {"act": "rename", "id": talk.id, "title": "Freight <b>"})
    assert "Freight &lt;b&gt;" in str(named.rail)
    assert change_view(desk, BEN, Talk(), {"act": "delete", "id": talk.id}).talk is None
    gone = change_view(desk, ANN, talk, {"act": "delete", "id": talk.id})
    assert gone.talk == Talk()
    assert "will be listed here" in str(gone.rail)


def test_a_thumb_is_kept_with_the_answer_and_seen_again(desk: FakeDesk) -> None:
    talk = last(desk, ANN, Question("How much?"), Talk())
    thought = {
        "answer": talk.said[0].id,
        "thumb": "down",
        "wrong": "wrong-number",
        "right": "55",
        "comment": "?",
    }
    seen = feedback_view(desk, ANN, talk, thought)
    assert seen.status == say("thanks")
    assert seen.talk is not None
    assert 'data-act="down" aria-pressed="true"' in seen.talk.html
    (given,) = desk.storage().feedback()
    assert given.feedback == Feedback("down", "wrong-number", "55", "?")
    assert feedback_view(desk, BEN, Talk(), thought).status is None
    assert feedback_view(desk, ANN, talk, {**thought, "thumb": "sideways"}).status is None


def test_without_a_database_answers_come_and_say_that_they_are_not_kept() -> None:
    desk = FakeDesk()
    talk = last(desk, ANN, Question("How much?"), Talk())
    assert "This answer is not kept: No database is open." in talk.html
    assert 'data-act="down"' not in talk.html
    assert "Conversations are not kept: No database is open." in rail_view(desk, ANN, "")
    assert "No database is open." in str(open_view(desk, ANN, "some").log)


def test_a_question_keeps_to_documents_that_are_there() -> None:
    assert within(DESK, ["harbour", "nope"]) == ("harbour",)


def test_the_listing_is_searched() -> None:
    assert "The harbour in 2024" in render_listing(DESK, "HARBOUR albrecht")
    assert "Freight returns" not in render_listing(DESK, "harbour albrecht")
    assert '2 March 2026<span class="byline">version 2</span>' in render_listing(DESK)
    assert ".pdf" in render_intake()
    assert "Nothing has changed." in render_receipt(Receipt((), 0))


class ChangeableDesk(FakeDesk):
    """A desk whose corpus.toml describes the harbour's file."""

    def shelf(self) -> Shelf | None:
        return DescribingShelf(Path("corpus"), Path("aside"), lambda progress: Receipt((), 0))


class DescribingShelf(Shelf):
    def described(self) -> frozenset[str]:
        return frozenset({HARBOUR.source_path})


def test_what_corpus_toml_describes_has_a_reason_in_place_of_a_button() -> None:
    rows = render_listing(ChangeableDesk()).split("<tr ")[1:]
    removable = {row.split('"')[1]: 'data-act="remove"' in row for row in rows}
    assert removable == {"harbour": False, "gazette": True}
    assert "in corpus.toml" in rows[0]
    assert 'data-act="remove"' not in render_listing(ChangeableDesk(), manages=False)


def test_the_tab_says_how_the_index_stands_and_what_changed_since_a_build() -> None:
    shown = render_standing(ChangeableDesk())
    assert "The folder is not followed." in shown
    assert 'data-moment="2026-03-02T09:31:00+00:00">2 March 2026, 09:31 UTC</time>' in shown
    assert (
        'data-rest=" · corpus ba5eba11" selected>1 March 2026, 09:30 UTC · corpus ba5eba11</option>' in shown
    )
    assert "The harbour in 2024" in shown
    assert "¶ 1–2 changed · ¶ 4 added" in shown
    assert render_standing(ChangeableDesk(), since=77) == shown
    assert 'data-act="read"' in shown
    assert 'data-act="read"' not in render_standing(ChangeableDesk(), manages=False)


def test_who_may_not_manage_changes_nothing() -> None:
    (view,) = act_views(ChangeableDesk(), {"act": "read"}, manages=False)
    assert "scope “manage”" in view.receipt
    assert view.listing is None


def test_feedback_is_listed_for_who_administers(desk: FakeDesk) -> None:
    talk = last(desk, ANN, Question("How <b>much</b>?"), Talk())
    thought = {"answer": talk.said[0].id, "thumb": "down", "wrong": "wrong-number", "comment": HOSTILE}
    feedback_view(desk, ANN, talk, thought)
    shown = render_feedback(desk, {}, administers=True)
    assert "How &lt;b&gt;much&lt;/b&gt;?" in shown
    assert "Wrong number" in shown
    assert is_harmless(shown)
    assert "How" not in render_feedback(desk, {}, administers=False)
    praised = last(desk, BEN, Question("And praise?"), Talk())
    feedback_view(desk, BEN, praised, {"answer": praised.said[0].id, "thumb": "up"})
    assert "And praise?" in render_feedback(desk, {}, administers=True)
    assert "And praise?" not in render_feedback(desk, {"thumb": "down"}, administers=True)


def test_another_language_is_one_file() -> None:
    assert set(LANGUAGES) >= {"de", "en"}
    for language in LANGUAGES:
        assert table(language).keys() == table().keys()
        for key, text in table().items():
            slots = sorted(re.findall(r"{(\w+)}", text))
            assert sorted(set(re.findall(r"{(\w+)}", table(language)[key]))) == sorted(set(slots)), (
                language,
                key,
            )
    with speaking("de"):
        page = render_answer(SUPPORTED, nearby(SUPPORTED))
        assert "Belegt" in page
        assert "16. August 2024" in page
        assert "1 Absatz, gelesen und nicht zitiert" in page
    assert "Supported" in render_answer(SUPPORTED, [])


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr;q=1,de;q=0.2", "de"),
        ("de;q=0,fr", "en"),
        ("de;q=high, *", "en"),
        ("", "en"),
    ],
)
def test_the_browser_says_which_language(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def test_a_generator_speaks_its_language_in_every_step() -> None:
    closed: list[bool] = []

    def steps() -> Iterator[str]:
        try:
            yield say("stop")
            yield say("stop")
        finally:
            closed.append(True)

    spoken = in_language("de", steps)()
    assert [next(spoken), say("stop"), next(spoken)] == ["Anhalten", "Stop", "Anhalten"]
    spoken.close()
    assert closed == [True]
    assert in_language("de", say)("stop") == "Anhalten"


def test_every_message_that_is_said_is_in_the_table() -> None:
    folder = Path(__file__).parent.parent / "assistant"
    sources = [*folder.rglob("*.py"), folder.parent / "ui.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    said = set(re.findall(r'say\(\s*["\'](\w+)["\']', code))
    assert said <= set(table())
    # Words that nothing says any more are taken out; some keys are put together from a state or a noun.
    named = set(re.findall(r"[a-z_]+", code)) | {message_key(wrong) for wrong in WRONGS}
    composed = re.compile(r"js_.*|(document|paragraph)_(one|other)|change_\w+|(\w+)_means")
    assert {key for key in table() if key not in named and not composed.fullmatch(key)} == set()
    scripts = "".join(path.read_text(encoding="utf-8") for path in (folder / "ui").glob("*.js"))
    wanted = set(re.findall(r"(?:[wW]ords\.|told\(')(\w+)", scripts))
    assert wanted == set(for_scripts())
