"""The commands of `python -m evals`, each from its parsed arguments to an exit code."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from evals import docs as generated_docs
from evals import gate, page, report
from evals.baseline import BASELINE, write_baseline
from evals.candidates import append_candidate, candidate, read_feedback
from evals.cases import SUITES, Half, Suite, load_suite, suite_files
from evals.comparison import compare as compare_runs
from evals.errors import RunError, UsageError
from evals.judge import open_judge
from evals.junit import write_junit
from evals.parallel import Part, run_parts
from evals.progress import progress
from evals.public import SETS, open_set
from evals.results import Run, read_runs, write_runs
from evals.session import Selection, Session, Target, Tools
from evals.systems import STARTERS, SYSTEMS, is_system

DONE, FAILED, USAGE = 0, 1, 2
CORPORA = (Path("corpus"), Path("../shared/seeds"))
SMOKE = "smoke"
"""The tag of the cases that are run where there is a minute."""
BESIDE = ("similarity", *STARTERS)
"""The systems whose scores stand beside ours in the baseline: on test halves, which nothing was tuned on."""


def run(args: argparse.Namespace, tools: Tools) -> int:
    """Run a suite and print what came out; fails when an invariant is broken."""
    selection = Selection(tuple(args.kind), tuple(args.tag))
    runs = _measured(args, tools, [args.system], [args.suite], selection)
    print("\n\n".join(report.console(each) for each in runs))
    _write(args, runs)
    return FAILED if any(each.breaches for each in runs) else DONE


def check(args: argparse.Namespace, tools: Tools) -> int:
    """Compare with the baseline, or write it; fails when something got worse."""
    if args.update and not (args.reason or "").strip():
        raise UsageError('A baseline is not changed without a reason. Say why: check --update --reason "…"')
    if args.update and (args.tag or SMOKE in args.suite):
        raise UsageError("A baseline is of whole suites. Leave --tag and smoke away.")
    suites, selection = _checked(args)
    corpora = [corpus for corpus in args.corpus or CORPORA if _there(corpus)]
    if not corpora:
        raise RunError("Nothing was checked: none of the corpus folders exists. Name one with --corpus.")
    places = placed([each for each in suites if not (args.corpus and each.corpus)], corpora)
    parts = [_part(args, tools, selection, *each) for each in places]
    total = sum(len(selection.of(suite)) for part in parts for _, asked in part.plan for suite in asked)
    with progress(
        f"{len(suites)} suites on {' and '.join(c.resolve().name for c, _ in places)}", total
    ) as step:
        runs, journals = run_parts(parts, args.jobs, step)
    broken = [line for each in runs for line in report.broken_lines(each)]
    print("\n".join(broken), end="\n" if broken else "")
    _write(args, runs)
    code = _update(args, runs) if args.update else _gate(args.baseline, runs)
    for journal in journals:
        journal.remove()
    return code


def _part(
    args: argparse.Namespace, tools: Tools, selection: Selection, corpus: Path, suites: tuple[Suite, ...]
) -> Part:
    tested = tuple(suite for suite in suites if suite.half == "test") if args.update else ()
    ours = (Target(corpus, data=args.data), suites)
    return Part(
        (ours, *((Target(corpus, name, args.data), tested) for name in BESIDE if tested)), selection, tools
    )


def placed(suites: Sequence[Suite], corpora: Sequence[Path]) -> list[tuple[Path, tuple[Suite, ...]]]:
    """Each folder with the suites that are asked of it: those that have one of their own, of that, others of all."""
    found: dict[Path, tuple[Suite, ...]] = {}
    for suite in suites:
        for corpus in [Path(suite.corpus)] if suite.corpus else corpora:
            found[corpus] = (*found.get(corpus, ()), suite)
    return list(found.items())


def compare(args: argparse.Namespace, tools: Tools) -> int:
    """Print what changed between two results or two systems, case by case."""
    files = [Path(name) for name in (args.before, args.after)]
    if any(path.is_file() or path.is_dir() or path.suffix == ".json" for path in files):
        print(compare_runs(read_runs(files[0]), read_runs(files[1])))
        return DONE
    for name in (args.before, args.after):
        if not is_system(name):
            raise UsageError(f"{name!r} is no result file and no system. Systems are {', '.join(SYSTEMS)}.")
    runs = _measured(
        args, tools, [args.before, args.after], args.suite or ["corpus"], Selection((), tuple(args.tag))
    )
    before, after = ([each for each in runs if each.system == name] for name in (args.before, args.after))
    print(compare_runs(before, after))
    _write(args, runs)
    return DONE


def write_report(args: argparse.Namespace) -> int:
    """Write results as a page, or print them as Markdown."""
    runs = [each for path in args.result for each in read_runs(path)]
    if args.out is None:
        print(report.markdown(runs), end="")
        return DONE
    html = args.out.suffix.lower() in (".html", ".htm")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(page.html(runs) if html else report.markdown(runs), encoding="utf-8")
    print(f"wrote {args.out}")
    return DONE


def add(args: argparse.Namespace) -> int:
    """Put a candidate case, made from feedback, where a person looks it over."""
    for record in read_feedback(args.feedback):
        case = candidate(record, args.corpus)
        if append_candidate(args.out, case):
            print(f"added {case.id} to {args.out}; look it over, then move it into a file of {SUITES.name}/")
        else:
            print(f"left out {case.id}: {args.out} has a case of this question already")
    return DONE


def docs(args: argparse.Namespace) -> int:
    """Write what is generated, or say what is stale."""
    files = generated_docs.generated(args.readme, args.baseline)
    if args.check and (stale := generated_docs.stale(files)):
        names = ", ".join(str(path) for path in stale)
        raise RunError(f"Out of date: {names}. Write anew with: python -m evals docs")
    if not _write_docs(files):
        print("up to date")
    return DONE


def _measured(
    args: argparse.Namespace, tools: Tools, systems: Sequence[str], names: Sequence[str], selection: Selection
) -> list[Run]:
    """Every system on every suite or public set that is named; a set is KIND:FOLDER."""
    session, runs = Session(tools), list[Run]()
    with open_judge() if args.judge else nullcontext() as judge:
        for name in names:
            kind, found, folder = name.partition(":")
            if found and kind in SETS:
                with open_set(kind, Path(folder), limit=args.limit, clusters=args.clusters) as prepared:
                    target = Target(prepared.corpus, depth=prepared.depth, published=prepared.published)
                    target = replace(target, judge=judge)
                    runs += _by_systems(session, systems, [prepared.suite], target, Selection())
            else:
                for corpus, suites in placed(_suites(name, args.half), [args.corpus]):
                    target = Target(corpus, data=args.data, show_test=args.show_test, judge=judge)
                    runs += _by_systems(session, systems, suites, target, selection)
    session.close()
    return runs


def _by_systems(
    session: Session, systems: Sequence[str], suites: Sequence[Suite], target: Target, selection: Selection
) -> list[Run]:
    total = len(systems) * sum(len(selection.of(suite)) for suite in suites)
    corpus = (
        target.corpus.resolve().name
    )  # a folder named with a slash at its end, or as ".", has a name, too
    asked = " and ".join(f"{each.suite}.{each.half}" for each in suites)
    runs: list[Run] = []
    with progress(f"{asked} on {corpus} by {' and '.join(systems)}", total) as step:
        for system in systems:
            runs += session.run(suites, replace(target, system=system), selection, step)
    return runs


def _checked(args: argparse.Namespace) -> tuple[list[Suite], Selection]:
    """The suites of a check, each once, and which of their cases."""
    tags = [*args.tag, *([SMOKE] if SMOKE in args.suite else [])]
    names = [name for name in args.suite if name != SMOKE] or ["all"]
    suites = {(each.suite, each.half): each for name in names for each in _suites(name)}
    selection = Selection((), tuple(tags))
    return [each for each in suites.values() if selection.of(each)] or list(suites.values()), selection


def _there(corpus: Path) -> bool:
    if not corpus.is_dir():
        print(f"skipped: there is no folder '{corpus}'")
    return corpus.is_dir()


def _gate(baseline: Path, runs: Sequence[Run]) -> int:
    from evals.baseline import read_baseline

    passed, text = gate.verdict(runs, read_baseline(baseline))
    print(text)
    _summarise(f"# Eval gate: {'passed' if passed else 'failed'}\n\n{text}\n")
    return DONE if passed else FAILED


def _update(args: argparse.Namespace, runs: Sequence[Run]) -> int:
    broken = sum(len(each.breaches) for each in runs)
    if broken:
        raise RunError(f"{args.baseline} was not written: {broken} invariants are broken. Mend them first.")
    write_baseline(runs, args.reason.strip(), args.baseline)
    print(f"wrote {args.baseline}")
    if args.baseline == BASELINE:
        _write_docs(generated_docs.generated())
    return DONE


def _write_docs(files: dict[Path, str]) -> list[Path]:
    """Write those that are out of date, which it gives."""
    stale = generated_docs.stale(files)
    for path in stale:
        path.write_text(files[path], encoding="utf-8")
        print(f"wrote {path}")
    return stale


def _write(args: argparse.Namespace, runs: Sequence[Run]) -> None:
    if args.json:
        write_runs(args.json, runs)
    if args.junit:
        write_junit(args.junit, runs)
    if args.html:
        args.html.parent.mkdir(parents=True, exist_ok=True)
        args.html.write_text(page.html(runs), encoding="utf-8")


def _summarise(text: str) -> None:
    """Add a text to the summary of the step that CI is in, where there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _suites(name: str, half: Half | None = None) -> list[Suite]:
    suites = [load_suite(path) for path in suite_files(name, half)]
    if half and any(each.half != half for each in suites):
        raise UsageError(f"{name} is not the {half} half. Leave --half away, or name the other file.")
    return suites
