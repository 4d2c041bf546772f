"""Facts of a German, French or Spanish sentence in the forms in which English texts have them.

Numbers ("1,5 Millionen", "300.000"), dates ("19. Juni 2024"), units, countries with their adjectives, and cities are
put into English, so that the rules for facts can compare them with a paragraph; the other words stay. What Unicode's
Common Locale Data Repository has is taken from there (through Babel).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from assistant.facts import find_facts, missing_facts
from assistant.names import Name, states
from assistant.short_forms import ENTITIES
from assistant.tokens import fold

Language = Literal["de", "fr", "es"]

_SMALL: dict[Language, str] = {
    "de": "der die das und ist nicht von mit den dem ein eine einen im auf für wird wurde wurden sind hat haben des zu "
    "am",
    "fr": "le la les et est une un des du dans que pour pas sur par au aux ont été il elle",
    "es": "el la los las y es una un que en por con del se fue no su han al fueron",
}
# Forms that CLDR lacks: counting words, units, and what is written otherwise than there.
_WORDS: dict[Language, str] = {
    "de": "million=million; millionen=million; mio=million; milliarde=billion; milliarden=billion; mrd=billion; "
    "billion=trillion; billionen=trillion; tausend=thousand; hundert=hundred; dutzend=dozen; "
    "prozent=percent; prozentpunkte=percentage points; tonne=ton; tonnen=tons; kilometer=kilometres; "
    "kilometern=kilometres; meter=metres; metern=metres; kilogramm=kilograms; stunden=hours; "
    "minuten=minutes; jahre=years; jahren=years; tage=days; tagen=days; monate=months; monaten=months; "
    "zwei=two; drei=three; vier=four; fünf=five; sechs=six; sieben=seven; acht=eight; neun=nine; "
    "zehn=ten; elf=eleven; zwölf=twelve; zwanzig=twenty; us-dollar=dollars; barrel=barrels; "
    "container=containers; mehr als=more than; über=over; bis zu=up to; mindestens=at least; höchstens=at "
    "most; rund=about; etwa=about; jänner=January; peking=Beijing; usa=United States; vereinigte "
    "staaten=vereinigten staaten=United States; vereinte nationen=vereinten nationen=uno=United Nations; "
    "sowjetunion=Soviet Union; europäische union=europäischen union=European Union; großbritannien=United "
    "Kingdom",
    "fr": "millions=million; milliard=milliards=billion; mille=thousand; cent=hundred; douzaine=dozen; pour "
    "cent=percent; tonne=ton; tonnes=tons; kilomètres=kilometres; mètres=metres; heures=hours; "
    "jours=days; ans=années=years; deux=two; trois=three; quatre=four; cinq=five; sept=seven; huit=eight; "
    "neuf=nine; dix=ten; vingt=twenty; barils=barrels; conteneurs=containers; plus de=more than; au "
    "moins=at least; jusqu'à=up to; environ=about; pékin=Beijing; nations unies=onu=United Nations; union "
    "soviétique=Soviet Union; union européenne=European Union; nord-coréen=nord-coréenne=North Korean; "
    "russe=russes=Russian; chinois=chinoise=Chinese",
    "es": "millón=millones=million; mil=thousand; cien=hundred; docena=dozen; por ciento=percent; tonelada=ton; "
    "toneladas=tons; kilómetros=kilometres; metros=metres; horas=hours; días=days; meses=months; "
    "años=years; dos=two; tres=three; cuatro=four; cinco=five; seis=six; siete=seven; ocho=eight; "
    "nueve=nine; diez=ten; veinte=twenty; dólares=dollars; barriles=barrels; contenedores=containers; más "
    "de=more than; al menos=at least; hasta=up to; unos=about; pekín=Beijing; naciones unidas=onu=United "
    "Nations; unión soviética=Soviet Union; unión europea=European Union; norcoreano=norcoreana=North "
    "Korean; ruso=rusa=Russian; chino=Chinese",
}
# German adjectives are made of the country's stem: "Nordkorea", "nordkoreanische".
_ADJECTIVES = {
    "nordkoreanisch": "North Korean", "südkoreanisch": "South Korean", "russisch": "Russian", "chinesisch": "Chinese",
    "amerikanisch": "American", "us-amerikanisch": "American", "ukrainisch": "Ukrainian", "japanisch": "Japanese",
    "deutsch": "German", "französisch": "French", "britisch": "British", "englisch": "English",
    "italienisch": "Italian", "spanisch": "Spanish", "polnisch": "Polish", "türkisch": "Turkish", "indisch": "Indian",
    "iranisch": "Iranian", "israelisch": "Israeli", "syrisch": "Syrian", "koreanisch": "Korean",
    "sowjetisch": "Soviet", "österreichisch": "Austrian", "schweizerisch": "Swiss", "europäisch": "European",
}  # fmt: skip
_OPENERS = frozenset(
    "danach ausserdem zudem im am laut nach seit damals dort dabei dagegen jedoch allerdings insgesamt bereits heute "
    "es sie er wir man beide mehrere viele einige alle diese dieser dieses zum zur bei vor wegen trotz während "
    "il elle ils elles selon après depuis en à ce cette ces según después desde este esta estos ella ellos".split()
)
_TITLES = frozenset(
    "präsident präsidentin präsidenten aussenminister ministerpräsident minister ministerin kanzler kanzlerin könig "
    "stadt hauptstadt land staat insel hafen fluss firma zeitung agentur nachrichtenagentur behörde königin general "
    "machthaber staatschef frau herr herrn professor direktor direktorin sprecher sprecherin".split()
)
_NOUN = re.compile(
    r"(?:ung|ungen|heit|keit|keiten|schaft|tion|tionen|nis|tum|lage|zeit|handel|abkommen|vertrag)$"
)
_DETERMINES = re.compile(
    r"\b(?:(?:d(?:er|ie|as|en|em|es)|k?ein(?:e[nmrs]?)?|diese[nmrs]?|seine[nmrs]?|ihre[nmrs]?|zum|zur|im|am|vom|beim)"
    r"(?:\s+[a-zäöüß]+e[nmrs]?)?|\d[\d.,]*|million|billion|thousand|tons?|percent)\s+$"
)
_DAY = re.compile(
    r"\b(\d{1,2})(?:\.|er)?\s+(?:de )?(?=(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December)\b)"
)
_OF_YEAR = re.compile(r"\b([A-Z][a-z]+) del? (?=[12]\d{3}\b)")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?![\d.]*\d)")
_DECIMAL = re.compile(r"(?<![\d.,])\d+,\d{1,2}(?![\d,])")
_LONGEST = 4
_ALIKE = 75.0


def language_of(text: str) -> Language | None:
    """Which of the languages `text` is in, as its smallest words tell; None for any other."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    counts = {code: sum(word in small.split() for word in words) for code, small in _SMALL.items()}
    best = max(counts, key=lambda code: counts[code])
    return best if counts[best] else None


