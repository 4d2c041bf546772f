"""What training is shown: marks, views of an example, targets, and the examples made from labelled ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from assistant.reader.data import Example, _negate, _opposite, _swap, narrowed
from assistant.reader.marks import token_marks
from assistant.reader.measure import Given, _crossed, _threshold, auc, f1
from assistant.reader.model import SpanModel, load_tokenizer, save_weights
from assistant.reader.span import SpanFound
from assistant.reader.train import CROPS, Schedule, _batches, _divergence, average, encode, train, view
from index.sentences import Span

PARAGRAPH = (
    "The ferry Corvina crossed the strait in 1931. Mira Holt, its captain, kept a diary. "
    "In the winter the ice closed the harbour for 54 days. The pilots went on foot. "
    "Nobody was lost. The town paid them a bonus."
)
QUESTION = "How many days was the harbour closed in winter?"


def span(text: str) -> Example:
    start = PARAGRAPH.index(text)
    return Example("squad", QUESTION, PARAGRAPH, "span", start, start + len(text))


def marked(question: str, paragraph: str, *, missing: bool = True) -> dict[str, int]:
    """The mark of each word, the question's words with a question mark before them."""
    words, offsets, parts = [], [], []
    for part, text in enumerate((question, paragraph)):
        at = 0
        for word in text.split():
            start = text.index(word, at)
            at = start + len(word)
            words.append(("?" if part == 0 else "") + word)
            offsets.append((start, at))
            parts.append(part)
    return dict(zip(words, token_marks(question, paragraph, offsets, parts, missing=missing), strict=True))


# Marks


def test_a_word_of_the_question_is_marked_as_there_or_missing() -> None:
    marks = marked("When did ferries cross the fjord", "The ferry crossed the strait")
    assert marks["?ferries"] == marks["?cross"] == 1  # by their stems
    assert marks["?fjord"] == 2
    assert marks["?When"] == marks["?the"] == 0
    in_use = marked("When did ferries cross the fjord", "The ferry crossed the strait", missing=False)
    assert in_use == {**marks, "?fjord": 0}


def test_a_word_of_the_paragraph_is_marked_by_its_form_and_by_whether_it_is_asked_about() -> None:
    marks = marked("the ferry Corvina in 1931 NATO", "ferry strait Corvina Mira 1931 54 NATO USA")
    asked = {marks["ferry"], marks["Corvina"], marks["1931"], marks["NATO"]}
    plain = {marks["strait"], marks["Mira"], marks["54"], marks["USA"]}
    assert len(asked | plain) == 8
    assert {mark - 4 for mark in asked} == plain


def test_parts_of_hyphenated_words_and_owners_are_found() -> None:
    marks = marked("the Russian captain", "The Russian-built ship's captain’s")
    assert marks["?Russian"] == 1
    assert marks["captain’s"] == marked("captain", "captain")["captain"]


def test_special_tokens_have_no_mark() -> None:
    assert token_marks("ferry", "ferry", [(0, 0), (0, 5), (0, 0)], [None, 0, None]) == [0, 1, 0]


# Views


@pytest.mark.parametrize("seed", range(20))
def test_a_crop_is_whole_sentences_around_the_target(seed: int) -> None:
    example = span("54 days")
    seen = view(example, random.Random(seed), (60, 120))
    assert seen.context[seen.start : seen.end] == "54 days"
    assert seen.context in PARAGRAPH
    assert seen.context[0].isupper()
    assert seen.context.rstrip().endswith(".")


def test_whole_paragraphs_are_shown_without_a_crop() -> None:
    assert view(span("1931"), random.Random(0), None).context == PARAGRAPH


def test_some_questions_are_shown_as_people_type_them() -> None:
    seen = {view(span("54 days"), random.Random(seed), None).question for seed in range(60)}
    assert QUESTION in seen
    assert QUESTION.rstrip("?").lower() in seen
    assert any("the" not in question.split() and "how many" in question for question in seen)


def test_the_targets_tokens_are_the_answers() -> None:
    tokenizer = load_tokenizer()
    encoded = encode(span("54 days"), tokenizer)
    assert encoded is not None
    (first,), (last,) = encoded.starts, encoded.ends
    assert tokenizer.decode(encoded.ids[first : last + 1]) == "54 days"
    assert len(encoded.marks) == len(encoded.ids)
    assert first >= encoded.context_at


def test_without_an_answer_the_target_is_the_first_token() -> None:
    encoded = encode(Example("squad-none", QUESTION, PARAGRAPH, "none"), load_tokenizer())
    assert encoded is not None
    assert (encoded.starts, encoded.ends) == ([0], [0])


def test_a_sentence_target_allows_each_of_its_tokens() -> None:
    tokenizer = load_tokenizer()
    text = "The pilots went on foot."
    start = PARAGRAPH.index(text)
    encoded = encode(Example("reqa", QUESTION, PARAGRAPH, "sentence", start, start + len(text)), tokenizer)
    assert encoded is not None
    assert encoded.starts == encoded.ends
    assert tokenizer.decode([encoded.ids[i] for i in encoded.starts]) == text.lower()


def test_a_run_resumes_with_the_batches_that_it_would_have_had() -> None:
    examples = [
        span("54 days"),
        span("1931"),
        Example("qamr", "Who?", "Mira Holt kept it.", "span", 0, 9),
    ] * 40
    schedule = Schedule(batch=8, rate=1e-4, epochs=2.5, frozen=0, seed=3)
    batches = _batches(examples, schedule)
    assert batches == _batches(examples, schedule)
    assert sum(len(batch) for batch in batches) == 120 + 80 + 40  # the third source is read once
    assert len(CROPS) == 2
    later = _batches(examples, Schedule(batch=8, rate=1e-4, epochs=1, frozen=0, seed=3, past=2))
    assert (
        sum(len(batch) for batch in later) == 80
    )  # what goes on from an earlier run leaves the third source out


