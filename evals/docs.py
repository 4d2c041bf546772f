"""What is written from the code, the baseline and the benchmark's figures: schema, scores, settings, page on speed."""

from __future__ import annotations

import json
from pathlib import Path

from evals.baseline import BASELINE, Baseline, Entry, Kept, read_baseline
from evals.bench.speed import page as speed
from evals.bench.speed.results import FILE as SPEED
from evals.bench.speed.results import read_results
from evals.cases import SUITES, schema
from evals.errors import RunError
from evals.metrics import METRICS
from evals.report import figure, table
from evals.systems import STARTERS, SYSTEMS

SCHEMA = SUITES / "schema.json"
README = Path("README.md")
COMMAND = 'python -m evals check --update --reason "…"'

_OF_SUITES = (
    "right",
    "facts",
    "cited",
    "abstention_recall",
    "false_refusals",
    "conflicts",
    "false_conflicts",
    "payload",
    "notes",
)
_COMPARED = ("right", "facts", "cited", "abstention_f1", "hit_1", "hit_5", "mrr", "touch_1")


def generated(
    readme: Path = README, baseline: Path = BASELINE, schema_file: Path = SCHEMA
) -> dict[Path, str]:
    """Each generated file with the text that it should have; README and page on speed only where there are such.

    The figures of speed are those that the benchmark has left beside the page: they are written from, never measured.

    Raises:
        RunError: the README has no place for the scores, the speed or the settings.
    """
    files = {schema_file: json.dumps(schema(), indent=2) + "\n"}
    if readme.is_file():
        text = readme.read_text(encoding="utf-8")
        docs = readme.parent / "docs"
        run = read_results(docs / SPEED)
        text = _with_block(readme, text, "scores", scores_block(read_baseline(baseline)))
        text = _with_block(readme, text, "speed", speed.readme_block(run))
        files[readme] = _with_block(readme, text, "settings", settings_block())
        files |= speed.files(run, docs) if run else {}
    return files


def stale(files: dict[Path, str]) -> list[Path]:
    """The files whose text on disk is another one."""
    return [
        path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def scores_block(baseline: Baseline) -> str:
    """The scores of every target, then ours beside the baselines'."""
    if not baseline:
        return f"Not measured yet. Measure with `{COMMAND}`."
    targets = {target: systems["footnote"] for target, systems in baseline.items() if "footnote" in systems}
    suites = sorted(
        {target.partition(".")[0] for target in targets}, key=lambda name: (name != "corpus", name)
    )
    parts = [
        f"Value and 95% bootstrap interval; measured with `{COMMAND}`, checked with `python -m evals check`.",
        _targets_table({t: entry for t, entry in targets.items() if t.partition(".")[0] == suites[0]}),
    ]
    if len(suites) > 1:
        parts += [
            "The other suites (metrics that say something on them):",
            _suites_table({t: entry for t, entry in targets.items() if t.partition(".")[0] != suites[0]}),
        ]
    for target, systems in baseline.items():
        if ".test on " in target and len(systems) > 1:
            parts += [
                f"Beside the llama-index starter with the same encoder on `{target}` (tokens of a chunk in brackets):",
                _systems_table(systems),
            ]
    return "\n\n".join(parts)


def _targets_table(targets: dict[str, Entry]) -> str:
    rows = [["cases", *(str(entry.metrics["right"].n) for entry in targets.values())]]
    for metric in METRICS:
        kept = [entry.metrics.get(metric.key) for entry in targets.values()]
        if any(kept):
            title = metric.title + (" (lower is better)" if metric.better == "lower" else "")
            rows.append([title, *(_cell(each) for each in kept)])
    return table(["metric", *targets], rows)


def _suites_table(targets: dict[str, Entry]) -> str:
    chosen = [metric for metric in METRICS if metric.key in _OF_SUITES]
    rows = [
        [target, str(entry.metrics["right"].n), *(_value(entry.metrics.get(metric.key)) for metric in chosen)]
        for target, entry in sorted(targets.items())
    ]
    return table(["suite", "cases", *(metric.title for metric in chosen)], rows)


def _systems_table(systems: dict[str, Entry]) -> str:
    names = {
        name: f"starter ({STARTERS[name][0]})" if name in STARTERS else name
        for name in SYSTEMS
        if name in systems
    }
    rows = [
        [metric.title, *(_value(systems[name].metrics.get(metric.key)) for name in names)]
        for metric in METRICS
        if metric.key in _COMPARED
    ]
    return table(["metric", *names.values()], rows)


def _value(kept: Kept | None) -> str:
    return figure(kept.value) if kept else "–"


def _cell(kept: Kept | None) -> str:
    return f"{figure(kept.value)} ({figure(kept.low)}–{figure(kept.high)})" if kept else "–"


def settings_block() -> str:
    """The table of settings, from the settings themselves."""
    from assistant.settings import Settings

    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append([f"`ASSISTANT_{name.upper()}`", default, field.description or ""])
    return table(["variable", "default", "what it sets"], rows)


def _with_block(readme: Path, text: str, name: str, block: str) -> str:
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found_start, rest = text.partition(start)
    _, found_end, after = rest.partition(end)
    if not found_start or not found_end:
        raise RunError(f"{readme} has no lines {start} and {end}. Put them where the {name} belong.")
    return f"{before}{start}\n{block}\n{end}{after}"