def in_english(text: str, language: Language) -> str:
    """`text` with its numbers, dates, units, countries and cities in English, all other words as they are."""
    if language != "fr":
        text = _GROUPED.sub(lambda match: match[0].replace(".", ","), text)
    text = _DECIMAL.sub(lambda match: match[0].replace(",", "."), text)
    forms = _forms(language)
    parts: list[str] = []
    end = 0
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        taken, ours = _known(text, words[at : at + _LONGEST], forms)
        if ours is not None:
            last = words[at + taken - 1]
            dot = "." if last[0].endswith(".") and not ours[0].isupper() and last.end() == len(text) else ""
            parts += [text[end : words[at].start()], ours, dot]
            end = last.end() - (last[0].endswith(".") and last.end() == len(text) and not dot)
        at += taken
    return _OF_YEAR.sub(r"\1 ", _DAY.sub(r"\1 ", "".join([*parts, text[end:]])))


def unstated(text: str, language: Language, paragraph: str) -> list[str]:
    """Figures and names of a sentence, put into English, that `paragraph` lacks, names in any spelling.

    German writes nouns with a capital, too: a single one that an article, an adjective or a figure goes before is none.
    """
    known = {fold(word.rstrip(".")) for word in _WORD.findall(paragraph)}
    found = []
    for fact in missing_facts(text, paragraph):
        if not isinstance(fact.value, Name):
            found.append(fact.text)
            continue
        words = [fold(word.rstrip(".")) for word in _WORD.findall(fact.text)]
        if language == "de":
            while len(words) > 1 and (words[0] in _TITLES_FOLDED or _NOUN.search(words[0])):
                words = words[1:]
        opener = words[0] in _OPENERS_FOLDED or words[0] in _small(language)
        if opener and fact.start == 0:
            words = words[1:]
        if language == "de" and _is_adjective_with_noun(fact.value, paragraph):
            continue
        noun = language == "de" and len(words) == 1 and fact.value.words[0] not in ENTITIES
        if noun and (_NOUN.search(words[0]) or _DETERMINES.search(text[: fact.start].lower())):
            continue
        if not all(_stands(word, known) for word in words):
            small = fact.text.split(" ", 1)
            found.append(small[-1] if fold(small[0]) in _small(language) else fact.text)
    return found


