"""Units, currencies and bounds as tables: what is written, and the unit that it is counted in."""

from __future__ import annotations

from typing import Literal

Bound = Literal["", ">", ">=", "<", "<=", "~<"]
"""Exact, more than, at least, less than, at most, nearly."""

PERCENT = frozenset({"percent", "pct"})
POINTS = frozenset({"point", "points"})
TIMES = frozenset({"times", "x", "×"})

MULTIPLES = {
    "twice": 2,
    "thrice": 3,
    "doubled": 2,
    "doubling": 2,
    "doubles": 2,
    "tripled": 3,
    "tripling": 3,
    "triples": 3,
    "trebled": 3,
    "quadrupled": 4,
    "quadrupling": 4,
    "quintupled": 5,
}
"""Words that say by how much something was multiplied."""

CURRENCY_SIGNS = {
    "$": "usd",
    "€": "eur",
    "£": "gbp",
    "¥": "jpy",
    "₩": "krw",
    "₽": "rub",
    "₹": "inr",
    "₺": "try",
}
DOLLAR_PREFIXES = {
    "US": "usd",
    "A": "aud",
    "AU": "aud",
    "C": "cad",
    "CA": "cad",
    "HK": "hkd",
    "NZ": "nzd",
    "S": "sgd",
}
CURRENCY_CODES = frozenset(
    "USD EUR GBP JPY KRW RUB INR TRY AUD CAD HKD NZD SGD CHF CNY RMB SEK NOK DKK PLN BRL ZAR MXN PKR KPW".split()
)
CURRENCY_WORDS = {
    "dollar": "usd",
    "buck": "usd",
    "euro": "eur",
    "pound": "gbp",
    "yen": "jpy",
    "yuan": "cny",
    "renminbi": "cny",
    "rouble": "rub",
    "ruble": "rub",
    "rupee": "inr",
    "lira": "try",
    "franc": "chf",
    "rand": "zar",
}
COUNTRY_DOLLARS = {
    "us": "usd",
    "american": "usd",
    "australian": "aud",
    "canadian": "cad",
    "singapore": "sgd",
    "hong": "hkd",
}
"""Which dollar it is when a word before "dollars" says so."""

_UNITS = {
    "t": "ton tonne",
    "barrel": "barrel bbl",
    "container": "container",
    "km": "km kilometer kilometre",
    "m": "metre meter",
    "cm": "cm centimetre centimeter",
    "mm": "mm millimetre millimeter",
    "mile": "mile",
    "nmi": "nmi",
    "ft": "ft foot feet",
    "in": "inch inches",
    "yd": "yard",
    "km/h": "kph kmh",
    "mph": "mph",
    "knot": "knot",
    "kg": "kg kilo kilogram kilogramme",
    "g": "gram gramme",
    "mg": "mg milligram",
    "lb": "lb lbs",
    "oz": "oz ounce",
    "ha": "ha hectare",
    "acre": "acre",
    "l": "litre liter",
    "gal": "gallon",
    "bpd": "bpd",
    "watt": "watt",
    "kw": "kw kilowatt",
    "mw": "mw megawatt",
    "gw": "gw gigawatt",
    "kwh": "kwh",
    "mwh": "mwh",
    "gwh": "gwh",
    "twh": "twh",
    "kt": "kiloton kilotonne",
    "mt": "megaton megatonne",
    "kb": "kilobyte",
    "mb": "mb megabyte",
    "gb": "gb gigabyte",
    "tb": "tb terabyte",
    "hz": "hz hertz",
    "degree": "degree °",
    "second": "second sec",
    "minute": "minute min",
    "hour": "hour hr",
    "day": "day",
    "week": "week",
    "month": "month",
    "year": "year yr",
}
UNITS = {word: unit for unit, words in _UNITS.items() for word in words.split()}
UNITS |= {
    f"{word}s": unit for word, unit in UNITS.items() if not word.endswith("s") and word not in ("feet", "°")
}
LARGE_UNITS = {"decade": (10, "year"), "century": (100, "year"), "centurie": (100, "year")}
SHORT_UNITS = {"m": "m", "g": "g", "t": "t", "W": "watt", "V": "volt", "L": "l", "l": "l"}
"""One letter is a unit only in exactly this case."""

UNIT_QUALIFIERS = {
    "metric": "",
    "short": "",
    "long": "",
    "nautical": "n",
    "square": "2",
    "sq": "2",
    "cubic": "3",
}

BOUNDS: dict[tuple[str, ...], Bound] = {
    ("more", "than"): ">",
    ("over",): ">",
    ("above",): ">",
    ("greater", "than"): ">",
    ("higher", "than"): ">",
    ("longer", "than"): ">",
    ("in", "excess", "of"): ">",
    ("upwards", "of"): ">",
    ("exceeding",): ">",
    ("at", "least"): ">=",
    ("no", "less", "than"): ">=",
    ("no", "fewer", "than"): ">=",
    ("not", "less", "than"): ">=",
    ("a", "minimum", "of"): ">=",
    ("less", "than"): "<",
    ("fewer", "than"): "<",
    ("lower", "than"): "<",
    ("under",): "<",
    ("below",): "<",
    ("just", "under"): "<",
    ("at", "most"): "<=",
    ("up", "to"): "<=",
    ("as", "many", "as"): "<=",
    ("as", "much", "as"): "<=",
    ("no", "more", "than"): "<=",
    ("not", "more", "than"): "<=",
    ("a", "maximum", "of"): "<=",
    ("nearly",): "~<",
    ("almost",): "~<",
    ("close", "to"): "~<",
}
BOUNDS_AFTER: dict[tuple[str, str], Bound] = {
    ("or", "more"): ">=",
    ("or", "less"): "<=",
    ("or", "fewer"): "<=",
    ("at", "least"): ">=",
    ("at", "most"): "<=",
}
ENTAILED_BY: dict[Bound, frozenset[str]] = {
    "": frozenset({"", ">", ">=", "<", "<=", "~<"}),
    ">": frozenset({">"}),
    ">=": frozenset({"", ">", ">="}),
    "<": frozenset({"<", "~<"}),
    "<=": frozenset({"", "<", "<=", "~<"}),
    "~<": frozenset({"~<"}),
}
"""Which stated bounds carry a claimed one. A lost bound is carried, since the number is there."""

FUNCTION_WORDS = frozenset(
    "a about after all also although among an and another any are around as at away be because been before being "
    "between both but by can could did do does down due during each even every few for from had has have he her "
    "here his how however if in into is it its just last later least less like many may might more most much must "
    "near next no nor not now of off on once only onto or other our out over own past per she should since so some "
    "still such than that the their them then there these they this those though through throughout to together "
    "too toward towards under until up upon was we were what when where whether which while who whom whose why "
    "will with within without would yet you your".split()
)
"""Words that no noun phrase continues over, and that are no names at the head of a sentence."""
