"""The commands of `python -m evals`, each from its parsed arguments to an exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from assistant.facts import contains
from evals import docs as generated_docs
from evals import gate, report
from evals.cases import Half, Kind, Suite, load_suite, suite_files
from evals.comparison import compare as compare_runs
from evals.errors import RunError, UsageError
from evals.progress import progress
from evals.results import Run, read_runs, write_runs
from evals.runner import run_suite
from evals.scores import Contains
from evals.systems import STARTERS, System

OpenSystem = Callable[[str, Path, Path | None], AbstractContextManager[System]]

DONE, FAILED, USAGE = 0, 1, 2
CORPORA = (Path("corpus"), Path("../shared/seeds"))


@dataclass(frozen=True, slots=True)
class Tools:
    """What a run needs from outside: how a system is opened, and how facts are compared."""

    open_system: OpenSystem
    contains: Contains


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Run a suite and print what came out; fails when an invariant is broken."""
    suites = _suites(args.suite, args.half)
    with tools.open_system(args.system, args.corpus, args.data) as system:
        runs = [_run(each, system, args.corpus, tools.contains, args.kind, args.show_test) for each in suites]
    print("\n\n".join(report.console(each) for each in runs))
    if args.json:
        write_runs(args.json, runs)
    if args.junit:
        report.write_junit(args.junit, runs)
    return FAILED if any(each.breaches for each in runs) else DONE


def check(args: argparse.Namespace, tools: Tools) -> int:
    """Compare with the baseline, or write it; fails when something got worse."""
    suites = _suites(args.suite)
    runs: list[Run] = []
    for corpus in args.corpus or CORPORA:
        if not corpus.is_dir():
            print(f"skipped: there is no folder '{corpus}'")
            continue
        for name in ("footnote", "similarity", *STARTERS) if args.update else ("footnote",):
            with tools.open_system(name, corpus, args.data) as system:
                runs += [_run(each, system, corpus, tools.contains) for each in suites]
    if not runs:
        raise RunError("Nothing was checked: none of the corpus folders exists. Name one with --corpus.")
    broken = [line for each in runs for line in report.broken_lines(each)]
    print("\n".join(broken), end="\n" if broken else "")
    return _update(args.baseline, runs) if args.update else _gate(args.baseline, runs)


def calibrate(args: argparse.Namespace) -> int:
    """Fit the reader's judge and its abstention threshold on the development half of a suite, and write them."""
    from assistant.reader.evidence import SIGNALS, WEIGHTS, load_weights
    from evals.calibrate import Judged, decided, fit_judge, folds, judged, trade_off, write_weights
    from evals.calibrate import calibrate as best_threshold
    from evals.systems import open_footnote

    suites = _suites(args.suite, "dev")
    corpora = [corpus for corpus in CORPORA if corpus.is_dir()]

    def judge_of(held_out: Sequence[Suite]) -> tuple[float, ...]:
        """Fit the judge on every case but those of `held_out`, and put it where the reader finds it."""
        out = {case.id for suite in held_out for case in suite.cases}
        judge = fit_judge([one for one in sentences if one.case not in out])
        write_weights(WEIGHTS, judge=judge)
        load_weights.cache_clear()
        return judge

    sentences: list[Judged] = []
    for corpus in corpora:
        with open_footnote(corpus, args.data, abstain_below=0.0) as system:
            sentences += [one for each in suites for one in judged(each, system, contains)]
    runs = []
    for held_out in folds(suites):
        judge_of(held_out)
        for corpus in corpora:
            with open_footnote(corpus, args.data, abstain_below=0.0) as system:
                runs += [_run(each, system, corpus, contains) for each in held_out]
    judge = judge_of(())
    print("judge: " + ", ".join(f"{name} {w}" for name, w in zip((*SIGNALS, "bias"), judge, strict=True)))
    cases = decided(runs)
    for one in trade_off(cases)[:: max(1, len(cases) // 20)]:
        print(f"  at {one.threshold:.2f}: {one.answered:.0%} answered rightly, {one.refused:.0%} refused")
    best = best_threshold(cases, args.refuse)
    write_weights(WEIGHTS, abstain_below=round(best.threshold, 4))
    print(
        f"abstain below {best.threshold:.4f}: {best.answered:.0%} of the answerable cases answered rightly, "
        f"{best.refused:.0%} of the others refused"
    )
    print(f"wrote {WEIGHTS.name}; now run: python -m evals check --update")
    return DONE


def compare(args: argparse.Namespace) -> int:
    """Print what changed between two results, case by case."""
    print(compare_runs(read_runs(args.before), read_runs(args.after)))
    return DONE


def write_report(args: argparse.Namespace) -> int:
    """Write or print a result as Markdown."""
    text = report.markdown(read_runs(args.result))
    if args.out is None:
        print(text, end="")
    else:
        args.out.write_text(text, encoding="utf-8")
        print(f"wrote {args.out}")
    return DONE


def docs(args: argparse.Namespace) -> int:
    """Write what is generated, or say what is stale."""
    files = generated_docs.generated(args.readme, args.baseline)
    stale = generated_docs.stale(files)
    if args.check and stale:
        names = ", ".join(str(path) for path in stale)
        raise RunError(f"Out of date: {names}. Write anew with: python -m evals docs")
    for path in stale:
        path.write_text(files[path], encoding="utf-8")
        print(f"wrote {path}")
    if not stale:
        print("up to date")
    return DONE


def _gate(baseline: Path, runs: Sequence[Run]) -> int:
    passed, text = gate.verdict(runs, gate.read_baseline(baseline))
    print(text)
    return DONE if passed else FAILED


def _update(baseline: Path, runs: Sequence[Run]) -> int:
    broken = sum(len(each.breaches) for each in runs)
    if broken:
        raise RunError(f"{baseline} was not written: {broken} invariants are broken. Mend them first.")
    gate.write_baseline(runs, baseline)
    print(f"wrote {baseline}; now run: python -m evals docs")
    return DONE


def _suites(name: str, half: Half | None = None) -> list[Suite]:
    suites = [load_suite(path) for path in suite_files(name, half)]
    if half and any(each.half != half for each in suites):
        raise UsageError(f"{name} is not the {half} half. Leave --half away, or name the other file.")
    return suites


def _run(
    suite: Suite,
    system: System,
    corpus: Path,
    contains: Contains,
    kinds: Sequence[Kind] = (),
    show_test: bool = False,
) -> Run:
    count = sum(not kinds or case.kind in kinds for case in suite.cases)
    # A folder named with a slash at its end, or as ".", has a name, too.
    name = corpus.resolve().name
    with progress(f"{suite.suite}.{suite.half} on {name} by {system.name}", count) as step:
        return run_suite(suite, system, name, contains, kinds=kinds, show_test=show_test, on_case=step)
