"""The evidence reader over a one-hot encoder, a span finder that knows the answers, and weights by hand."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import OneHotEncoder
from fakes_assistant import MarkedSpans, hit, weights

from assistant.errors import ReaderError
from assistant.reader import Evidence, Reading
from assistant.reader.evidence import EvidenceReader, Weights, load_weights
from assistant.reader.features import FEATURES
from assistant.reader.span import LONGEST_ANSWER, SpanFound, _best
from assistant.words import Rarity
from index.documents import Hit

QUAY = "The quay is long. Salt lies on the quay near the harbour. The ferry is late."
BELL = "The bell rings in winter."


def logistic(score: float) -> float:
    return 1 / (1 + math.exp(-score))


def reader(
    model: Weights | None = None,
    *,
    spans: dict[str, float] | None = None,
    encoder: OneHotEncoder | None = None,
    titles: dict[str, str] | None = None,
) -> EvidenceReader:
    return EvidenceReader(
        encoder or OneHotEncoder(),
        MarkedSpans(spans or {}),
        Rarity([QUAY, BELL]),
        titles or {},
        model or weights(cosine_sentence=1.0),
    )


def only(text: str, question: str, spans: dict[str, float] | None = None) -> Evidence:
    """The evidence of a hit of one sentence."""
    (found,) = reader(spans=spans).read(question, [hit("harbour 1", text)]).evidence
    return found


# Order and probability


def test_sentences_come_best_first_with_their_spans() -> None:
    read = reader().read("salt harbour quay", [hit("harbour 2", BELL), hit("harbour 1", QUAY)])
    assert [(e.hit.paragraph.number, e.text) for e in read.evidence] == [
        (1, "Salt lies on the quay near the harbour."),  # cosine 1
        (1, "The quay is long."),  # 1 / sqrt(3)
        (1, "The ferry is late."),  # 0, and before paragraph 2 in order of place
        (2, BELL),
    ]
    assert read.answerable == read.evidence[0].answerable


def test_the_probability_is_the_logistic_of_the_weighted_features() -> None:
    read = reader(weights(bias=-1.0, cosine_sentence=2.0)).read("salt harbour quay", [hit("harbour 1", QUAY)])
    assert [e.answerable for e in read.evidence] == pytest.approx(
        [logistic(2.0 - 1), logistic(2 / math.sqrt(3) - 1), logistic(-1)]
    )
    assert [e.score for e in read.evidence] == pytest.approx([e.answerable for e in read.evidence])


def test_features_are_standardised_before_they_are_weighed() -> None:
    size = len(FEATURES)
    model = Weights("x", (3.0,) * size, (2.0,) * size, (1.0,) + (0.0,) * (size - 1), 0.5, 0.5)
    assert model.probability(np.full(size, 7.0)) == pytest.approx(logistic((7 - 3) / 2 + 0.5))


def test_the_span_models_margin_counts() -> None:
    read = reader(weights(span_margin=1.0), spans={"The bell": 4.0}).read(
        "quay", [hit("harbour 1", QUAY), hit("harbour 2", BELL)]
    )
    assert read.evidence[0].text == BELL
    assert [e.answerable for e in read.evidence[:2]] == pytest.approx([logistic(4), logistic(-6)])


def test_a_worse_hit_counts_by_its_distance_to_the_best() -> None:
    read = reader(weights(rank_gap=1.0)).read("quay", [hit("a 1", BELL, 3.0), hit("b 1", BELL, 1.0)])
    assert [e.answerable for e in read.evidence] == pytest.approx([0.5, logistic(-2)])


def test_words_of_the_question_are_looked_for_in_sentence_paragraph_and_title() -> None:
    # Over [QUAY, BELL] "salt", "quay", "ferry" and "bell" have one rarity each, "mill" is rarer and stands nowhere.
    rare = 1 - math.log(2) / math.log(3)
    in_sentence = reader(weights(hard_sentence=1.0)).read("salt, ferry", [hit("harbour 1", QUAY)])
    assert [e.answerable for e in in_sentence.evidence] == pytest.approx(
        [logistic(0.5), logistic(0.5), logistic(0)]
    )
    whole = reader(weights(hard_paragraph=1.0))
    assert whole.read("salt, ferry", [hit("harbour 1", QUAY)]).answerable == pytest.approx(logistic(1))
    assert whole.read("salt, mill", [hit("harbour 1", QUAY)]).answerable == pytest.approx(
        logistic(rare / (rare + 1))
    )
    titled = reader(weights(hard_paragraph=1.0), titles={"harbour": "The mill"})
    assert titled.read("salt, mill", [hit("harbour 1", QUAY)]).answerable == pytest.approx(logistic(1))


@pytest.mark.parametrize(
    ("question", "found"), [("", [hit("harbour 1", QUAY)]), (" \n", [hit("harbour 1", QUAY)]), ("quay", [])]
)
def test_nothing_to_read_is_no_evidence(question: str, found: Sequence[Hit]) -> None:
    assert reader().read(question, found) == Reading((), 0.0)


def test_a_paragraph_without_sentences_gives_none() -> None:
    assert reader().read("quay", [hit("harbour 1", " ")]) == Reading((), 0.0)


# Short answers

OPENED = "Ines Albrecht and Jonas Weber opened the mill on 3 May 2019 for 40 guests."


@pytest.mark.parametrize(
    ("question", "span", "short"),
    [
        ("When was the mill opened?", {"on 3 May": 2.0}, "3 May 2019"),
        ("Who opened the mill?", {"Jonas Weber": 2.0}, "Jonas Weber"),
        ("Who opened the mill?", {"Weber opened": -3.0}, "Jonas Weber"),  # touched, however unsure
        ("How many guests came?", {"40 guests": 2.0}, "40"),
    ],
)
def test_the_fact_that_the_span_touches_answers(question: str, span: dict[str, float], short: str) -> None:
    assert only(OPENED, question, span).short_text == short


def test_where_it_touches_no_fact_the_span_itself_answers() -> None:
    assert only(
        "The keeper opened the mill in 2019.", "Who opened the mill?", {"The keeper": 1.0}
    ).short_text == ("The keeper")
    assert (
        only("The mill lies by the river.", "What lies by the river?", {"The mill": 1.0}).short_text
        == "The mill"
    )


def test_without_a_span_the_fact_nearest_to_the_questions_words_answers() -> None:
    text = "The mill opened in 1990 with the river in flood, and the bridge opened in 1995 with the bell."
    assert only(text, "When did the bridge open?").short_text == "1995"
    assert only(text, "When did the mill open?").short_text == "1990"


def test_the_figure_before_what_is_counted_is_nearest() -> None:
    counting = reader(encoder=OneHotEncoder("ships carts"))
    for question, figure in {"How many carts?": "30", "How many ships?": "12"}.items():
        (found,) = counting.read(
            question, [hit("harbour 1", "On that day 12 ships and 30 carts came.")]
        ).evidence
        assert found.short_text == figure


@pytest.mark.parametrize(
    ("question", "text", "short"),
    [
        ("Who opened the mill?", "In Norway it was Ines Albrecht.", "Ines Albrecht"),
        ("Who opened the mill?", "It was opened in Norway.", None),
        ("Which country has the mill?", "It was Ines Albrecht of Norway.", "Norway"),
        ("Which agency has the mill?", "It was Ines Albrecht of the Harbour Board.", "Harbour Board"),
        ("When was the mill opened?", "Ines Albrecht opened it for 40 guests.", None),
        ("What happened to the mill?", "It burned on 3 May 2019.", None),
    ],
)
def test_only_a_fact_of_the_sought_kind_answers(question: str, text: str, short: str | None) -> None:
    assert only(text, question).short_text == short


def test_what_the_question_says_itself_is_no_answer() -> None:
    assert only("Ines Albrecht met Jonas Weber.", "Who met Ines Albrecht?").short_text == "Jonas Weber"


def test_the_short_answer_is_a_span_of_the_paragraph() -> None:
    text = "The quay is long. The mill opened in 1990."
    best, _ = reader(spans={"1990": 3.0}).read("When did the mill open?", [hit("harbour 1", text)]).evidence
    assert best.short == (text.index("1990"), text.index("1990") + 4)


# What is missing


def test_names_and_figures_of_the_question_that_the_paragraph_lacks_are_missing() -> None:
    text = "Ines Albrecht opened the mill in 2019."
    assert only(text, "Did Jonas Weber open 7 mills in Norway?").missing == ("Jonas Weber", "Norway", "7")
    assert only(text, "Did Albrecht open the mill in 2019?").missing == ()


def test_what_stands_in_another_sentence_or_the_title_is_not_missing() -> None:
    text = "Ines Albrecht came. The mill opened."
    named = reader(titles={"harbour": "Ellmouth in 2019"})
    for found in named.read("Did Ines Albrecht of Ellmouth come in 2019?", [hit("harbour 1", text)]).evidence:
        assert found.missing == ()


def test_missing_facts_count() -> None:
    model = weights(missing_names=-1.0, missing_figures=-2.0)
    read = reader(model).read("Did Norway pay $7 to Sweden in 1999?", [hit("harbour 1", "Norway paid.")])
    assert read.answerable == pytest.approx(logistic(-1 - 2 * 2))


# The cache


def test_a_paragraph_is_prepared_once() -> None:
    encoder = OneHotEncoder()
    kept = reader(encoder=encoder)
    first = kept.read("quay", [hit("harbour 1", QUAY)])
    assert len(encoder.embedded) == 3
    assert kept.read("quay", [hit("harbour 1", QUAY)]) == first
    assert len(encoder.embedded) == 3
    kept.read("quay", [hit("harbour 1", QUAY), hit("harbour 2", BELL)])
    assert encoder.embedded[3:] == [BELL]


def test_a_text_that_stands_in_two_places_is_evidence_of_both() -> None:
    read = reader().read("bell", [hit("a 1", BELL), hit("b 1", BELL)])
    assert [e.hit.paragraph.document_id for e in read.evidence] == ["a", "b"]


def test_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.reader.evidence._CACHED", 1)
    encoder = OneHotEncoder()
    kept = reader(encoder=encoder)
    for _ in range(2):
        kept.read("quay", [hit("harbour 1", QUAY)])
        kept.read("bell", [hit("harbour 2", BELL)])
    assert len(encoder.embedded) == 2 * (3 + 1)
    kept.read("bell", [hit("harbour 2", BELL)])
    assert len(encoder.embedded) == 8


# Weights


def stored(path: Path, **changed: object) -> Path:
    size = len(FEATURES)
    values = {
        "name": "by-hand",
        "features": list(FEATURES),
        "mean": [0.0] * size,
        "scale": [1.0] * size,
        "weight": [0.0] * size,
        "bias": 0.25,
        "abstain_below": 0.4,
    }
    path.write_text(json.dumps(values | changed), encoding="utf-8")
    return path


def test_weights_are_read_from_their_file(tmp_path: Path) -> None:
    loaded = load_weights(stored(tmp_path / "weights.json"))
    assert loaded.name.startswith("by-hand-")
    assert (loaded.bias, loaded.abstain_below, loaded.span_sha256) == (0.25, 0.4, None)
    assert loaded.probability(np.zeros(len(FEATURES))) == pytest.approx(logistic(0.25))


def test_other_weights_are_another_reader_so_that_an_answer_names_the_ones_it_was_given_by(
    tmp_path: Path,
) -> None:
    first, second = stored(tmp_path / "a.json"), stored(tmp_path / "b.json")
    assert load_weights(first).name == load_weights(second).name
    changed = json.loads(second.read_text()) | {"abstain_below": 0.41}
    (tmp_path / "c.json").write_text(json.dumps(changed))
    assert load_weights(tmp_path / "c.json").name != load_weights(first).name


@pytest.mark.parametrize("features", [[], ["cosine"], [*FEATURES, "one_more"], list(reversed(FEATURES))])
def test_weights_of_other_features_are_refused(tmp_path: Path, features: list[str]) -> None:
    path = stored(tmp_path / "other.json", features=features)
    with pytest.raises(
        ReaderError, match=r"other\.json was fitted to other features; run: python -m assistant"
    ):
        load_weights(path)


# The span of one sentence, from logits: begin | end for "[CLS] who [SEP] salt lies here . more [SEP]"

OFFSETS = np.array([(0, 0), (0, 3), (0, 0), (0, 4), (5, 9), (10, 14), (14, 15), (16, 20), (0, 0)])
INSIDE = np.array([False, False, False, True, True, True, True, True, False])


def logits(begin: Sequence[float], end: Sequence[float]) -> np.ndarray:
    return np.array([begin, end], dtype=np.float32).T


def test_the_best_span_is_the_highest_sum_of_a_begin_and_a_later_end() -> None:
    found = _best(logits([9, 9, 9, 1, 3, 0, 0, 8, 9], [9, 9, 9, 2, 0, 4, 1, 8, 9]), OFFSETS, INSIDE, 0, 15)
    assert found == (7.0, 5, 14)  # 3 at "lies" and 4 at "here"; "more" and the question lie outside


def test_an_end_never_precedes_its_begin() -> None:
    found = _best(logits([0, 0, 0, 0, 0, 5, 0, 0, 0], [0, 0, 0, 6, 0, 1, 0, 0, 0]), OFFSETS, INSIDE, 0, 15)
    assert found == (6.0, 0, 4)  # not 11 from "here" back to "salt"; of two with the sum 6, the first


def test_each_sentence_has_its_own_best() -> None:
    given = logits([0, 0, 0, 1, 3, 0, 0, 2, 0], [0, 0, 0, 2, 0, 4, 1, 2, 0])
    assert _best(given, OFFSETS, INSIDE, 16, 20) == (4.0, 16, 20)


def test_a_window_without_the_sentence_has_no_span() -> None:
    given = logits([0] * 9, [0] * 9)
    assert _best(given, OFFSETS, INSIDE, 40, 60) is None
    assert _best(given, OFFSETS, np.zeros(9, dtype=bool), 0, 15) is None


def test_a_span_is_no_longer_than_an_answer() -> None:
    count = LONGEST_ANSWER + 5
    offsets = np.array([(2 * i, 2 * i + 1) for i in range(count)])
    begin, end = np.zeros(count), np.zeros(count)
    begin[0] = 5.0
    end[-1] = 5.0
    end[3] = 1.0
    found = _best(logits(list(begin), list(end)), offsets, np.ones(count, dtype=bool), 0, 2 * count)
    assert found == (6.0, 0, 7)


def test_a_span_found_is_a_margin_and_a_place() -> None:
    assert MarkedSpans({"salt": 2.0}).find("?", ["a salt"], [[(0, 6)]]) == [[SpanFound(2.0, 2, 6)]]
