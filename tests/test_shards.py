"""Shards of paragraphs: the words in them as files, the same scores as in one piece, and what is counted in them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import bm25s
import pytest
from fakes import OneHotEncoder
from hypothesis import given
from hypothesis import strategies as st

from assistant import tallies
from assistant.tallies import tally
from assistant.words import Rarity, content_words, stem, stem_counts, stems
from index import shards as borders
from index.corpus import list_files, read_document
from index.documents import Paragraph, content_hash
from index.errors import StoreError
from index.lexical import Lexical, _tokens, is_kept, keep, kind, row_of
from index.library import Library
from index.postings import Postings
from index.shards import Shard, clean, shards
from index.sync import Place, remove, sync
from index.vocabulary import Vocabulary, word_counts

ROOT = Path(__file__).parent.parent
WORDS = [f"w{number}" for number in range(300)] + ["the", "boats", "boat", "2024", "UN"]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borders, "SHORTEST", 8)
    monkeypatch.setattr(borders, "LONGEST", 64)
    monkeypatch.setattr(borders, "ONE_IN", 24)


def made(seed: int, documents: int = 40) -> dict[str, list[str]]:
    """Documents of a few paragraphs of random words, rare ones and frequent ones."""
    chance = random.Random(seed)
    weights = [1 / (1 + place) for place in range(len(WORDS))]
    return {
        f"d{number}": [
            " ".join(chance.choices(WORDS, weights, k=chance.randint(0, 60)))
            for _ in range(chance.randint(1, 15))
        ]
        for number in range(documents)
    }


def numbered(documents: dict[str, list[str]]) -> list[Paragraph]:
    return [
        Paragraph(id, number, None, text, None, 0, len(text), content_hash(text))
        for id in sorted(documents)
        for number, text in enumerate(documents[id])
    ]


def in_one_piece(paragraphs: Sequence[Paragraph], query: str, k: int) -> list[tuple[Paragraph, float]]:
    """What bm25s finds over all paragraphs at once; of the same score the earlier one first."""
    texts = ["\n".join(part for part in (p.heading, p.text) if part) for p in paragraphs]
    index = bm25s.BM25()
    index.index(_tokens(texts), show_progress=False)
    places, scores = index.retrieve(_tokens([query]), k=len(paragraphs), show_progress=False)
    found = sorted(zip(places[0], scores[0], strict=True), key=lambda pair: (-pair[1], pair[0]))
    return [(paragraphs[int(place)], float(score)) for place, score in found if score > 0][:k]


def parts(paragraphs: Iterable[Paragraph]) -> tuple[Shard, ...]:
    return shards(map(row_of, paragraphs))


def written(folder: Path, paragraphs: Sequence[Paragraph]) -> int:
    """Keep what is not kept, as a sync does; how many shards were written."""
    folder.mkdir(exist_ok=True)
    todo = [shard for shard in parts(paragraphs) if not is_kept(folder, shard)]
    for shard in todo:
        keep(folder, shard, paragraphs[shard.start : shard.end])
    clean(folder, parts(paragraphs))
    return len(todo)


def test_scores_are_those_of_one_piece_after_every_update(tmp_path: Path) -> None:
    documents, chance = made(1), random.Random(2)
    for step in range(6):
        paragraphs = numbered(documents)
        written(tmp_path / "shards", paragraphs)
        assert len(parts(paragraphs)) > 3
        lexical = Lexical(paragraphs, tmp_path / "shards")
        for _ in range(12):
            query = " ".join(chance.choices([*WORDS, "unheard"], k=chance.randint(0, 9)))
            assert lexical.query(query, 64) == in_one_piece(paragraphs, query, 64), query
        changed = f"d{chance.randrange(40)}"
        documents[changed] = [*documents.get(changed, []), f"boats of step {step}"]
        documents.pop(f"d{chance.randrange(40)}", None)
        documents[f"new{step}"] = ["the UN counts w1 w1 w250 boats"] * 3


def test_the_digests_are_ranked_as_in_one_piece(tmp_path: Path) -> None:
    corpus = ROOT / "corpus"
    read = [read_document(file, corpus) for file in list_files(corpus)]
    paragraphs = [p for each in sorted(read, key=lambda each: each.document.id) for p in each.paragraphs]
    written(tmp_path / "shards", paragraphs)
    lexical = Lexical(paragraphs, tmp_path / "shards")
    for p in paragraphs:
        query = " ".join(p.text.split()[2:12])
        assert lexical.query(query, 64) == in_one_piece(paragraphs, query, 64)
        assert lexical.query(query, 5, [p.document_id])[0][0].document_id == p.document_id


def test_a_change_renews_only_its_shard(tmp_path: Path) -> None:
    documents = made(3, documents=200)
    assert written(tmp_path / "shards", numbered(documents)) > 20
    assert written(tmp_path / "shards", numbered(documents)) == 0
    documents["d77"][0] += " another word"
    assert written(tmp_path / "shards", numbered(documents)) == 1
    documents["d77"].append("one more paragraph")
    assert written(tmp_path / "shards", numbered(documents)) <= 3
    del documents["d100"]
    assert written(tmp_path / "shards", numbered(documents)) <= 3
    assert {file.name for file in (tmp_path / "shards").iterdir()} == {
        f"{shard.name}.{kind()}" for shard in parts(numbered(documents))
    }


@given(st.lists(st.integers(0, 40), max_size=30))
def test_shards_hold_every_paragraph_once_and_are_bounded(sizes: list[int]) -> None:
    paragraphs = numbered({f"d{at:02}": ["text"] * size for at, size in enumerate(sizes)})
    found = parts(paragraphs)
    assert [at for shard in found for at in range(shard.start, shard.end)] == list(range(len(paragraphs)))
    assert all(8 <= shard.end - shard.start <= 64 for shard in found[:-1])


def damage(file: Path, how: str) -> None:
    data = bytearray(file.read_bytes())
    match how:
        case "gone":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(data[: len(data) // 2])
        case "flipped":
            data[-3] ^= 255
            file.write_bytes(data)
        case "other":
            file.write_bytes(b"not an array at all" * 40)


@pytest.mark.parametrize("how", ["gone", "empty", "cut", "flipped", "other"])
def test_a_damaged_shard_is_made_in_memory_and_written_anew_by_a_sync(
    corpus: Path, tmp_path: Path, how: str
) -> None:
    place = Place(corpus, tmp_path / "data")
    sync(place, OneHotEncoder())
    (file,) = place.shards.iterdir()
    before, whole = file.read_bytes(), found(place)
    damage(file, how)
    assert Postings.opened(file) is None
    assert found(place) == whole
    assert sync(place, OneHotEncoder()).embedded == 0
    assert file.read_bytes() == before


def found(place: Place) -> list[tuple[str, int, float]]:
    with closing(Library(place, OneHotEncoder())) as library:
        hits = library.search("Who pays for the bridge over the river?")
        return [(hit.paragraph.document_id, hit.paragraph.number, hit.score) for hit in hits]


def test_words_of_what_is_removed_do_not_stay(corpus: Path, tmp_path: Path) -> None:
    place = Place(corpus, tmp_path / "data")
    sync(place, OneHotEncoder())
    with closing(Library(place, OneHotEncoder())) as library:
        tally(library.shards(), library.shard_folder, word_counts)
        assert b"breweries" in b"".join(file.read_bytes() for file in place.shards.iterdir())
        remove(place, "mill")
        assert [file.name.partition(".")[2] for file in place.shards.iterdir()] == [kind()]
        # Who still has the state of before open counts in it, and leaves nothing behind.
        assert tally(library.shards(), library.shard_folder, word_counts)["breweries"] == 1
    assert [file.name.partition(".")[2] for file in place.shards.iterdir()] == [kind()]


def test_a_folder_that_cannot_be_written_to_is_named(corpus: Path, tmp_path: Path) -> None:
    place = Place(corpus, tmp_path / "data")
    place.folder.mkdir(parents=True)
    place.shards.write_text("in the way")
    with pytest.raises(StoreError, match=r"^The words in '.*shards' cannot be written: .*then try again\.$"):
        sync(place, OneHotEncoder())
    place.shards.unlink()
    assert sync(place, OneHotEncoder()).embedded == 0
    assert place.shards.is_dir()


def test_counts_of_shards_are_those_of_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = made(5)
    paragraphs = numbered(documents)
    texts = [p.text for p in paragraphs]
    folder = tmp_path / "shards"
    written(folder, paragraphs)

    def counted() -> tuple[Counter[str], Counter[str]]:
        split = [(each, paragraphs[each.start : each.end]) for each in parts(paragraphs)]
        return tally(split, folder, stem_counts), tally(split, folder, word_counts)

    whole = (stem_counts(texts), word_counts(texts))
    assert counted() == whole
    assert [list(each) for each in counted()] == [list(each) for each in whole]
    written_now: list[Path] = []
    monkeypatch.setattr(tallies, "_write", lambda file, counts: written_now.append(file))
    assert counted() == whole
    assert written_now == []
    paragraphs[0] = numbered({"d0": ["boats and ferries"]})[0]
    written(folder, paragraphs)
    stem_whole = stem_counts(p.text for p in paragraphs)
    assert counted()[0] == stem_whole
    assert {file.name.rpartition(".")[2] for file in written_now} == {"stem_counts", "word_counts"}
    assert len(written_now) == 2


@pytest.mark.parametrize("how", ["gone", "empty", "cut", "flipped", "other"])
def test_damaged_counts_are_counted_again(tmp_path: Path, how: str) -> None:
    paragraphs = numbered({"d": ["boats and ferries", "a boat"]})
    written(tmp_path / "shards", paragraphs)
    split = [(each, paragraphs) for each in parts(paragraphs)]
    before = tally(split, tmp_path / "shards", word_counts)
    (file,) = (tmp_path / "shards").glob("*.word_counts")
    damage(file, how)
    assert tally(split, tmp_path / "shards", word_counts) == before == word_counts(p.text for p in paragraphs)


def test_what_was_counted_serves_as_texts_do() -> None:
    texts = ["Boats of the U.S. and the UN's harbour-master", "boats, boats", ""]
    rarity, counted = Rarity(texts), Rarity(counted=stem_counts(texts), of=3)
    for word in ("boat", "harbour", "master", "nowhere"):
        assert rarity(word) == counted(word)
    vocabulary = Vocabulary((), frozenset({"the"}), word_counts(texts))
    assert vocabulary.correct("the haurbour") == Vocabulary(texts, frozenset({"the"})).correct("the haurbour")


@given(st.text(alphabet="aAb.U'’-/+ 2é\n", max_size=40))
def test_stems_of_a_text_are_those_of_its_words(text: str) -> None:
    expected = {word.stem for word in content_words(text)} | {
        stem(part)
        for word in content_words(text)
        if "-" in word.text
        for part in word.text.split("-")
        if part
    }
    assert stems(text) == expected
