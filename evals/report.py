"""Runs as tables, for the terminal and as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import isnan

from evals.cases import KINDS
from evals.curves import area_under_risk, given, reliability, risk_coverage
from evals.metrics import BY_KEY, METRICS, Measured, measure
from evals.results import Result, Run, latencies
from evals.scores import Score

_BY_GROUP = ("right", "facts", "cited", "verdict", "hit_1", "hit_5")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, padded so that it reads as well on a terminal."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in [header, ["-" * width for width in widths], *rows]
    ]
    return "\n".join(lines)


def figure(value: float | None) -> str:
    """A value as tables print it."""
    return "–" if value is None else f"{value:.2f}"


def signed(value: float) -> str:
    """A difference as tables print it."""
    return "–" if isnan(value) else f"{value + 0.0:+.2f}"


def interval(measured: Measured) -> str:
    """A value with its 95% interval."""
    if measured.value is None:
        return "–"
    return f"{figure(measured.value)} ({figure(measured.low)}–{figure(measured.high)})"


def heading(run: Run) -> str:
    """What was run, in one line."""
    return (
        f"{run.suite} ({run.half}) on '{run.corpus}' by {run.by}: "
        f"{len(run.results)} cases in {run.seconds:.1f} s, version {run.version}"
    )


def cost(run: Run) -> str:
    """What an answer took and what the process held, in one line."""
    median, slow = latencies(run)
    memory = f", {run.memory_mb:.0f} MB held at the end" if run.memory_mb else ""
    return f"an answer took {1000 * median:.0f} ms (median), {1000 * slow:.0f} ms (95th percentile){memory}"


def metrics_table(run: Run) -> str:
    """Every metric with its interval and the number of cases that it is over."""
    measured = measure(run.scores)
    rows = [
        [each.title + (" (lower is better)" if each.better == "lower" else ""), interval(found), str(found.n)]
        for each in METRICS
        if (found := measured[each.key]).n
    ]
    return table(["metric", "value (95% interval)", "cases"], rows)


def kinds_table(scores: Sequence[Score]) -> str:
    """The shares by kind of case."""
    groups: dict[str, Sequence[Score]] = {
        kind: [each for each in scores if each.kind == kind] for kind in KINDS
    }
    return groups_table("kind", groups)


def tags_table(scores: Sequence[Score]) -> str:
    """The shares by tag; a case may have several."""
    tags = dict.fromkeys(tag for each in scores for tag in each.tags)
    return groups_table("tag", {tag: [each for each in scores if tag in each.tags] for tag in tags})


def groups_table(name: str, groups: Mapping[str, Sequence[Score]]) -> str:
    """The shares of each group that has a case."""
    rows = [
        [group, str(len(scores)), *(figure(BY_KEY[key].value(scores)) for key in _BY_GROUP)]
        for group, scores in groups.items()
        if scores
    ]
    return table([name, "cases", "right", "facts", "cited", "verdict", "first", "in 5"], rows)


def misses(run: Run) -> list[Result]:
    """The cases that went wrong and may be shown."""
    return [each for each in run.results if not each.score.right and each.seen is not None]


def why(score: Score) -> str:
    """What was wrong with an answer, in a few words."""
    if not score.family and score.verdict == "not_in_corpus":
        return "refused, though the documents answer"
    if not score.family and score.expected == "abstain":
        return "answered, though the documents do not say" + (
            "" if score.clean else ", with what it must not"
        )
    wrong = [
        ("facts missing", not score.facts),
        ("says what it must not", not score.clean),
        ("the right fact from the wrong paragraph", score.misattributed),
        ("cites none of the right paragraphs", not score.cite_any and not score.misattributed),
        ("does not cite every paragraph needed", not score.cite_all),
        (f"verdict {score.verdict}", not score.family),
    ]
    return ", ".join(words for words, true in wrong if true)


def broken_lines(run: Run) -> list[str]:
    """A line per broken invariant; for hidden cases only how many break which."""
    if run.half == "test" and all(each.seen is None for each in run.results):
        counts = Counter(each.invariant for each in run.breaches)
        return [f"broken, {count} ×: {invariant}" for invariant, count in counts.items()]
    return [f"broken: {each.case}: {each.invariant}: {each.detail}" for each in run.breaches]


def console(run: Run) -> str:
    """A run for the terminal: tables, broken invariants, and a line per miss that may be shown."""
    lines = [heading(run), "", metrics_table(run), "", kinds_table(run.scores), ""]
    if any(each.tags for each in run.scores):
        lines += [tags_table(run.scores), ""]
    lines += [cost(run), ""]
    lines += [f"miss: {each.score.id} ({each.score.kind}): {why(each.score)}" for each in misses(run)]
    lines += broken_lines(run) or [
        "every invariant holds" if run.promises else "no invariants: this system promises nothing"
    ]
    return "\n".join(lines)


def confidence(scores: Sequence[Score]) -> list[str]:
    """How far the confidence can be trusted: the reliability curve and risk against coverage, as tables."""
    if not given(scores):
        return ["Nothing was answered."]
    bins = [[str(one.n), figure(one.confidence), figure(one.right)] for one in reliability(scores)]
    points = [
        [figure(one.coverage), figure(one.risk), figure(one.confidence)] for one in risk_coverage(scores)
    ]
    return [
        f"Calibration error {figure(BY_KEY['calibration_error'].value(scores))}, mean risk over coverages "
        f"{figure(area_under_risk(scores))}.",
        table(["answers", "mean confidence", "share right"], bins),
        table(["cases answered", "share wrong", "confidence at least"], points),
    ]


def markdown(runs: Sequence[Run]) -> str:
    """Runs as a Markdown report; misses with their texts where these may be shown."""
    parts = ["# Eval report"]
    for run in runs:
        parts += [f"## {heading(run)}", metrics_table(run), cost(run), "### By kind", kinds_table(run.scores)]
        if any(each.tags for each in run.scores):
            parts += ["### By tag", tags_table(run.scores)]
        if run.promises:
            parts += ["### Confidence", *confidence(run.scores)]
        if run.breaches:
            parts += ["### Broken invariants", "\n".join(f"- {line}" for line in broken_lines(run))]
        if misses(run):
            parts += ["### Misses", "\n\n".join(_miss(each) for each in misses(run))]
    return "\n\n".join(parts) + "\n"


def _miss(result: Result) -> str:
    score, seen = result.score, result.seen
    assert seen is not None
    lines = [
        f"**{score.id}** ({score.kind}): {why(score)}",
        *(f"- earlier: {text}" for text in seen.history),
        f"- question: {seen.question}",
        f"- expected: {' + '.join(' or '.join(group) for group in seen.expected) or 'not in the documents'}",
        f"- answer ({score.verdict}): {seen.answer}",
        f"- cited: {', '.join(seen.cited) or 'nothing'}; gold: {', '.join(seen.gold) or 'nothing'}; "
        f"retrieved: {', '.join(seen.retrieved[:5]) or 'nothing'}",
    ]
    return lines[0] + "\n\n" + "\n".join(lines[1:])
