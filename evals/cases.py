"""The cases of a suite: frozen types, and how they are read from YAML.

Every scalar is text, quoted or not: `[[2001]]` is the four characters, never a number, and a date
stays as it was written. A wrong line is reported with file, line, case and what to do; all wrong
lines of a file are reported at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import yaml

from assistant.answers import Verdict
from evals.errors import SuiteError, UsageError
from evals.mistakes import in_lines, in_words, problems, repeated_keys
from evals.variants import Copy, Edit, Variant

Label = str
"""A paragraph as suites and reports name it: document#pNUMBER, such as diplomat#p6."""

Half = Literal["dev", "test"]
Kind = Literal[
    "date",
    "percentage",
    "amount",
    "count",
    "person",
    "institution",
    "place",
    "quotation",
    "reason",
    "statement",
    "list",
    "front-matter",
    "multi-paragraph",
    "both-documents",
    "conflict",
    "follow-up",
    "misspelt",
    "terse",
    "paraphrase",
    "reordered",
    "provenance",
    "unanswerable",
]
HALVES: tuple[Half, ...] = get_args(Half)
KINDS: tuple[Kind, ...] = get_args(Kind)
MANY = 10
"""From so many documents or articles on a bootstrap resamples these; fewer would give it nothing to vary."""
SUITES = Path(__file__).parent / "suites"


def label(document_id: str, number: int) -> Label:
    """A paragraph's label."""
    return f"{document_id}#p{number}"


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what a right answer to it has.

    `verdict` lists the acceptable verdicts. `answer` is a list of groups; of each group one
    alternative must stand in the answer. Of `cite_any` one paragraph must be cited, of `cite_all`
    every one ("diplomat#p6"; #p0 is the front matter). `history` holds the user's earlier questions.
    `cluster` is the id of the document or article that the question is about, or "both". `notes` are
    the numbers of the notes that must stand behind the citations, `payload` what an answer has only
    where it obeyed a planted instruction. `variant` names the changed corpus that the case is asked
    on, `documents` those that the question is restricted to. Cases with the same `base` are wordings of one
    question; `tags` group cases in reports.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    kind: Kind
    question: str
    verdict: tuple[Verdict, ...]
    cluster: str
    history: tuple[str, ...] = ()
    answer: tuple[tuple[str, ...], ...] = ()
    cite_any: tuple[Label, ...] = ()
    cite_all: tuple[Label, ...] = ()
    must_not_include: tuple[str, ...] = ()
    notes: tuple[int, ...] = ()
    payload: tuple[str, ...] = ()
    variant: str = ""
    documents: tuple[str, ...] = ()
    base: str = ""
    tags: tuple[str, ...] = ()

    @property
    def gold(self) -> frozenset[Label]:
        """Every paragraph that a right answer may cite."""
        return frozenset(self.cite_any) | frozenset(self.cite_all)

    @property
    def must_abstain(self) -> bool:
        """Whether "the documents do not say" is the only right answer."""
        return self.verdict == ("not_in_corpus",)

    @property
    def must_answer(self) -> bool:
        """Whether "the documents do not say" is a wrong answer."""
        return "not_in_corpus" not in self.verdict


@dataclass(frozen=True, slots=True)
class Suite:
    """One half of a suite: `dev` may be looked at while tuning, `test` may not.

    `corpus` is the folder of the documents that it asks about, beside its file; empty where it is asked of the folder
    that the command names.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    suite: str
    half: Half
    cases: tuple[Case, ...]
    variants: tuple[Variant, ...] = ()
    corpus: str = ""

    def unit(self, case: Case) -> str:
        """What the case is resampled with: cases of one unit go wrong together.

        That is the wordings of one question, else the case's document or article where there are
        enough of these to resample (`MANY`), else the paragraph that it asks for, else the case alone.
        """
        if case.base:
            return f"base {case.base}"
        if len({each.cluster for each in self.cases}) >= MANY:
            return case.cluster
        return min(case.gold, default=f"case {case.id}")


def suite_files(name: str, half: Half | None = None, folder: Path = SUITES) -> list[Path]:
    """The files of a suite: `name` is a YAML file, or the NAME of NAME.dev.yaml and NAME.test.yaml, or "all".

    Raises:
        UsageError: there is none; the message lists those that there are.
    """
    if name.endswith((".yaml", ".yml")) and Path(name).is_file():
        return [Path(name)]
    names = suite_names(folder) if name == "all" else [name]
    wanted = [folder / f"{one}.{each}.yaml" for one in names for each in HALVES if half in (None, each)]
    found = [path for path in wanted if path.is_file()]
    if not found:
        known = ", ".join(sorted({path.name for path in folder.glob("*.yaml")})) or "none"
        which = f"half {half!r} of " if half else ""
        raise UsageError(
            f"No {which}suite {name!r} in {folder.name}/ (there: {known}). Name one, or give a YAML file."
        )
    return found


def suite_names(folder: Path = SUITES) -> list[str]:
    """The names of the suites in a folder, `corpus` first."""
    names = {path.name.partition(".")[0] for path in folder.glob("*.yaml")}
    return sorted(names, key=lambda name: (name != "corpus", name))


def load_suite(path: Path) -> Suite:
    """Read one suite file.

    Raises:
        SuiteError: a line per wrong line of the file.
    """
    import pydantic

    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        values = yaml.load(text, Loader=yaml.BaseLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{path}: cannot be read as UTF-8 text: {error}.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not YAML"
        raise SuiteError(f"{path}:{line}: {problem}. Check the quotes and the indentation.") from error
    wrong = list(repeated_keys(node))
    suite = None
    try:
        suite = pydantic.TypeAdapter(Suite).validate_python(values)
    except pydantic.ValidationError as error:
        wrong += [(each["loc"], in_words(dict(each), _known(each["loc"]))) for each in error.errors()]
    if suite is not None:
        wrong += problems(suite)
        if suite.corpus and not (path.parent / suite.corpus).is_dir():
            wrong.append((("corpus",), f"there is no folder '{suite.corpus}' beside this file"))
    if suite is None or wrong:
        raise SuiteError(in_lines(path, node, values, wrong))
    return replace(suite, corpus=str(path.parent / suite.corpus)) if suite.corpus else suite


def schema() -> dict[str, Any]:
    """The JSON Schema of a suite file, for editors and for other programs."""
    import pydantic

    made = pydantic.TypeAdapter(Suite).json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_as_written(made)}


def _as_written(schema: Any) -> Any:
    """The schema with scalars as they may be written in YAML, where an unquoted 1931 is a text to us."""
    if isinstance(schema, list):
        return [_as_written(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _as_written(value) for key, value in schema.items()}
    if plain.get("type") == "integer":
        return {**plain, "type": ["integer", "string"], "pattern": "^[0-9]+$"}
    if plain.get("type") == "string" and "enum" not in plain:
        return {**plain, "type": ["string", "number"]}
    return plain


def _known(loc: tuple[int | str, ...]) -> str:
    kinds = {"cases": Case, "variants": Variant, "copies": Copy, "edits": Edit}
    inner = [kinds[part] for part in loc if part in kinds]
    return ", ".join(each.name for each in fields(inner[-1] if inner else Suite))
