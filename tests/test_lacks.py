"""What a sentence lacks to be the answer: each rule with a sentence that it excludes and one that it must not."""

from __future__ import annotations

import pytest

from assistant.asking import what_is_asked
from assistant.facts import find_facts
from assistant.reader.lacks import lacking
from assistant.reader.told import Told

EXCLUDED = [
    (
        "How many ferries sank between May and July 2028?",
        "Nine ferries sank between January and April 2028.",
        "Nine",
        "tells of another time than May and July 2028",
    ),
    ("What does Article 9 say?", "Article 4 calls for salt.", "salt", "does not mention Article 9"),
    (
        "When did Vice Admiral Venn come?",
        "Vice Admiral Runa Sedlow came in May.",
        "May",
        "is about Vice Admiral Runa Sedlow",
    ),
    (
        "How many berths did Cyclone Petra wreck?",
        "Cyclone Ines wrecked three.",
        "three",
        "is about Cyclone Ines",
    ),
    (
        "By how many votes did Whitby's Senate approve it?",
        "Norland's National Assembly approved it by 88 votes.",
        "88",
        "tells what Norland’s National Assembly did",
    ),
    (
        "How many Velmorans worked in Sarrane?",
        "Some 300 Sarranese worked in Velmora, most of them in May.",
        "300",
        "has Velmorans in the place of Sarrane",
    ),
    (
        "By what percentage did freight rise in 2026?",
        "Freight was 3 percent of all in 2026.",
        "3 percent",
        "gives no change",
    ),
    (
        "How many bridges have been built so far?",
        "The plan calls for 47 bridges.",
        "47",
        "tells of what is planned",
    ),
    ("What will the second bell weigh?", "A second bell, Lantern, may follow.", "Lantern", "gives no weight"),
    ("How old is Nora Holt?", "Nora Holt came with 64 guests.", "64", "gives no age"),
    (
        "What is the interest rate of the loan?",
        "Half of the quay, 35 percent, is lent.",
        "35 percent",
        "gives no rate of interest",
    ),
    (
        "What is the name of the newspaper that mocked the fares?",
        "The fares were mocked in Norway.",
        "Norway",
        "does not name the newspaper",
    ),
    (
        "How much salt did Sweden supply to Norway?",
        "Norway provided Sweden with 300 tons of salt.",
        "300 tons",
        "has Sweden in the place of Norway",
    ),
    (
        "How many ferries will Ellmouth send to Whitby?",
        "Whitby will deliver 48 ferries to Ellmouth.",
        "48",
        "has Ellmouth in the place of Whitby",
    ),
    (
        "Why did Nora Holt refuse to sign?",
        "Nora Holt signed for peace.",
        "for peace",
        "does not tell of a refusal",
    ),
    (
        "When did the Board lift the embargo on salt?",
        "The Board laid an embargo on salt in 1921.",
        "1921",
        "does not tell that it was lifted",
    ),
    (
        "Why did Sweden walk out of the talks?",
        "Sweden was not at the talks.",
        None,
        "does not tell of a withdrawal",
    ),
    (
        "When did the Diet ratify the lease?",
        "The Diet is to ratify the lease in May.",
        "May",
        "tells of what is to come",
    ),
    (
        "How many ferries had been delivered in May?",
        "Five ferries are to be delivered by 2030.",
        "Five",
        "tells of what is to come",
    ),
    (
        "How many Swedish sailors are in Norway?",
        "Sweden sent Norway 300 tons of salt and 200 containers.",
        "300 tons",
        "gives no number of sailors",
    ),
    (
        "How long had it been since a king last visited Oslo?",
        "Last May the queen visited Oslo.",
        "Last May",
        "gives no span of time",
    ),
    (
        "When is the queen due to visit Oslo next?",
        "The queen visited Oslo in May 1998.",
        "May 1998",
        "tells of what has been",
    ),
    ("What make of ferry did they buy?", "They bought a private ferry.", "private ferry", "names no make"),
    (
        "What did the Harbour Board say about the fares?",
        "Per Lund called the fares low.",
        None,
        "does not mention Harbour Board",
    ),
    (
        "What did the UN Secretary-General say about the fares?",
        "Per Lund called the fares low.",
        None,
        "does not mention UN",
    ),
    (
        "How many ferry tests did Sweden carry out?",
        "Sweden sold dozens of ferries in May.",
        "dozens",
        "counts ferries, not tests",
    ),
    (
        "Who is the harbour minister of Sweden?",
        "Sweden sent its harbour minister.",
        "Sweden",
        "does not say who the harbour minister is",
    ),
    (
        "Which Swedish minister met Nora Holt?",
        "The ferry's captain Per Lund met Nora Holt.",
        "Per Lund",
        "does not say who the Swedish minister is",
    ),
    (
        "When will the queen open the lock?",
        "The queen opened the quay on May 3, 1998.",
        "May 3, 1998",
        "tells of what has been",
    ),
    (
        "When did Per Lund become leader?",
        "The leader Per Lund visited Oslo in May.",
        "May",
        "does not tell since when",
    ),
    (
        "How much did trade between Sweden and Norway grow?",
        "Trade between Sweden and Denmark grew by 3 crowns.",
        "3 crowns",
        "tells of Denmark and Sweden",
    ),
    (
        "How much did trade between Sweden and Norway grow?",
        "Sweden-Denmark trade grew by 3 crowns.",
        "3 crowns",
        "tells of Denmark and Sweden",
    ),
    (
        "When was the earlier lease signed?",
        "A new lease, signed by both boards on May 3, covers the quay.",
        "May 3",
        "tells of the new lease",
    ),
    (
        "When did the lease enter into force?",
        "The lease was signed on May 3.",
        "May 3",
        "does not say when it took effect",
    ),
    ("When was the lease ratified?", "The lease was signed on May 3.", "May 3", "speaks of no ratification"),
    ("When does the lease expire?", "The lease was signed on May 3.", "May 3", "does not say when it ends"),
    (
        "What percentage of the harbour's trade is with the island?",
        "Trade with the island grew by 54 percent in May.",
        "54 percent",
        "gives a change, not a share",
    ),
    (
        "What share of the fares goes to the board?",
        "The board reports a 30 percent rise of fares.",
        "30 percent",
        "gives a change, not a share",
    ),
    ("By what percentage did fares rise?", "Fares rose by 3 crowns in May.", None, "gives no percentage"),
    ("What did the crane cost?", "The crane was bought in 1998.", None, "gives no amount of money"),
    ("On which day was the lock opened?", "The lock was opened in May 1998.", "May 1998", "gives no day"),
    ("In which year was the lock opened?", "The lock was opened by the mayor.", None, "gives no year"),
    ("In which city did the two envoys meet?", "The envoys met in Norway.", "Norway", "names no city"),
    ("How many ferries sank?", "The ferry company kept its promise.", None, "gives no number"),
    (
        "For how many years was the lease signed?",
        "The lease was signed in 1998.",
        None,
        "gives no span of time",
    ),
    (
        "How many tons of salt were shipped?",
        "The board shipped 300 tons of coal.",
        "300 tons",
        "gives no quantity of salt",
    ),
    (
        "How many sailors were hurt?",
        "The board bought 300 containers of coal.",
        "300 containers",
        "gives no number of sailors",
    ),
    ("Which numbered section covers fares?", "The rules of 1998 cover fares.", None, "numbers no section"),
    (
        "What is the name of the harbour minister?",
        "Fishing, said Nora Holt, was no concern of the minister.",
        "Nora Holt",
        "does not say who the harbour minister is",
    ),
    (
        "How many ferries sailed in 1998?",
        "In 1999 there were 12 ferries.",
        "12 ferries",
        "tells of another time than 1998",
    ),
    (
        "What did Norway and Sweden agree on?",
        "Norway and Denmark agreed on fares.",
        None,
        "does not mention Sweden",
    ),
    (
        "How many containers has Sweden sent to Norway?",
        "Norway has sent 300 containers for Sweden's harbours.",
        "300 containers",
        "does not tell what Sweden did",
    ),
    (
        "Who led the Danish delegation at the talks in Oslo?",
        "While Nora Holt was in Ellmouth, Danish officials held talks in Oslo.",
        "Nora Holt",
        "tells of Nora Holt by the way",
    ),
    (
        "What make was the car of the Norwegian king?",
        "He came in the Norwegian king's car.",
        "Norwegian",
        "names no make",
    ),
    (
        "Which Danish official called the talks a success?",
        "Danish officials called the talks a success.",
        "Danish officials",
        "names nobody",
    ),
    (
        "What are the names of the unions that objected?",
        "Unions objected, given what is known of Norway.",
        "Norway",
        "names none of them",
    ),
    ("Who led the talks?", "Norway and Denmark held talks.", "Norway", "names no person"),
    (
        "Which country did the queen travel to next?",
        "The queen sat in the Norwegian king's car.",
        "Norwegian",
        "names no country",
    ),
    ("In which building was the lease signed?", "The lease was signed on May 3.", None, "names no building"),
    ("In which month was the lease given up?", "The lease was given up this year.", None, "gives no month"),
    (
        "How many ferries has Norway built?",
        "Norway has built far fewer ferries.",
        None,
        "gives no number",
    ),
    (
        "How long had it been since the last visit?",
        "There were 18 visits this year.",
        "18",
        "gives no span of time",
    ),
    (
        "Who is the editor of the Ellmouth Gazette?",
        "The Ellmouth Gazette quoted Nora Holt.",
        "Nora Holt",
        "does not say who the editor is",
    ),
    (
        "What did the UN secretary-general say about the lease?",
        "The UN praised the lease.",
        None,
        "does not mention the secretary-general",
    ),
    (
        "What was Sweden's trade with Norway worth?",
        "The volume of Denmark-Norway trade was $30 million.",
        "$30 million",
        "tells of Denmark and Norway",
    ),
    (
        "What was the total volume of trade with Norway?",
        "Trade with Norway was lower, with a decline since May of $30 million.",
        "$30 million",
        "gives a change, not the whole",
    ),
]
KEPT = [
    (
        "How much salt did Norway export after the embargo was lifted?",
        "Norway exported nine tons in 1999.",
        "nine tons",
    ),
    ("Who chaired the talks that Ines Berg walked out of?", "Nora Holt chaired the talks.", "Nora Holt"),
    ("Why was the vote called off?", "The vote was put on ice over fares.", "over fares"),
    ("Who was chosen to succeed Nora Holt?", "Per Lund will succeed Nora Holt.", "Per Lund"),
    ("How many have been killed so far?", "The flood killed nine; the toll may rise.", "nine"),
    ("When did President Ole Lund come?", "President Lund came in May.", "May"),
    ("How many ferries did Sweden send to Norway?", "Norway received 18 ferries sent from Sweden.", "18"),
    ("Why did Sweden raise interest rates?", "Sweden feared a flood of salt.", "a flood of salt"),
    ("What is the key interest rate?", "The policy rate stands unchanged: 4.5 percent.", "4.5 percent"),
    ("How old was Nora Holt when she came?", "At 34, Nora Holt came to Oslo.", "34"),
    ("What does Article 5 call for?", "The fifth article calls for salt.", "salt"),
    ("What is the name of the largest buyer?", "The largest buyer is Norway.", "Norway"),
    ("How much did the fares fall?", "Fares plummeted to $9.", "$9"),
    ("What did Hungary veto?", "Budapest vetoed the loan.", "the loan"),
    (
        "How many ferries sank between May and July 2028?",
        "Nine ferries sank between May and July 2028.",
        "Nine",
    ),
    ("What does Article 4 say?", "Article 4 calls for salt.", "salt"),
    ("When did Vice Admiral Venn come?", "Venn, who followed Vice Admiral Sedlow, came in May.", "May"),
    ("When did President Socrates come?", "President Sócrates came in May.", "May"),
    (
        "By how many votes did Whitby's Senate approve it?",
        "Whitby's upper house approved it by 88 votes.",
        "88",
    ),
    ("How many Velmorans worked in Sarrane?", "Some 300 Velmorans worked in Sarrane.", "300"),
    ("By what percentage did freight rise in 2026?", "Freight was 3 percent up in 2026.", "3 percent"),
    (
        "How many bridges have been built so far?",
        "The plan calls for 47 bridges; nine have been built.",
        "nine",
    ),
    ("What does the bell weigh?", "The bell weighs 300 kilograms.", "300 kilograms"),
    ("How old is Nora Holt?", "Nora Holt, 64, came with guests.", "64"),
    ("What is the interest rate of the loan?", "It was lent at 3 percent.", "3 percent"),
    ("What is the name of the event?", "New York Ferry Week was held in May.", "New York Ferry Week"),
    ("What is the name of the country that mocked the fares?", "Norway mocked the fares.", "Norway"),
    (
        "How much salt did Norway supply to Sweden?",
        "Norway provided Sweden with 300 tons of salt.",
        "300 tons",
    ),
    (
        "How much did Sweden sell to Norway?",
        "Norway's sales to Sweden fell, but its purchases from there came to $9 million.",
        "$9 million",
    ),
    ("Why did Nora Holt refuse to sign?", "Nora Holt would not sign for fear of floods.", "fear of floods"),
    ("When was the embargo lifted?", "The embargo ended in 1921.", "1921"),
    ("Why did Sweden walk out of the talks?", "Sweden left the talks over fares.", "over fares"),
    ("When did the Diet ratify the lease?", "The Diet ratified it in May; it is to ratify another.", "May"),
    ("When is the Diet expected to ratify the lease?", "The Diet is to ratify the lease in May.", "May"),
    (
        "Since when had relations between Sweden and Norway been cool?",
        "Sweden says their relations cooled after the Denmark-Norway treaty of 1998.",
        "1998",
    ),
    (
        "Who was in Ellmouth during the talks in Oslo?",
        "While Nora Holt was in Ellmouth, Danish officials held talks in Oslo.",
        "Nora Holt",
    ),
    ("What make was the car of the king?", "He came in a Norwegian Kvaerner.", "Norwegian Kvaerner"),
    ("Which Danish official called it a success?", "Ole Lund, a Danish official, did.", "Ole Lund"),
    ("Who signed the lease?", "Norway and Denmark signed it.", "Norway and Denmark"),
    ("Which country did the queen travel to?", "The queen went on to Norway.", "Norway"),
    ("In which building was the lease signed?", "It was signed in the Customs House.", "Customs House"),
    ("In which month was the lease given up?", "The lease was given up in May.", "May"),
    ("How long had it been since the last visit?", "It was the first visit since 1998.", "1998"),
    (
        "What did the UN secretary-general say about the lease?",
        "The UN secretary-general praised the lease.",
        None,
    ),
    ("Who led the talks in Oslo?", "As Nora Holt led them, the talks were short.", "Nora Holt"),
    (
        "What was Sweden's trade with Norway worth?",
        "Trade of Sweden and Norway was $30 million.",
        "$30 million",
    ),
    (
        "What was the total fall of trade in May?",
        "Trade was lower, with a decline of $30 million.",
        "$30 million",
    ),
    ("What was the volume of trade in May?", "After a fall in April, trade was $30 million.", "$30 million"),
    (
        "How long had it been since a king last visited Oslo?",
        "No king had visited for two decades.",
        "two decades",
    ),
    ("How long ago was the quay built?", "The quay has stood since 1911.", "since 1911"),
    ("When is the queen due to visit Oslo?", "The queen is expected in May 2031.", "May 2031"),
    ("What make of ferry did they buy?", "They bought a private Kvaerner.", "Kvaerner"),
    ("What did the Harbour Board say about the fares?", "The board called the fares low.", None),
    ("How many ferry tests did Sweden carry out?", "Sweden did dozens of tests of two ferries.", "dozens"),
    ("How many ferry passengers drowned?", "Dozens of people drowned.", "Dozens"),
    ("Which harbour official wanted the lease?", "Nora Holt, an aide of the board, wanted it.", "Nora Holt"),
    ("How many square kilometers is the bay?", "The bay has 12 square kilometres.", "12 square kilometres"),
    (
        "Who is the harbour minister?",
        "The minister in charge, Nora Berg Holt, said no.",
        "Nora Berg Holt",
    ),
    ("When will the queen open the lock?", "The queen is to open the lock in May.", "May"),
    ("When did Per Lund become leader?", "Per Lund was elected leader in May.", "May"),
    (
        "How much did trade between Russia and China grow?",
        "Between Moscow and Beijing it grew by 3 crowns.",
        "3 crowns",
    ),
    ("How many sailors live in Norway?", "Norway has 300 sailors.", "300 sailors"),
    ("When was the earlier lease signed?", "The new lease replaces one of May 3, 1998.", "May 3, 1998"),
    ("When was the earlier lease signed?", "The boards signed a lease on May 3, 1998.", "May 3, 1998"),
    ("When was the old quay built?", "The new ferry leaves from the quay, built in 1920.", "1920"),
    ("When did the lease enter into force?", "The lease took effect on May 3.", "May 3"),
    ("When was the lease ratified?", "The council approved the lease on May 3.", "May 3"),
    ("When does the lease expire?", "The lease is valid until May 3.", "May 3"),
    ("By what percentage did the harbour's trade grow?", "Trade grew by 54 percent in May.", "54 percent"),
    ("What percentage of growth was due to salt?", "Trade grew by 54 percent.", "54 percent"),
    ("What share of the fares goes to the board?", "The board gets 30 percent of the fares.", "30 percent"),
    ("By what percentage did fares rise?", "Fares rose by 3 percent.", None),
    ("What percentage of the crew stayed?", "Half of the crew stayed.", None),
    ("What did the crane cost?", "The crane cost $3 million.", None),
    ("What does the ferry cost?", "The ferry is free.", None),
    ("On which day was the lock opened?", "The lock was opened on 3 May 1998.", "3 May 1998"),
    ("On which day is the market held?", "The market is held on Thursday.", "Thursday"),
    ("In which year was the lock opened?", "The lock was opened in 1998.", "1998"),
    ("In which city did the two envoys meet?", "The envoys met in Paris.", "Paris"),
    ("How many ferries sank?", "Several ferries sank.", None),
    ("For how many years was the lease signed?", "The lease runs for 30 years.", None),
    ("How many tons of salt were shipped?", "The board shipped 300 tons of sea salt.", "300 tons"),
    ("How many tons of salt were shipped?", "Of the salt, 300 tons were shipped.", "300 tons"),
    ("How many sailors were hurt?", "On board, 300 were hurt.", "300"),
    ("Which numbered section covers fares?", "Section 12 covers fares.", None),
    ("What is the name of the harbour minister?", "Harbour Minister Nora Holt said no.", "Nora Holt"),
    ("What is the name of the harbour minister?", "Nora Holt, the harbour minister, said no.", "Nora Holt"),
    ("How many ferries sailed in 1998?", "In 1998 there were 12 ferries.", "12 ferries"),
    ("What did Sweden agree on?", "Stockholm and Oslo agreed on fares, as Sweden had asked.", None),
    ("How many containers has Sweden sent to Norway?", "Sweden has sent Norway 300 containers.", "300"),
    ("What did Sweden say on the fares?", "Sweden's only comment on Norway was that fares are high.", None),
    (
        "How many containers did Sweden send?",
        "Norway said that Sweden sent 300 containers.",
        "300 containers",
    ),
]


