"""Runs as tables: for the terminal, for Markdown and for CI (JUnit)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from evals.cases import KINDS
from evals.curves import area_under_risk, calibration_error, given, reliability, risk_coverage
from evals.metrics import METRICS, Measured, measure
from evals.results import Result, Run
from evals.scores import Score

_BY_KIND = ("right", "facts", "cited", "verdict", "hit_1", "hit_5")


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


def interval(measured: Measured) -> str:
    """A value with its 95% interval."""
    if measured.value is None:
        return "–"
    return f"{figure(measured.value)} ({figure(measured.low)}–{figure(measured.high)})"


def heading(run: Run) -> str:
    """What was run, in one line."""
    return (
        f"{run.suite} ({run.half}) on '{run.corpus}' by {run.system}: "
        f"{len(run.results)} cases in {run.seconds:.1f} s, version {run.version}"
    )


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
    chosen = [each for each in METRICS if each.key in _BY_KIND]
    rows = []
    for kind in KINDS:
        of_kind = [each for each in scores if each.kind == kind]
        if of_kind:
            values = [figure(each.value([s for s in of_kind if each.over(s)])) for each in chosen]
            rows.append([kind, str(len(of_kind)), *values])
    return table(["kind", "cases", "right", "facts", "cited", "verdict", "first", "in 5"], rows)


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
        ("cites none of the right paragraphs", not score.cite_any),
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
    lines += [f"miss: {each.score.id} ({each.score.kind}): {why(each.score)}" for each in misses(run)]
    lines += broken_lines(run) or [
        "every invariant holds" if run.system.startswith("footnote") else "no invariants"
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
        f"Calibration error {figure(calibration_error(scores))}, mean risk over coverages "
        f"{figure(area_under_risk(scores))}.",
        table(["answers", "mean confidence", "share right"], bins),
        table(["cases answered", "share wrong", "confidence at least"], points),
    ]


def markdown(runs: Sequence[Run]) -> str:
    """Runs as a Markdown report; misses with their texts where these may be shown."""
    parts = ["# Eval report"]
    for run in runs:
        parts += [f"## {heading(run)}", metrics_table(run), "### By kind", kinds_table(run.scores)]
        if run.system.startswith("footnote"):
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


def write_junit(path: Path, runs: Sequence[Run]) -> None:
    """Write runs as JUnit XML: a test suite per run, a failure per miss, an error per broken case."""
    root = ElementTree.Element("testsuites")
    for run in runs:
        wrong = sum(not each.score.right for each in run.results)
        broken = sum(bool(each.breaches) for each in run.results)
        name = f"{run.target} by {run.system}"
        suite = ElementTree.SubElement(
            root, "testsuite", name=name, tests=str(len(run.results)), failures=str(wrong), errors=str(broken)
        )
        for each in run.results:
            case = ElementTree.SubElement(
                suite, "testcase", classname=name, name=each.score.id, time=f"{each.score.seconds:.3f}"
            )
            if not each.score.right:
                message = why(each.score) if each.seen is not None else "miss"
                ElementTree.SubElement(case, "failure", message=message)
            for invariant, group in groupby(each.breaches, key=lambda breach: breach.invariant):
                error = ElementTree.SubElement(case, "error", message=invariant)
                error.text = "\n".join(breach.detail for breach in group)
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
