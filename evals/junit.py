"""Runs as JUnit XML, as CI systems read it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree

from evals.report import why
from evals.results import Run


def write_junit(path: Path, runs: Sequence[Run]) -> None:
    """Write runs as JUnit XML: a test suite per run, a failure per miss, an error per broken case."""
    root = ElementTree.Element("testsuites")
    for run in runs:
        wrong = sum(not each.score.right for each in run.results)
        broken = sum(bool(each.breaches) for each in run.results)
        name = f"{run.target} by {run.by}"
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