def lack(question: str, sentence: str, short: str | None) -> str | None:
    facts = find_facts(sentence)
    return lacking(question, what_is_asked(question), Told(sentence, facts, facts, short))


@pytest.mark.parametrize(("question", "sentence", "short", "said"), EXCLUDED)
def test_what_is_missing_is_named(question: str, sentence: str, short: str | None, said: str) -> None:
    assert lack(question, sentence, short) == said


@pytest.mark.parametrize(("question", "sentence", "short"), KEPT)
def test_a_sentence_that_has_it_is_kept(question: str, sentence: str, short: str | None) -> None:
    assert lack(question, sentence, short) is None


def test_the_paragraph_may_name_the_country_that_the_sentence_leaves_out() -> None:
    question, sentence = "When did Sweden join?", "It joined in 1998."
    told = Told(sentence, find_facts(sentence), find_facts("Sweden waited long. It joined in 1998."), "1998")
    assert lacking(question, what_is_asked(question), told) is None


PROMISED = "Nora Holt promised new fares. Ole Lund had visited her in May."


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What did Ole Lund promise?", "tells what Nora Holt did"),
        ("What did Nora Holt promise?", None),
        ("What did Holt promise?", None),
        ("What did Ines Berg promise?", None),  # nobody of the paragraph: left to the models
    ],
)
def test_what_another_one_of_the_paragraph_did_is_told_apart(question: str, said: str | None) -> None:
    sentence = "Nora Holt promised new fares."
    told = Told(sentence, find_facts(sentence), find_facts(PROMISED), "new fares")
    assert lacking(question, what_is_asked(question), told) == said


@pytest.mark.parametrize(
    ("question", "said"),
    [("When was Norway first fined?", "is about Mali"), ("When was Mali first fined?", None)],
)
@pytest.mark.parametrize(
    "sentence",
    [
        "A fine was first laid on the troubled country in 2017.",
        "A fine was laid in 2017 in Mali, a troubled country.",
    ],
)
def test_the_country_is_the_one_named_last(question: str, said: str | None, sentence: str) -> None:
    before = "Norway kept experts in Mali. "
    told = Told(sentence, find_facts(sentence), find_facts(before + sentence), "2017", before)
    assert lacking(question, what_is_asked(question), told) == said
