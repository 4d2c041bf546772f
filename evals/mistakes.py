"""What can be wrong in a suite file, in words, each with its line.

A problem is found by its place in the plain values (`loc`, as in ("cases", 3, "verdict")); the
line is looked up in the YAML nodes afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import yaml

from assistant.answers import Verdict

if TYPE_CHECKING:
    from evals.cases import Case, Suite
    from evals.variants import Variant

_LABEL = re.compile(r"[^#\s]+#p\d+")

Loc = tuple[int | str, ...]
Problem = tuple[Loc, str]


def problems(suite: Suite) -> Iterator[Problem]:
    """What the types allow and sense does not."""
    first: dict[str, int] = {}
    if not suite.cases:
        yield ("cases",), "there are no cases; a suite has at least one"
    for number, case in enumerate(suite.cases):
        if case.id in first:
            yield ("cases", number, "id"), f"the id is taken by case {first[case.id] + 1}; give it another"
        first.setdefault(case.id, number)
        for loc, what in _problems_of(case):
            yield ("cases", number, *loc), what
        names = [variant.name for variant in suite.variants]
        if case.variant and case.variant not in names:
            known = ", ".join(names) or "none"
            yield ("cases", number, "variant"), f"there is no variant {case.variant!r}; use one of: {known}"
    for number, variant in enumerate(suite.variants):
        for loc, what in _problems_of_variant(variant):
            yield ("variants", number, *loc), what


def _problems_of(case: Case) -> Iterator[Problem]:
    for key in ("id", "question", "cluster"):
        if not getattr(case, key).strip():
            yield (key,), f"{key} is empty; write one"
    if not case.verdict:
        yield ("verdict",), f"no verdict is acceptable; list at least one of {', '.join(get_args(Verdict))}"
    for key in ("cite_any", "cite_all"):
        for place, label in enumerate(getattr(case, key)):
            if not _LABEL.fullmatch(label):
                yield (key, place), f"{label!r} is no paragraph; write document#pNUMBER, such as diplomat#p6"
    for place, group in enumerate(case.answer):
        if not group or not all(text.strip() for text in group):
            yield ("answer", place), "an answer group or one of its alternatives is empty; fill or remove it"
    if case.must_abstain and (case.gold or case.answer):
        yield (
            ("verdict",),
            "not_in_corpus has nothing to say or cite; empty answer, cite_any and cite_all",
        )
    if case.verdict and case.must_answer and not case.gold:
        yield ("verdict",), "an answer needs evidence; fill cite_any or cite_all"
    if case.kind == "unanswerable" and case.verdict and case.must_answer:
        yield ("verdict",), "kind unanswerable accepts not_in_corpus; add it or change the kind"
    if case.kind == "conflict" and "conflicting" not in case.verdict:
        yield ("verdict",), "kind conflict accepts conflicting; add it or change the kind"
    if case.notes and not case.gold:
        yield ("notes",), "a note stands behind a paragraph; fill cite_any or cite_all"
    if case.kind == "follow-up" and not case.history:
        yield ("history",), "a follow-up follows something; list the earlier questions"


def _problems_of_variant(variant: Variant) -> Iterator[Problem]:
    if not variant.name.strip():
        yield ("name",), "name is empty; write one"
    if not variant.copies and not variant.edits:
        yield (), "the variant changes nothing; list copies or edits"
    for number, edit in enumerate(variant.edits):
        if not edit.replace and not edit.append:
            yield ("edits", number), "the edit changes nothing; write replace and by, or append"


def in_words(error: dict[str, Any], known: str) -> str:
    """A validation error of pydantic as one clause that says what to do."""
    key, given = error["loc"][-1] if error["loc"] else "the file", error["input"]
    match error["type"]:
        case "missing":
            return f"{key} is missing; add it"
        case "unexpected_keyword_argument" | "extra_forbidden":
            return f"{key!r} is not a known key; known are {known}"
        case "literal_error":
            return f"{given!r} is not known here; use {error['ctx']['expected']}"
        case "string_type":
            return f"{key!r} is one text, here is a {_yaml_name(given)}; write a text"
        case "int_parsing" | "int_type":
            return f"{given!r} is not a whole number; write one"
        case "tuple_type":
            return f"{key!r} is a list, here is a {_yaml_name(given)}; put it in [brackets]"
        case "dataclass_type":
            return f"here is a {_yaml_name(given)}; write keys with values"
    return f"{key}: {error['msg']}"


def _yaml_name(value: object) -> str:
    for kind, name in ((dict, "mapping"), (list, "list"), (str, "text")):
        if isinstance(value, kind):
            return name
    return "nothing"


def repeated_keys(node: yaml.Node | None, loc: Loc = ()) -> Iterator[Problem]:
    """Keys that stand twice in one mapping, which YAML would settle silently."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield (*loc, key.value), f"{key.value!r} stands twice; keep one"
            seen.add(key.value)
            yield from repeated_keys(value, (*loc, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from repeated_keys(value, (*loc, number))


def in_lines(path: Path, node: yaml.Node | None, values: Any, wrong: list[Problem]) -> str:
    """The problems in the order of their lines, each as `FILE:LINE: case 'ID': what is wrong; what to do.`"""
    lines = []
    for loc, what in wrong:
        number = _line_of(node, loc) if node is not None else 1
        lines.append((number, f"{path}:{number}:{_case_name(values, loc)} {what}."))
    return "\n".join(line for _, line in sorted(lines))


def _case_name(values: Any, loc: Loc) -> str:
    kinds = {"cases": ("case", "id"), "variants": ("variant", "name")}
    if len(loc) < 2 or loc[0] not in kinds or not isinstance(loc[1], int):
        return ""
    kind, key = kinds[str(loc[0])]
    entry = values[loc[0]][loc[1]]
    said = entry.get(key) if isinstance(entry, dict) else None
    return f" {kind} {said!r}:" if said else f" {kind} {loc[1] + 1}:"


def _line_of(node: yaml.Node, loc: Loc) -> int:
    """The line, from 1, of the deepest part of `loc` that the file has."""
    line: int = node.start_mark.line + 1
    for step in loc:
        if isinstance(node, yaml.MappingNode):
            # The last of a repeated key is the one to remove.
            pairs = [(key, value) for key, value in node.value if key.value == step]
            if not pairs:
                return line
            key, node = pairs[-1]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line
