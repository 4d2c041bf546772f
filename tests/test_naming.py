"""What a name names, and short forms as people type them."""

from __future__ import annotations

import pytest

from assistant.facts import find_facts
from assistant.naming import NameClass, name_class, spell_out


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ines Albrecht", "person"),
        ("President Ines Albrecht", "person"),
        ("Kim Jong Un", "person"),
        ("Jonas Weber's", "person"),
        ("Norway", "place"),
        ("Norwegian", "place"),
        ("New York", "place"),
        ("the Harbour Board", "organisation"),
        ("the Ministry of Salt", "organisation"),
        ("the United Nations", "organisation"),
        ("NATO", "organisation"),
        ("EHB", "organisation"),
        ("Albrecht", "unknown"),
        ("Ellmouth", "unknown"),
    ],
)
def test_a_name_names_one_of_these(name: str, expected: NameClass) -> None:
    (fact,) = find_facts(f"They saw {name} there.")
    assert name_class(fact) == expected


def test_a_figure_names_nothing() -> None:
    (fact,) = find_facts("They saw 12 percent there.")
    assert name_class(fact) == "unknown"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("did nk trade with s. korea", "did North Korea trade with South Korea"),
        ("N.K. and S.K. spoke", "North Korea and South Korea spoke"),
        ("nk's plan", "North Korea's plan"),
        ("did the dprk join nato", "did the DPRK join NATO"),
        ("which un sanctions", "which UN sanctions"),
        ("a pact w/o the uk", "a pact without the UK"),
        ("a pact w/ Norway", "a pact with Norway"),
        ("a pact w/Norway", "a pact with Norway"),
    ],
)
def test_a_typed_short_form_is_spelled_out(typed: str, written: str) -> None:
    assert spell_out(typed) == written


@pytest.mark.parametrize(
    "text",
    [
        "What did NK News print?",
        "What did N.K. News print?",
        "the ink and the desk",
        "Kim Jong Un spoke.",
        "What did the eunuch say?",
        "Thank you.",
    ],
)
def test_other_letters_stay(text: str) -> None:
    assert spell_out(text) == text
