"""Fusion of the three legs, by arithmetic that can be followed, and search in a real index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import OneHotEncoder

from index.chroma import ChromaServer
from index.documents import Found, Leg, Paragraph, content_hash
from index.errors import IndexMissing
from index.library import Library
from index.search import Scored, best_per_paragraph, fuse
from index.sync import Place, sync


def paragraph(name: str) -> Paragraph:
    """`b2` is paragraph 2 of document b."""
    return Paragraph(name[0], int(name[1:]), None, name, None, 0, len(name), content_hash(name))


def scored(**scores: float) -> Scored:
    return [(paragraph(name), score) for name, score in scores.items()]


def fused(k: int = 9, **legs: Scored) -> dict[str, float]:
    named: dict[Leg, Scored] = {}
    for leg in ("paragraph", "sentence", "bm25"):
        if leg in legs:
            named[leg] = legs[leg]
    return {hit.paragraph.text: round(hit.score, 3) for hit in fuse(named, k)}


def test_scores_are_standardised_within_a_leg_and_summed() -> None:
    # 3 and 1: mean 2, deviation 1. 9, 6, 3: mean 6, deviation 2.449.
    found = fused(paragraph=scored(a1=3.0, a2=1.0), bm25=scored(a1=9.0, a3=6.0, a2=3.0))
    assert found == {"a1": 1 + 1.225, "a3": -1 + 0.0, "a2": -1 - 1.225}
    assert list(found) == ["a1", "a3", "a2"]


def test_what_a_leg_did_not_find_gets_its_lowest_score() -> None:
    found = fused(paragraph=scored(a1=3.0, a2=1.0), sentence=scored(a1=0.9, a2=0.5, a3=0.1))
    assert found["a3"] == round(-1 - 1.2247, 3)


@pytest.mark.parametrize("scores", [{"a1": 0.7}, {"a1": 0.7, "a2": 0.7}], ids=["one", "equal"])
def test_scores_without_a_spread_say_nothing(scores: dict[str, float]) -> None:
    assert set(fused(paragraph=scored(**scores)).values()) == {0.0}


def test_an_empty_leg_says_nothing() -> None:
    assert fused(paragraph=scored(a1=3.0, a2=1.0), bm25=[]) == {"a1": 1.0, "a2": -1.0}
    assert fused(paragraph=[], bm25=[]) == {}


def test_ties_are_in_the_order_of_document_and_number() -> None:
    tied = scored(b1=1.0, a10=1.0, a2=1.0)
    assert list(fused(paragraph=tied)) == ["a2", "a10", "b1"]
    assert list(fused(paragraph=list(reversed(tied)))) == ["a2", "a10", "b1"]


def test_no_more_than_k_are_given() -> None:
    assert list(fused(2, paragraph=scored(a1=3.0, a2=2.0, a3=1.0))) == ["a1", "a2"]


def test_a_hit_says_which_leg_found_it_with_which_score() -> None:
    hits = fuse({"paragraph": scored(a1=0.9, a2=0.4), "bm25": scored(a2=7.5)}, 9)
    assert {hit.paragraph.text: hit.found_by for hit in hits} == {
        "a1": (Found("paragraph", 0.9, 1),),
        "a2": (Found("paragraph", 0.4, 2), Found("bm25", 7.5, 1)),
    }


def test_a_paragraph_counts_by_its_best_sentence() -> None:
    several = [(paragraph("a2"), 0.2), (paragraph("a1"), 0.5), (paragraph("a2"), 0.9), (paragraph("a1"), 0.1)]
    assert [(p.text, score) for p, score in best_per_paragraph(several)] == [("a2", 0.9), ("a1", 0.5)]


@pytest.fixture
def library(corpus: Path, tmp_path: Path, chroma: ChromaServer | None) -> Iterator[Library]:
    place, encoder = Place(corpus, tmp_path / "data", chroma), OneHotEncoder()
    sync(place, encoder)
    opened = Library(place, encoder)
    yield opened
    opened.close()


def places(library: Library, query: str, k: int = 9, documents: tuple[str, ...] = ()) -> list[str]:
    found = library.search(query, k, documents)
    return [f"{hit.paragraph.document_id} {hit.paragraph.number}" for hit in found]


def test_every_leg_finds_the_paragraph(library: Library) -> None:
    hit = library.search("Who pays for the bridge, the bakers?")[0]
    assert (hit.paragraph.document_id, hit.paragraph.number) == ("harbour", 3)
    assert {found.leg: found.rank for found in hit.found_by} == {"paragraph": 1, "sentence": 1, "bm25": 1}
    by_leg = {found.leg: found.score for found in hit.found_by}
    # The sentence has the two words of the query; with its title goes a third, "harbour".
    assert by_leg["sentence"] == pytest.approx(1.0, abs=1e-5)
    assert by_leg["paragraph"] == pytest.approx(2 / (2 * 3) ** 0.5, abs=1e-5)
    assert by_leg["bm25"] > 0


def test_search_keeps_to_the_documents_that_are_named(library: Library) -> None:
    assert set(places(library, "the river and the ferry", 2)) == {"mill 2", "harbour 2"}
    assert {place.split()[0] for place in places(library, "the ferry", 9, ("mill",))} == {"mill"}
    assert places(library, "the ferry", 9, ("nowhere",)) == []


@pytest.mark.parametrize("query", ["", "  \n"])
def test_an_empty_query_finds_nothing(library: Library, query: str) -> None:
    assert library.search(query) == []


def test_words_that_no_document_has_still_give_the_nearest(library: Library) -> None:
    hits = library.search("zeppelin")
    assert hits
    assert not any(found.leg == "bm25" for hit in hits for found in hit.found_by)


def test_the_front_matter_is_found(library: Library) -> None:
    assert "harbour 0" in places(library, "Ellmouth Harbour Board publisher", 3)


def test_the_library_gives_documents_and_paragraphs(library: Library) -> None:
    assert [document.id for document in library.documents()] == ["harbour", "mill"]
    assert [paragraph.number for paragraph in library.paragraphs("harbour")] == [0, 1, 2, 3]
    assert library.document("mill") is not None
    assert library.document("nowhere") is None
    assert library.paragraph("harbour", 4) is None
    found = library.paragraph("harbour", 2)
    assert found is not None
    assert [(note.number, note.url) for note in found.notes] == [(1, "https://gazette.example/bell")]
    assert len(library.all_paragraphs()) == 7


def test_what_was_never_built_cannot_be_opened(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(
        IndexMissing, match=r"There is no index in '.*'\. Build it with: python -m index build"
    ):
        Library(Place(corpus, tmp_path / "data"), OneHotEncoder())
