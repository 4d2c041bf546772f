"""Runs as one HTML page that needs nothing else: scores, charts, and every case to filter and search. Owns jinja2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.charts import calibration_chart, interval_bar, latency_chart, risk_chart
from evals.comparison import side_by_side
from evals.curves import reliability, risk_coverage
from evals.metrics import BY_KEY, METRICS, Measured, Metric, measure
from evals.report import broken_lines, cost, figure, heading, interval, why
from evals.results import Result, Run
from evals.scores import Score

_TEMPLATES = Path(__file__).parent / "templates"
_GROUPED = ("right", "facts", "cited", "verdict", "hit_1", "hit_5")


@dataclass(frozen=True, slots=True)
class Row:
    """A metric of a run, with its interval drawn where it lies between 0 and 1."""

    metric: Metric
    text: str
    bar: str
    cases: int


@dataclass(frozen=True, slots=True)
class Card:
    """A case on the page: what is shown, and the words that the search looks through."""

    run: int
    result: Result
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class Section:
    """A run on the page."""

    run: Run
    title: str
    cost: str
    rows: list[Row]
    groups: list[tuple[str, int, list[str]]]
    charts: list[str]
    broken: list[str]
    wrong: int
    hidden: bool


def html(runs: Sequence[Run]) -> str:
    """The page; runs of one target are compared as well. Hidden cases are counted and not shown."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    cards = [
        _card(number, each)
        for number, run in enumerate(runs)
        for each in run.results
        if each.seen is not None
    ]
    return environment.get_template("report.html").render(
        sections=[_section(run) for run in runs],
        comparisons=side_by_side(runs),
        columns=[BY_KEY[key].title for key in _GROUPED],
        cards=cards,
        kinds=sorted({card.result.score.kind for card in cards}),
        tags=sorted({tag for card in cards for tag in card.result.score.tags}),
        reasons=sorted({part for card in cards for part in card.reason.split(", ") if part}),
        style=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        script=(_TEMPLATES / "report.js").read_text(encoding="utf-8"),
    )


def _section(run: Run) -> Section:
    measured = measure(run.scores)
    bins = [(one.confidence, one.right, one.n) for one in reliability(run.scores)]
    points = [(one.coverage, one.risk) for one in risk_coverage(run.scores)]
    charts = [latency_chart([each.seconds for each in run.scores])]
    if bins and run.promises:
        charts = [calibration_chart(bins), risk_chart(points), *charts]
    return Section(
        run=run,
        title=heading(run),
        cost=cost(run),
        rows=[_row(metric, found) for metric in METRICS if (found := measured[metric.key]).n],
        groups=_groups(run.scores),
        charts=charts,
        broken=broken_lines(run),
        wrong=sum(not each.score.right for each in run.results),
        hidden=all(each.seen is None for each in run.results),
    )


def _row(metric: Metric, found: Measured) -> Row:
    bar = ""
    if found.value is not None and found.low is not None and found.high is not None:
        bar = interval_bar(found.value, found.low, found.high)
    return Row(metric, interval(found), bar, found.n)


def _groups(scores: Sequence[Score]) -> list[tuple[str, int, list[str]]]:
    """Kinds, then tags: (name, cases, values of the columns)."""
    groups = {f"kind {each.kind}": [s for s in scores if s.kind == each.kind] for each in scores}
    groups |= {f"tag {tag}": [s for s in scores if tag in s.tags] for each in scores for tag in each.tags}
    return [
        (name, len(inside), [figure(BY_KEY[key].value(inside)) for key in _GROUPED])
        for name, inside in sorted(groups.items())
    ]


def _card(run: int, result: Result) -> Card:
    seen, score = result.seen, result.score
    assert seen is not None
    texts = [score.id, seen.question, *seen.history, seen.answer, *seen.cited, *seen.gold, seen.variant]
    reason = "" if score.right else why(score)
    return Card(run, result, reason, " ".join(texts).casefold())