@cache
def _small(language: Language) -> frozenset[str]:
    return frozenset(fold(_SMALL[language]).split())


def _is_adjective_with_noun(name: Name, paragraph: str) -> bool:
    """ "nordkoreanische Armee", where the paragraph names the country."""
    words = [word for word in name.words if word not in _small("de")]
    if len(words) != 2 or words[0] not in ENTITIES:
        return False
    stated = [fact.value for fact in find_facts(paragraph) if isinstance(fact.value, Name)]
    return states(stated, Name((words[0],)))


def _stands(word: str, known: set[str]) -> bool:
    """Whether a name's word is among those of the paragraph, perhaps in another transcription ("Wladimir")."""
    from rapidfuzz import fuzz, process

    if word in known or word.removesuffix("s") in known:
        return True
    return (
        len(word) > 4 and process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=_ALIKE) is not None
    )


def _known(text: str, words: list[re.Match[str]], forms: dict[str, str]) -> tuple[int, str | None]:
    """How many of the words make a form that is known, and its English; one and None where none does."""
    for size in range(len(words), 0, -1):
        found = text[words[0].start() : words[size - 1].end()]
        key = " ".join(fold(found.rstrip(".")).split())
        for form in (key, key.removesuffix("s")):
            ours = forms.get(form)
            if ours is not None and (
                found[0].isupper() or not ours[0].isupper() or form in forms[_LOWER].split("|")
            ):
                return size, ours
    return 1, None


_LOWER = ""
"""The key under which the forms that need no capital stand, parted by bars."""
_TITLES_FOLDED = frozenset(map(fold, _TITLES))
_OPENERS_FOLDED = frozenset(map(fold, _OPENERS))


@cache
def _forms(language: Language) -> dict[str, str]:
    """Folded foreign forms and their English ones."""
    from babel import Locale

    locale, english = Locale.parse(language), Locale.parse("en")
    found = {
        fold(name): english.territories[code]
        for code, name in locale.territories.items()
        if len(code) == 2 and code in english.territories
    }
    for zone, names in locale.time_zones.items():
        if "city" in names:
            found[fold(names["city"])] = zone.rpartition("/")[2].replace("_", " ")
    lower = {}
    for number, month in locale.months["format"]["wide"].items():
        lower[fold(month)] = english.months["format"]["wide"][number]
    for pair in _WORDS[language].split(";"):
        *foreign, ours = pair.strip().split("=")
        lower |= {fold(form): ours for form in foreign}
    if language == "de":
        for adjective, ours in _ADJECTIVES.items():
            lower |= {fold(adjective + ending): ours for ending in ("", "e", "en", "er", "es", "em")}
    return {**found, **lower, _LOWER: "|".join(lower)}
