"""The command that fits what stands between the reader and an answer: its judge and its abstention threshold."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from assistant.facts import contains
from evals.calibrate import Decided, Judged, decided, fit_judge, folds, judged, trade_off, write_weights
from evals.calibrate import calibrate as best_threshold
from evals.cases import Suite, load_suite, suite_files
from evals.commands import CORPORA, DONE, placed
from evals.journal import Journal
from evals.progress import progress
from evals.runner import How, run_cases
from evals.scores import Score
from evals.systems import FootnoteSystem, open_footnote


def calibrate(args: argparse.Namespace) -> int:
    """Fit the reader's judge and its abstention threshold on the development half of a suite, and write them."""
    from assistant.reader.evidence import SIGNALS, WEIGHTS, load_weights

    suites = [load_suite(path) for name in args.suite for path in suite_files(name, "dev")]
    corpora = [corpus for corpus in CORPORA if corpus.is_dir()]

    def judge_of(held_out: Sequence[Suite]) -> tuple[float, ...]:
        """Fit the judge on every case but those of `held_out`, and put it where the reader finds it."""
        out = {case.id for suite in held_out for case in suite.cases}
        judge = fit_judge([one for one in sentences if one.case not in out])
        write_weights(WEIGHTS, judge=judge)
        load_weights.cache_clear()
        return judge

    sentences: list[Judged] = []
    for corpus, asked in placed(suites, corpora):
        with open_footnote(corpus, args.data, abstain_below=0.0) as system:
            sentences += [one for each in asked for one in judged(each, system, contains)]
    cases: list[Decided] = []
    for held_out in folds(suites):
        judge_of(held_out)
        for corpus, asked in placed(held_out, corpora):
            with open_footnote(corpus, args.data, abstain_below=0.0) as system:
                cases += [one for each in asked for one in decided(each.suite, _scores(each, system, corpus))]
    judge = judge_of(())
    print("judge: " + ", ".join(f"{name} {w}" for name, w in zip((*SIGNALS, "bias"), judge, strict=True)))
    for one in trade_off(cases)[:: max(1, len(cases) // 20)]:
        print(f"  at {one.threshold:.2f}: {one.answered:.0%} answered rightly, {one.refused:.0%} refused")
    best = best_threshold(cases, args.refuse)
    write_weights(WEIGHTS, abstain_below=round(best.threshold, 4))
    print(
        f"abstain below {best.threshold:.4f}: {best.answered:.0%} of the answerable cases answered rightly, "
        f"{best.refused:.0%} of the others refused"
    )
    print(f"wrote {WEIGHTS.name}; now run: python -m evals check --update --reason '…'")
    return DONE


def _scores(suite: Suite, system: FootnoteSystem, corpus: Path) -> list[Score]:
    name = corpus.resolve().name
    with progress(f"{suite.suite}.{suite.half} on {name}", len(suite.cases)) as step:
        results = run_cases(suite, suite.cases, system, name, How(contains), Journal(None), step)
    return [each.score for each in results]
