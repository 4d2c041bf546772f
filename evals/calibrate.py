"""The reader's judge and its abstention threshold, calibrated on a suite's development half.

The judge is a logistic model over the reader's signals: of the sentences that the reader puts first for a case,
those of a cited paragraph that hold an expected answer count as answering, all others do not. Every case is answered
with abstention off, by a judge that was fitted without it. At each threshold an unanswerable case is decided rightly
when its confidence is below it, an answerable one when it is right and its confidence is not. The threshold is the one
that answers most of the answerable cases rightly while it refuses the share of the others that is asked for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assistant.reader import Evidence
from evals.cases import Case, Suite, label
from evals.scores import Contains, Score

if TYPE_CHECKING:
    from evals.systems import FootnoteSystem

_PUT_FORWARD = 8
_FOLDS = 5
_RARE = 0.01
"""The share of the sentences that have a signal, under which it is left out."""
_ALIKE = 0.98
"""The correlation from which two signals are one to the judge."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence that the reader put forward for a case of a suite: its signals, and whether it answers."""

    suite: str
    case: str
    signals: tuple[float, ...]
    answers: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A case of a suite with abstention off: its confidence, whether it is answerable, and whether its answer is
    right."""

    suite: str
    confidence: float
    answerable: bool
    right: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """A threshold, with the share of answerable cases answered rightly and of others refused at it, averaged over
    suites."""

    threshold: float
    answered: float
    refused: float


def judged(suite: Suite, system: FootnoteSystem, contains: Contains) -> list[Judged]:
    """The first sentences of every part of every case, labelled by the case; those that a rule excludes left out."""
    return [
        Judged(suite.suite, case.id, evidence.signals, _answers(case, evidence, contains))
        for case in suite.cases
        for part in system.read(case.question, case.history)
        if not part.of_document
        for evidence in part.reading.evidence[:_PUT_FORWARD]
        if evidence.lacks is None
    ]


def fit_judge(sentences: Sequence[Judged]) -> tuple[float, ...]:
    """The judge's weights, one for each signal, and its bias last.

    A suite with many cases about its documents counts for more than one with few, though not by as much: as the square
    root of their number. Else the judge would learn what is so of one pair of documents. A signal that hardly any
    sentence has gets no weight, and two that hardly ever differ the same one: else a handful of sentences would decide
    about others.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    signals = np.array([s.signals for s in sentences])
    signals[:, (signals != np.median(signals, axis=0)).mean(axis=0) < _RARE] = 0.0
    scaler = StandardScaler().fit(signals)
    cases = Counter(suite for suite, _ in {(s.suite, s.case) for s in sentences})
    model = LogisticRegression(C=1.0, max_iter=3000).fit(
        scaler.transform(signals),
        [s.answers for s in sentences],
        sample_weight=[(max(cases.values()) / cases[s.suite]) ** 0.5 for s in sentences],
    )
    standard = model.coef_[0].copy()
    for one, other in _twins(signals):
        standard[[one, other]] = standard[[one, other]].mean()
    weights = standard / scaler.scale_  # as the signals come, not standardised
    bias = float(model.intercept_[0] - weights @ scaler.mean_)
    return (*(round(float(w), 6) for w in weights), round(bias, 6))


def _twins(signals: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """The pairs of signals that hardly ever differ."""
    varied = np.flatnonzero(signals.std(axis=0))
    alike = np.atleast_2d(np.corrcoef(signals[:, varied], rowvar=False))
    return [
        (int(varied[a]), int(varied[b]))
        for a, b in zip(*np.nonzero(np.triu(alike > _ALIKE, k=1)), strict=True)
    ]


def folds(suites: Sequence[Suite]) -> list[list[Suite]]:
    """The suites' cases in `_FOLDS` shares, so that no case is decided by a judge that has seen it."""
    return [[replace(suite, cases=suite.cases[first::_FOLDS]) for suite in suites] for first in range(_FOLDS)]


def decided(suite: str, scores: Sequence[Score]) -> list[Decided]:
    """The cases of a suite that were run with abstention off; those that may go either way are left out."""
    return [
        Decided(
            suite, score.confidence, score.expected == "answer", score.facts and score.clean and _cited(score)
        )
        for score in scores
        if score.expected != "either"
    ]


def calibrate(cases: Sequence[Decided], refuse: float) -> Calibration:
    """The threshold that answers most while it refuses at least the share `refuse` of the unanswerable cases.

    Among equally good thresholds it is the middle one.

    Raises:
        ValueError: there are not both answerable and unanswerable cases.
    """
    if len({case.answerable for case in cases}) < 2:
        raise ValueError("calibration needs answerable and unanswerable cases")
    fitting = [one for one in trade_off(cases) if one.refused >= refuse]
    best = max(one.answered for one in fitting)
    tied = [one for one in fitting if one.answered == best]
    return tied[len(tied) // 2]


def trade_off(cases: Sequence[Decided]) -> list[Calibration]:
    """What every threshold that makes a difference would give, lowest threshold first."""
    levels = sorted({0.0, 1.0, *(case.confidence for case in cases)})
    return [_at((a + b) / 2, cases) for a, b in pairwise([*levels, levels[-1] + 0.001])]


def write_weights(path: Path, **values: object) -> None:
    """Put values into the reader's weights file, beside what it has."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored.update(values)
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


def _answers(case: Case, evidence: Evidence, contains: Contains) -> bool:
    paragraph = evidence.hit.paragraph
    cited = label(paragraph.document_id, paragraph.number) in case.gold
    return cited and any(contains(evidence.text, text) for group in case.answer for text in group)


def _at(threshold: float, cases: Sequence[Decided]) -> Calibration:
    """What a threshold gives, each suite counting alike."""
    suites = {case.suite for case in cases}
    answered = [
        _share([c.right and c.confidence >= threshold for c in cases if c.suite == suite and c.answerable])
        for suite in suites
    ]
    refused = [
        _share([c.confidence < threshold for c in cases if c.suite == suite and not c.answerable])
        for suite in suites
    ]
    return Calibration(threshold, *(float(np.nanmean(shares)) for shares in (answered, refused)))


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _cited(score: Score) -> bool:
    return score.cite_any and score.cite_all
