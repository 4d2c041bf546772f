"""What the web chat shows, as functions of an answer: escaping, verdicts, links, the pane."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fakes_web import (
    CONFLICTING,
    GAZETTE,
    HARBOUR,
    LIBRARY,
    NOT_IN_CORPUS,
    PARTLY,
    SUPPORTED,
    cite,
    fake,
)

from assistant.answers import Answer, Event, Question, Turn
from assistant.ui.answer import (
    VERDICTS,
    Nearby,
    render_answer,
    render_failure,
    render_question,
    render_waiting,
    spoken,
)
from assistant.ui.document import render_document
from assistant.ui.former import Cited
from assistant.ui.html import Span, byline, document_path, marked, web_link
from assistant.ui.source import render_documents
from assistant.ui.views import Talk, answer_views, chosen_view, welcome
from index.documents import Note, Paragraph, content_hash
from index.errors import StoreError
from index.history import PastParagraph, Version

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
    page = render_answer(hostile, [Nearby(each, document, paragraph) for each in hostile.looked_at])
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
    pages = [
        render_question(HOSTILE),
        render_waiting(HOSTILE, HOSTILE),
        render_failure(HOSTILE),
        render_documents([document]),
        chosen_view({"source": HOSTILE, "paragraph": "1"}, lambda *_: None, lambda: ()),
        chosen_view(
            {"source": document.id, "paragraph": "1", "start": "0", "end": "8", "notes": HOSTILE},
            lambda *_: paragraph,
            lambda: (document,),
        ),
        welcome([HOSTILE]),
    ]
    assert all(is_harmless(page) for page in pages)
    page = render_document(document, [paragraph], Span(1, 0, 8)).replace('<meta name="viewport"', "<meta")
    assert is_harmless(page)
    assert '<mark id="quote">&lt;script&gt;</mark>' in page


@pytest.mark.parametrize("answer", [SUPPORTED, CONFLICTING, PARTLY, NOT_IN_CORPUS], ids=lambda a: a.verdict)
def test_the_verdict_is_words_and_a_colour(answer: Answer) -> None:
    page = render_answer(answer, nearby(answer))
    assert f'<article class="answer {answer.verdict}">' in page
    assert f">{VERDICTS[answer.verdict][0]}</p>" in page
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
    assert f'<p class="missing">{VERDICTS["partly_supported"][1]}</p>' in page


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
    return chosen_view(data, LIBRARY.paragraph, LIBRARY.documents)


def test_the_pane_marks_the_quote_and_names_the_source() -> None:
    page = choose(source="harbour", paragraph="3", start="0", end="33")
    assert '<mark id="quote">The new berth is 210 metres long.</mark>' in page
    assert "¶ 3" in page
    assert "Ellmouth Harbour Board" in page
    assert 'href="/documents/harbour?p=3&amp;start=0&amp;end=33#p3" target="_blank">Open in a page' in page


def test_the_pane_shows_notes_those_of_the_quote_set_off() -> None:
    page = choose(source="harbour", paragraph="2", notes="1")
    assert '<li value="1" class="cited">' in page
    assert '<li value="2">' in page
    assert 'href="https://harbour.example/tables"' in page


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
    assistant = fake(SUPPORTED)
    first = list(answer_views("How much?", Talk(), assistant.stream, LIBRARY.paragraph, LIBRARY.documents))
    assert "Searching the documents" in first[0].log
    assert first[1].status == "Reading 3 paragraphs of 1 document"
    assert "It rose by another" in first[-2].log
    final = first[-1]
    assert final.talk is not None
    assert final.pane is not None
    assert "<mark" in final.pane
    assert final.talk.turns == (Turn("user", "How much?"), Turn("assistant", SUPPORTED.answer))
    list(answer_views("And then?", final.talk, assistant.stream, LIBRARY.paragraph, LIBRARY.documents))
    assert assistant.asked[-1] == Question("And then?", final.talk.turns)


def test_a_failure_is_a_sentence_and_leaves_the_history() -> None:
    def stream(question: Question) -> Iterator[Event]:
        raise StoreError("The store does not answer.")
        yield

    *_, last = answer_views("a", Talk(), stream, LIBRARY.paragraph, LIBRARY.documents)
    assert "The store does not answer." in last.log
    assert last.talk is not None
    assert last.talk.turns == ()
