"""Facts across languages: what German, French and Spanish sentences say in other forms than the English paragraph."""

from __future__ import annotations

import pytest

from assistant.languages import in_english
from assistant.support import support

PARAGRAPH = (
    "On 19 June 2024 Vladimir Putin visited Pyongyang. North Korea shipped 300,000 tons of salt to Russia, and trade "
    "rose by 1.5 percent to 1.5 million dollars. Mira Holt said that Moscow may buy 11,000 containers."
)


@pytest.mark.parametrize(
    ("language", "text", "english"),
    [
        ("de", "am 19. Juni 2024", "am 19 June 2024"),
        ("de", "1,5 Millionen", "1.5 million"),
        ("de", "300.000 Tonnen", "300,000 tons"),
        ("de", "2,3 Milliarden US-Dollar", "2.3 billion dollars"),
        ("de", "in Nordkorea und Russlands Häfen", "in North Korea und Russia Häfen"),
        ("de", "die nordkoreanische Armee in Moskau.", "die North Korean Armee in Moscow."),
        ("fr", "le 19 juin 2024 en Russie", "le 19 June 2024 en Russia"),
        ("es", "el 19 de junio de 2024", "el 19 June 2024"),
    ],
)
def test_forms_are_put_into_english(language: str, text: str, english: str) -> None:
    assert in_english(text, language) == english  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "sentence",
    [
        "Am 19. Juni 2024 hat Wladimir Putin die Stadt Pjöngjang besucht.",
        "Nordkorea hat 300.000 Tonnen Salz nach Russland geliefert und das ist viel.",
        "Der Handel ist um 1,5 Prozent auf 1,5 Millionen Dollar gestiegen, und das ist nicht wenig.",
        "Die nordkoreanische Regierung hat 300.000 Tonnen nach Russland geliefert und ist zufrieden.",
        "Laut Mira Holt wird der Kauf von 11.000 Containern in Moskau erwogen und ist offen.",
        "La Corée du Nord a livré 300 000 tonnes de sel à la Russie et les prix ont baissé.",
        "Corea del Norte envió 300.000 toneladas de sal a Rusia y los precios no cayeron.",
    ],
)
def test_what_the_paragraph_says_holds_in_another_language(sentence: str) -> None:
    assert support(sentence, PARAGRAPH).faults == ()


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("Am 18. Juni 2024 hat Wladimir Putin die Stadt Pjöngjang besucht.", "18 June 2024"),
        ("Nordkorea hat 310.000 Tonnen Salz nach Russland geliefert und das ist viel.", "310,000 tons"),
        ("Südkorea hat 300.000 Tonnen Salz nach Russland geliefert und das ist viel.", "South Korea"),
        ("Der Handel ist um 2,5 Prozent gestiegen, und das ist nicht wenig.", "2.5 percent"),
        ("Anna Brandt hat die Stadt Moskau besucht und das ist neu.", "Anna Brandt"),
        ("Die Stadt Moskau wurde von Brandt besucht und das ist neu.", "Brandt"),
        ("Die Lieferung in die Stadt Moskau war sicher, sagte Brandt, und das ist neu.", "Brandt"),
        ("La Corée du Sud a livré 300 000 tonnes de sel à la Russie et les prix ont baissé.", "South Korea"),
    ],
)
def test_what_it_does_not_say_is_named(sentence: str, fault: str) -> None:
    found = support(sentence, PARAGRAPH)
    assert not found.holds
    assert fault in found.faults