# Unanswerable questions made from others


def test_the_average_of_two_models_lies_between_them() -> None:
    one, other = SpanModel(), SpanModel()
    with torch.no_grad():
        one.head.bias.fill_(1.0)
        other.head.bias.fill_(5.0)
    average(one, other, 0.25)
    assert one.head.bias.tolist() == [2.0, 2.0, 2.0]


def test_what_a_teacher_says_is_learnt_beside_the_answers(tmp_path: Path) -> None:
    teacher = SpanModel()
    with torch.no_grad():
        teacher.head.bias.copy_(torch.tensor([0.0, 0.0, 9.0]))  # sure that nothing is answered
    save_weights(teacher, tmp_path / "teacher.safetensors")
    schedule = Schedule(batch=2, rate=1e-3, epochs=4, frozen=6, seed=3)
    biases = []
    for name, path in (("alone", None), ("taught", tmp_path / "teacher.safetensors")):
        out = tmp_path / name
        out.mkdir()
        biases.append(train([span("54 days")] * 2, schedule, out, teacher=path).head.bias[2].item())
    assert biases[0] < 0 < biases[1]


def test_distributions_that_are_alike_do_not_diverge() -> None:
    ours = torch.tensor([[[2.0, 0.0], [0.0, 1.0]]])
    assert float(_divergence(ours, ours + 3.0)) == pytest.approx(0.0, abs=1e-6)
    assert float(_divergence(ours, -ours)) > 0.1


class SureOf:
    """A reader that finds a word, and is sure of it or not."""

    def __init__(self, word: str, peak: float) -> None:
        self.word, self.peak = word, peak

    def within(
        self, questions: Sequence[str], texts: Sequence[str], places: Sequence[Span]
    ) -> list[SpanFound]:
        """The word's place in each text."""
        at = [text.index(self.word, a) for text, (a, _) in zip(texts, places, strict=True)]
        return [SpanFound(1.0, a, a + len(self.word), peak=self.peak) for a in at]


@pytest.mark.parametrize(
    ("peak", "target", "said"), [(-0.1, "span", "1923"), (-3.0, "sentence", "It opened in 1923.")]
)
def test_an_answer_sentence_is_narrowed_to_the_span_that_a_reader_is_sure_of(
    peak: float, target: str, said: str
) -> None:
    text = "The pier is old. It opened in 1923."
    whole = Example("reqa", "When did the pier open?", text, "sentence", 17, len(text))
    (one,) = narrowed([whole], SureOf("1923", peak))
    assert (one.target, one.context[one.start : one.end]) == (target, said)


def test_a_name_or_a_year_is_exchanged_for_another_of_the_article() -> None:
    rng = random.Random(0)
    pools = {"year": ["1931", "1987"], "number": [], "name": ["Mira Holt", "Olga Brandt"]}
    assert _swap("What sailed in 1931?", PARAGRAPH, "the ferry", pools, rng) == "What sailed in 1987?"
    assert _swap("What did Mira Holt keep?", PARAGRAPH, "a diary", pools, rng) == "What did Olga Brandt keep?"
    assert _swap("What did the captain keep?", PARAGRAPH, "a diary", pools, rng) is None


def test_a_word_is_turned_into_its_opposite_only_where_the_paragraph_lacks_it() -> None:
    assert _opposite("Who lost the race?", "She lost the race.") == "Who won the race?"
    assert _opposite("Who lost the race?", "She won, he lost the race.") is None
    assert _opposite("Who lost the race?", "She was second.") is None


def test_a_negation_is_put_in_where_there_is_none() -> None:
    changed = {_negate("What did the pilots cross?", PARAGRAPH, random.Random(seed)) for seed in range(20)}
    assert changed == {
        "What didn't the pilots cross?",
        "What did the pilots not cross?",
        "What did the pilots never cross?",
    }
    assert _negate("What did the pilots never cross?", PARAGRAPH, random.Random(0)) is None


# Measures


def given(margin: float, answerable: bool, overlap: float = 0.0, article: str = "a") -> Given:
    return Given(article, margin, answerable, float(overlap == 1.0), overlap)


def test_the_f1_of_two_texts_leaves_articles_and_case_out() -> None:
    assert f1("The 54 days", "54 days") == 1.0
    assert f1("54 long days", "54 days") == pytest.approx(0.8)
    assert f1("", "54") == 0.0


def test_the_threshold_refuses_what_is_better_refused() -> None:
    answers = [given(3.0, True, 1.0), given(2.0, False), given(1.0, True, 1.0), given(-1.0, False)]
    assert -1.0 < _threshold(answers, lambda one: one.overlap) <= 1.0
    assert _threshold([given(1.0, False)], lambda one: one.overlap) > 1.0


def test_a_half_is_scored_at_the_threshold_of_the_other() -> None:
    # At article a's threshold of 5, b's right answer with margin 4 is refused.
    answers = [
        given(5.0, True, 1.0),
        given(4.5, False),
        given(4.0, True, 1.0, "b"),
        given(3.0, False, article="b"),
    ]
    assert sorted(_crossed(answers, lambda one: one.overlap)) == [0.0, 0.0, 1.0, 1.0]


def test_the_auc_is_the_share_of_pairs_in_order() -> None:
    assert auc([True, True, False], [3.0, 1.0, 2.0]) == 0.5
    assert auc([True, True], [1.0, 2.0]) == 0.5
