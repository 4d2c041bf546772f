"""What the program is made of: python -m evals.supply sbom | licences

The distributions that pyproject.toml asks for, with all that they ask for in turn, as they are installed here.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from evals.report import table

PROJECT = Path("pyproject.toml")
LICENCES = Path("docs/licences.md")
EXTRAS = ("dev", "postgres", "ray")
"""The optional parts that are installed for the tests; `bench` and `fuzz` are for environments of their own."""

# A word of a licence's name -> its SPDX identifier, in the order in which they are looked for.
NAMES = (
    ("mit-0", "MIT-0"), ("mit-cmu", "MIT-CMU"), ("mit", "MIT"), ("apache", "Apache-2.0"), ("bsd-3", "BSD-3-Clause"),
    ("3-clause bsd", "BSD-3-Clause"), ("bsd-2", "BSD-2-Clause"), ("bsd", "BSD-3-Clause"), ("isc", "ISC"),
    ("python software", "PSF-2.0"), ("psf", "PSF-2.0"), ("mozilla public license 2", "MPL-2.0"), ("mpl-2", "MPL-2.0"),
    ("mpl-1.1", "MPL-1.1"), ("lgpl-3", "LGPL-3.0-only"), ("lgpl", "LGPL-2.1-or-later"), ("academic free", "AFL-2.1"),
    ("unlicense", "Unlicense"), ("zlib", "Zlib"), ("0bsd", "0BSD"), ("cc0", "CC0-1.0"), ("cnri", "CNRI-Python"),
    ("bsl-1", "BSL-1.0"), ("gpl", "GPL"),
)  # fmt: skip
COMPATIBLE = {
    "MIT", "MIT-0", "MIT-CMU", "Apache-2.0", "BSD-3-Clause", "BSD-2-Clause", "ISC", "PSF-2.0", "MPL-2.0", "MPL-1.1",
    "Unlicense", "Zlib", "0BSD", "CC0-1.0", "CNRI-Python", "BSL-1.0", "AFL-2.1", "LGPL-3.0-only", "LGPL-2.1-or-later",
}  # fmt: skip
"""With Apache-2.0, for libraries that are imported and not changed. LGPL and MPL ask for what is done here: the library
stays a file of its own that anybody can replace."""


@dataclass(frozen=True, slots=True)
class Part:
    """An installed distribution; `stated` is what it says of its licence, `licences` that as SPDX identifiers."""

    name: str
    version: str
    stated: str
    licences: frozenset[str]

    @property
    def purl(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{normal(self.name)}@{self.version}"


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parts(project: Path = PROJECT) -> tuple[Part, ...]:
    """Every distribution that the project needs, by name."""
    declared = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    wanted = list(declared["dependencies"])
    for extra in EXTRAS:
        wanted += declared["optional-dependencies"][extra]
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    for line in wanted:
        _collect(Requirement(line), frozenset(), found, seen)
    return tuple(_part(found[name]) for name in sorted(found))


def _collect(
    wanted: Requirement,
    extras: frozenset[str],
    found: dict[str, Distribution],
    seen: set[tuple[str, frozenset[str]]],
) -> None:
    applies = wanted.marker is None or any(
        wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)
    )
    key = normal(wanted.name), frozenset(wanted.extras)
    if not applies or key in seen or key[0] == "footnote":
        return
    seen.add(key)
    try:
        installed = found[key[0]] = distribution(wanted.name)
    except PackageNotFoundError:
        return
    for line in installed.requires or ():
        _collect(Requirement(line), key[1], found, seen)


def _part(installed: Distribution) -> Part:
    values = installed.metadata
    classifiers = [each for each in values.get_all("Classifier", []) if each.startswith("License ::")]
    stated = _first(values.get_all("License-Expression")) or "; ".join(
        each.rpartition(" :: ")[2] for each in classifiers if not each.endswith("OSI Approved")
    )
    stated = stated or _first(values.get_all("License")).strip().partition("\n")[0][:80]
    return Part(values["Name"], installed.version, stated, frozenset(_identifiers(stated)))


def _first(values: Sequence[str] | None) -> str:
    return values[0] if values else ""


def _identifiers(stated: str) -> Iterator[str]:
    # Of a choice, all are named: one that fits is enough, which `compatible` looks after.
    for piece in re.split(r"\bAND\b|\bOR\b|[;,()]|\bWITH\b", stated):
        text = piece.strip().lower()
        for word, identifier in NAMES:
            if word in text:
                yield identifier
                break


def compatible(part: Part) -> bool:
    """Whether a distribution may be used by a program under Apache-2.0."""
    choice = " OR " in part.stated
    return bool(part.licences) and (
        bool(part.licences & COMPATIBLE) if choice else part.licences <= COMPATIBLE
    )


def licences() -> str:
    """docs/licences.md."""
    rows = [[each.name, each.stated] for each in parts()]
    return (
        "# Licences\n\nWhat Footnote is built on, as its parts state it; Footnote itself is under Apache-2.0. "
        "Written by\n`python -m evals.supply licences`; a test fails when a part is missing here or has a licence that "
        "does not fit.\n\n" + table(["part", "licence"], rows) + "\n"
    )


def sbom() -> str:
    """A CycloneDX 1.6 bill of materials in JSON."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.license import DisjunctiveLicense
    from cyclonedx.output.json import JsonV1Dot6
    from packageurl import PackageURL

    from assistant.version import VERSION

    bom = Bom()
    program = Component(name="footnote", version=VERSION, type=ComponentType.APPLICATION)
    bom.metadata.component = program
    found = [
        Component(
            name=each.name,
            version=each.version,
            type=ComponentType.LIBRARY,
            bom_ref=each.purl,
            purl=PackageURL.from_string(each.purl),
            licenses=[DisjunctiveLicense(name=each.stated)] if each.stated else [],
        )
        for each in parts()
    ]
    bom.components.update(found)
    bom.register_dependency(program, found)
    return JsonV1Dot6(bom).output_as_string(indent=2)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the bill of materials, or write docs/licences.md."""
    parser = argparse.ArgumentParser(prog="python -m evals.supply", description=__doc__)
    parser.add_argument("what", choices=["sbom", "licences"])
    if parser.parse_args(argv).what == "sbom":
        print(sbom())
    else:
        LICENCES.write_text(licences(), encoding="utf-8")
        print(f"{LICENCES} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
