"""The words that decide whether a period ends a sentence.

Words are in lower case and without periods. A text's language is not known where it is split, so no word of another
language is here that often ends an English sentence, such as "max".
"""

from __future__ import annotations

TITLES = frozenset(
    # English, Spanish, Italian
    "adm amb asst atty brig capt cmdr col cpl dr drs fr gen gov hon insp lt maj messrs mlle mme mr mrs ms "
    "msgr pres prof rep reps rev rt sen sens sgt sr supt sra srta dra sig dott avv "
    # German, Dutch, Polish, Russian
    "hrn dipl ing dhr mevr ul акад гр им проф ул".split()
)
"""Never end a sentence, whatever follows."""

ABBREVIATIONS = frozenset(
    "al apr approx aug ave blvd bros ca cf cm co corp dec dept dist ed eds eg esp est et etc feb fig figs "
    "ft ie inc jan jr jul jun km lb ltd mar mt nov oct oz plc pty rd sep sept st univ viz vs "
    # German
    "abb abs allg bspw bzw ehem einschl evtl exkl geb gegr ggf hrsg inkl jh jhd mio mrd sog str teilw tel "
    "vgl zzgl zzt".split()
)
"""End a sentence only where the next word cannot continue it."""

BEFORE_FIGURE = frozenset(
    "app art arts ch chap fig figs no nos nr p para paras pp sec sect vol vols "
    # The numero sign in its spellings; German, Spanish, Russian
    "n° nº № abb abs bd bde kap tab núm pág págs гл рис стр табл".split()
)
"""Never end a sentence before a figure: "No. 5", "p. 55", "Bd. 3"."""

STARTERS = frozenset(
    "A After Also Although An And As At Because Before But By Despite Did Do Does During For From He Her "
    "His How However I If In It Its Meanwhile Moreover Nevertheless No Not On Once Or Our Several She "
    "Since So Some Such That The Their Then There These They This Those Though Thus Today Under Until We "
    "What When Where Which While Who Why With Yet You".split()
)
"""After "U.S." and its like these begin a sentence; another capitalised word continues the name."""

GERMAN_STARTERS = frozenset(
    "Aber Als Am Auch Auf Aus Bei Bis Da Damit Dann Das Dem Den Denn Der Des Die Dies Diese Dieser Dieses Doch Durch "
    "Ein Eine Einer Er Es Für Gegen Hier Ich Ihr Im Man Mit Nach Nur Ob Seit Seitdem Sie Sind Und Vom Von Wann "
    "Warum Wegen Weil Wenn Wer Wie Wir Zum Zur".split()
)
"""The same after an abbreviation; not after an initial, for some are surnames ("C. R. Das")."""

CLOSING_ACRONYMS = frozenset({"a.m", "p.m", "u.s.w", "т.д", "т.п"})
"""Lower-case acronyms that end a sentence before any capital."""

WITH_THEIR_MARK = frozenset({"yahoo!", "jeopardy!", "yum!"})
"""Names that end in an exclamation mark."""

GERMAN_MONTHS = frozenset("Januar Jänner Februar Feber März Mai Juni Juli Oktober Dezember".split())
"""Months that only German spells so: "12. Juni" is a day, whatever stands before it."""

BEFORE_ORDINAL = frozenset("am beim dem der des die im ins jeder jedem jeden vom zum zur und ab seit".split())
"""German words after which a figure with a period is an ordinal: "im 19. Jahrhundert"."""

NEVER_LAST = frozenset(
    "a an and any as at by for from in into no not of on or over per than the to under up upon via was were is are "
    "with about around nearly only article chapter figure level line note number page part point section step table "
    "version".split()
)
"""Words after which a figure is no item's number, for a sentence does not end in them: "see section 2. It …"."""
