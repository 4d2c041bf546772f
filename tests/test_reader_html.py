"""Web pages: structure, notes, metadata and encodings; and what of a page is its content."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st

from index.corpus import CorpusFile, ReadDocument, read_document
from index.errors import UnreadableFile
from index.readers import Contents, html, read_file

PROSE = (
    "The harbour has a long quay of granite, and salt is carried over it on two days of the week or more.",
    "The ferry crosses the bay at night, and in winter it carries no carts, because the ramp is flooded.",
    "The bridge is only a plan so far, and the bakers of the lower town are the ones who pay for the drawings of it.",
)


def read(page: str) -> Contents:
    return html.read("page.html", page.encode())


def texts(contents: Contents, *kinds: str) -> list[str]:
    return [block.text for block in contents.blocks if block.kind in (kinds or ("prose", "item"))]


def document(folder: Path, page: str) -> ReadDocument:
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    return read_document(CorpusFile(path, "page", {}), folder)


def article(*paragraphs: str, around: str = "") -> str:
    inside = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        "<html><head><title>The Quay</title></head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/a'>About</a></li></ul></nav>"
        "<div class='cookie-banner'><p>We use cookies. Accept all of them or choose those that you like.</p></div>"
        f"<article><h1>The Quay</h1>{inside}</article>{around}"
        "<aside><h2>Related stories</h2><ul><li><a href='/1'>A mill was sold at a loss</a></li></ul></aside>"
        "<footer><p>Ellmouth Gazette, all rights reserved, since 1871.</p></footer></body></html>"
    )


def test_only_the_content_of_a_page_is_read() -> None:
    found = read(article(*PROSE))
    assert texts(found) == list(PROSE)
    assert texts(found, "title") == ["The Quay"]


def test_a_page_without_menus_is_read_whole() -> None:
    page = (
        "<h1>Salt</h1><p>Short.</p><h2>Uses</h2><ul><li>Cod</li><li>Ham <b>too</b></li></ul>"
        "<blockquote>Salt <i>is</i> gold.</blockquote><p>One<br>line</p><p>First<br><br>second</p>"
        "<dl><dt>Rye</dt><dd>A grain</dd></dl><pre>a  =\n 1</pre><script>x()</script><!-- no --><p hidden>no</p>"
    )
    assert [(block.kind, block.text) for block in read(page).blocks] == [
        ("title", "Salt"), ("prose", "Short."), ("heading", "Uses"), ("item", "Cod"), ("item", "Ham too"),
        ("prose", "Salt is gold."), ("prose", "One line"), ("prose", "First"), ("prose", "second"), ("item", "Rye"),
        ("item", "A grain"), ("prose", "a = 1"),
    ]  # fmt: skip


def test_tables_give_rows_and_layout_tables_give_paragraphs() -> None:
    data = "<table><tr><th>boat</th><th>built</th></tr><tr><td><p>Ida</p></td><td>1904</td></tr></table>"
    layout = f"<table><tr><td><h2>One</h2><p>{PROSE[0]}</p></td><td><p>Beside.</p></td></tr></table>"
    found = read(data + layout)
    assert texts(found) == ["boat | built", "Ida | 1904", PROSE[0], "Beside."]
    assert found.tables == 1


NOTES = {
    "linked both ways": (
        '<a href="#n1" id="r1">[1]</a>', '<p><a href="#r1" name="n1">[1]</a> By weight.</p>'
    ),
    "raised": ('<sup><a href="#n1">1</a></sup>', '<ol><li id="n1">By weight.</li></ol>'),
    "pandoc": (
        '<a href="#fn1" class="footnote-ref" id="fnref1" role="doc-noteref"><sup>1</sup></a>',
        '<section id="footnotes"><ol><li id="fn1"><p>By weight.<a href="#fnref1" class="footnote-back">↩︎</a></p></li>'
        "</ol></section>",
    ),
    "wikipedia": (
        '<sup id="cite_ref-a_1-0" class="reference"><a href="#cite_note-a-1"><span>[</span>1<span>]</span></a></sup>',
        '<ol class="references"><li id="cite_note-a-1"><span class="mw-cite-backlink">^ '
        '<a href="#cite_ref-a_1-0"><sup>a</sup></a></span> <span class="reference-text">By weight.</span></li></ol>',
    ),
    "word": (
        '<a style="x" href="#_ftn1" name="_ftnref1"><span><sup>[1]</sup></span></a>',
        '<div id="ftn1"><p><a href="#_ftnref1" name="_ftn1"><span>[1]</span></a> By weight.</p></div>',
    ),
    "brackets outside": ('[<a href="#n1" id="r1">1</a>]', '<p id="n1">1. By weight. <a href="#r1">back</a></p>'),
    "no way back, at a word": ('<a href="#n1">1</a>', '<p id="n1">1. By weight.</p>'),
    "no way back, in brackets": (' <a href="#n1">[1]</a>', '<ol><li id="n1">By weight.</li></ol>'),
    "no way back, brackets outside": (' [<a href="#n1">1</a>]', '<p><a name="n1"></a>[1] By weight.</p>'),
    "no way back, a sign": ('<span><a href="#n1">*</a></span>', '<p id="n1">* By weight.</p>'),
    "no way back, a term": ('<a href="#n1">1</a>', '<dl><dt>1</dt><dd id="n1">By weight.</dd></dl>'),
    "docutils": (
        '<a class="footnote-reference" href="#n1" id="r1">1</a>',
        '<dl><dt id="n1"><a href="#r1">1</a></dt><dd><p>By weight.</p></dd></dl>',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("marker", "note"), NOTES.values(), ids=NOTES.keys())
def test_a_footnote_stands_behind_its_word(tmp_path: Path, marker: str, note: str) -> None:
    paragraphs = document(
        tmp_path, f"<p>Salt is dear{marker}. Rye is not.</p><h2>Notes</h2>{note}"
    ).paragraphs
    assert [paragraph.text for paragraph in paragraphs[1:]] == ["Salt is dear. Rye is not."]
    assert [(note.number, note.text, note.at) for note in paragraphs[1].notes] == [(1, "By weight.", 12)]


def test_a_link_to_a_section_is_no_footnote() -> None:
    page = '<p>See <a href="#s">1</a> and on.</p><h2 id="s">Part</h2><p>Text.</p>'
    assert texts(read(page)) == ["See 1 and on.", "Text."]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ('See paragraph <a href="#p3">3</a> and on.', '<p id="p3">3. The quay is granite.</p>'),
        ('See p.<a href="#p3">3</a> and on.', '<p id="p3">The quay is granite.</p>'),
        ('See list<a href="#p3">3</a> and on.', '<ol><li id="p3">The quay.</li><li>The ramp.</li></ol>'),
        ('See [<a href="#p3">3</a>] and on.', '<p>[2] Salt.</p><p id="p3">[3] Rye.</p><p>[4] Oats.</p>'),
        ('See [<a href="#p3">3</a>] and on.', '<h2 id="p3">3 The quay</h2><p>It is granite.</p>'),
    ],
)
def test_a_link_to_a_numbered_paragraph_is_no_footnote(link: str, target: str) -> None:
    contents = read(f"<p>{link}</p>{target}<p>Text.</p>")
    assert not texts(contents, "note")
    assert len(texts(contents)) >= 2
    assert "3" in texts(contents)[0]


def test_a_citation_in_words_stays_and_has_its_reference(tmp_path: Path) -> None:
    page = (
        '<p>Salt is dear (<a href="#ref-smith" role="doc-biblioref">Smith 2020</a>), they say.</p>'
        '<div id="refs"><div id="ref-smith">Smith, A. 2020. <i>Salt</i>. '
        '<a href="https://salt.example/a">https://salt.example/a</a></div></div>'
    )
    (paragraph,) = document(tmp_path, page).paragraphs[1:]
    assert paragraph.text == "Salt is dear (Smith 2020), they say."
    assert [(n.text, n.url, paragraph.text[: n.at]) for n in paragraph.notes] == [
        ("Smith, A. 2020. Salt.", "https://salt.example/a", "Salt is dear (Smith 2020")
    ]


METADATA = {
    "open graph": (
        '<meta property="og:title" content="The Quay"><meta property="og:site_name" content="Gazette">'
        '<meta property="article:published_time" content="2024-05-03T10:00:00Z">'
        '<meta name="author" content="By Ann Smith">'
        '<link rel="canonical" href="https://gazette.example/quay">',
        {"title": "The Quay", "publisher": "Gazette", "date": "2024-05-03", "author": "Ann Smith",
         "url": "https://gazette.example/quay"},
    ),
    "JSON-LD": (
        '<title>x</title><script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "no"}, {"@type": '
        '"NewsArticle", "headline": "The Quay", "author": [{"name": "Ann Smith"}, {"name": "Bo"}], "publisher": '
        '{"name": "Gazette"}, "datePublished": "2024-05-03"}]}</script>',
        {"title": "The Quay", "publisher": "Gazette", "date": "2024-05-03", "author": "Ann Smith, Bo"},
    ),
    "title and time": (
        '<title>The Quay | Gazette</title></head><body><h1>The Quay</h1><time datetime="2024-05-03">May</time>',
        {"title": "The Quay", "date": "2024-05-03"},
    ),
    "junk": (
        '<title>The Quay</title><meta name="author" content="admin"><meta name="date" content="soon">'
        '<script type="application/ld+json">{broken</script>',
        {"title": "The Quay"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("head", "known"), METADATA.values(), ids=METADATA.keys())
def test_a_page_says_who_made_it(head: str, known: dict[str, str]) -> None:
    assert read(f"<head>{head}</head><p>Text of the page.</p>").metadata == known


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("<p>Käse – 5 €</p>".encode(), "utf-8"),
        ("\ufeff<p>Käse – 5 €</p>".encode("utf-16-le"), "utf-16"),
        ('<meta charset="windows-1252"><p>Käse – 5 €</p>'.encode("cp1252"), "cp1252"),
        ('<meta http-equiv="content-type" content="charset=ISO-8859-1"><p>Käse – 5 €</p>'.encode("cp1252"), "cp1252"),
        ('<meta charset="iso-8859-1"><p>Käse – 5 €</p>'.encode("cp1252"), "cp1252"),
        ('<meta charset="shift_jis"><p>塩は高い。</p>'.encode("cp932"), "cp932"),
        ('<?xml version="1.0" encoding="windows-1251"?><p>Соль</p>'.encode("cp1251"), "cp1251"),
        ('<meta charset="utf-8"><p>Käse – 5 €</p>'.encode("cp1252"), "cp1252"),
        ('<meta charset="no-such"><p>Käse – 5 €</p>'.encode(), "utf-8"),
    ],
)  # fmt: skip
def test_the_encoding_is_found(data: bytes, encoding: str) -> None:
    found = html.read("page.html", data)
    assert texts(found)[0] in ("Käse – 5 €", "塩は高い。", "Соль")
    assert found.encoding == encoding


def test_xhtml_may_close_empty_elements() -> None:
    page = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/><script src="x"/></head>'
        '<body><p><a id="x"/>One.</p><p>Two.</p></body></html>'
    )
    assert texts(read_file(Path("page.xhtml"), page.encode())) == ["One.", "Two."]


def test_deep_nesting_keeps_its_text_and_takes_no_time() -> None:
    start = time.process_time()
    for opened in ("<div>", "<b>", "<table><tr><td>", "<ul><li>", "<font><div>"):
        assert "Deep down." in " ".join(texts(read(opened * 10_000 + "<p>Deep down.</p>")))
    assert time.process_time() - start < 20


def test_a_long_page_is_read_in_time() -> None:
    start = time.process_time()
    found = read(article(*[f"{PROSE[0]} {i}" for i in range(2500)]))
    assert len(texts(found)) == 2500
    assert time.process_time() - start < 30


@pytest.mark.parametrize(
    "data", [b"", b"  \n", b"<html></html>", b"<script>x()</script>", b"\x89PNG\r\n\x1a\n\x00\x00"]
)
def test_a_file_without_a_page_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^page\.html: [^\n]+$"):
        read_file(Path("page.html"), data)


TAGS = st.sampled_from(
    "<p>|</p>|<div class='menu'>|</div>|<table>|</table>|<tr>|<td>|</td>|<li>|<ul>|</ul>|<a href='#x'>1</a>|<sup>"
    "|</sup>|<p id='x'>|<h1>|</h1>|<!--|-->|<br>|words of salt and rye. |&#0;|\ue0001\ue001|<script>|<blockquote>"
    "|<article>|<main>|<a name='x' href='#y' id='y'>2</a>|<svg>|<title>|<time datetime='x'>|<meta>".split("|")
)


@settings(max_examples=80, deadline=None)
@given(st.lists(TAGS, max_size=40))
def test_any_page_is_read_or_refused(tags: list[str]) -> None:
    try:
        blocks = read_file(Path("page.html"), "".join(tags).encode()).blocks
    except UnreadableFile:
        return
    assert all(0 <= mark.at <= len(block.text) for block in blocks for mark in block.marks)
    assert not any("\ue000" in block.text for block in blocks)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for name in ("page.html", "page.htm", "page.xhtml"):
        try:
            read_file(Path(name), data)
        except UnreadableFile:
            continue


def test_the_public_articles_are_read() -> None:
    folder = shared("data/docs/html/articles")
    wanted = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = sorted(folder.glob("*.html.gz"))
    if not pages:
        pytest.skip("There are no pages in '../shared/data/docs/html/articles' beside the project.")
    missing = 0
    for path in pages:
        found = html.read(path.stem, gzip.decompress(path.read_bytes()))
        words = set(" ".join(texts(found)).split())
        wanted_words = set(wanted[path.name.removesuffix(".html.gz")]["articleBody"].split())
        missing += len(wanted_words - words) > 0.2 * len(wanted_words)
    assert missing == 0
