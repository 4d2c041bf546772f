"""Short forms that every reader knows: countries with their people, organisations, titles, family names.

Tables only. What a text itself introduces ("Institute of X (IX)") is read by `assistant.facts`.
"""

from __future__ import annotations

# One line each: the name, then every other form of it, its adjective and its people among them.
# Cities are here with only their own name: a capital never stands for its country.
_ENTITIES = """
north korea: dprk; d.p.r.k.; democratic people's republic of korea; north korean; north koreans
south korea: rok; republic of korea; south korean; south koreans
korea: korean; koreans
united states: us; u.s.; usa; u.s.a.; united states of america; america; american; americans
united kingdom: uk; u.k.; great britain; britain; british; britons
united nations: un; u.n.
european union: eu; e.u.
soviet union: ussr; u.s.s.r.; soviet; soviets; union of soviet socialist republics
russia: russian; russians; russian federation
china: chinese; prc; people's republic of china
taiwan: taiwanese; republic of china
japan: japanese
ukraine: ukrainian; ukrainians
united arab emirates: uae; emirati; emiratis; u.a.e.
saudi arabia: saudi; saudis; saudi arabian; kingdom of saudi arabia; ksa
new zealand: new zealander; new zealanders
south africa: south african; south africans
sri lanka: sri lankan; sri lankans
papua new guinea: png
czech republic: czechia; czech; czechs
democratic republic of the congo: drc; dr congo; democratic republic of congo
european central bank: ecb
afghanistan: afghan; afghans
albania: albanian; albanians
algeria: algerian; algerians
angola: angolan; angolans
argentina: argentine; argentinian; argentines
armenia: armenian; armenians
australia: australian; australians
austria: austrian; austrians
azerbaijan: azerbaijani; azeri
bahrain: bahraini
bangladesh: bangladeshi; bangladeshis
belarus: belarusian; belarusians
belgium: belgian; belgians
bolivia: bolivian; bolivians
bosnia and herzegovina: bosnia; bosnian; bosnians
brazil: brazilian; brazilians
bulgaria: bulgarian; bulgarians
cambodia: cambodian; cambodians
cameroon: cameroonian
canada: canadian; canadians
chad: chadian
chile: chilean; chileans
colombia: colombian; colombians
croatia: croatian; croat; croats
cuba: cuban; cubans
cyprus: cypriot; cypriots
denmark: danish; danes; dane
ecuador: ecuadorian
egypt: egyptian; egyptians
estonia: estonian; estonians
ethiopia: ethiopian; ethiopians
finland: finnish; finns
france: french; frenchman
georgia: georgian; georgians
germany: german; germans; federal republic of germany
ghana: ghanaian
greece: greek; greeks
hungary: hungarian; hungarians
iceland: icelandic
india: indian; indians
indonesia: indonesian; indonesians
iran: iranian; iranians; islamic republic of iran
iraq: iraqi; iraqis
ireland: irish
israel: israeli; israelis
italy: italian; italians
jordan: jordanian; jordanians
kazakhstan: kazakh; kazakhs; kazakhstani
kenya: kenyan; kenyans
kuwait: kuwaiti; kuwaitis
kyrgyzstan: kyrgyz
laos: lao; laotian
latvia: latvian; latvians
lebanon: lebanese
libya: libyan; libyans
lithuania: lithuanian; lithuanians
malaysia: malaysian; malaysians
mali: malian; malians
mexico: mexican; mexicans
moldova: moldovan; moldovans
mongolia: mongolian; mongolians
morocco: moroccan; moroccans
mozambique: mozambican
myanmar: burma; burmese
nepal: nepalese; nepali
netherlands: dutch; holland
niger: nigerien
nigeria: nigerian; nigerians
norway: norwegian; norwegians
oman: omani
pakistan: pakistani; pakistanis; islamic republic of pakistan
palestine: palestinian; palestinians
peru: peruvian; peruvians
philippines: philippine; filipino; filipinos
poland: polish; poles
portugal: portuguese
qatar: qatari; qataris
romania: romanian; romanians
rwanda: rwandan; rwandans
senegal: senegalese
serbia: serbian; serbs; serb
singapore: singaporean; singaporeans
slovakia: slovak; slovaks
slovenia: slovenian; slovene
somalia: somali; somalis
spain: spanish; spaniards
sudan: sudanese
sweden: swedish; swedes
switzerland: swiss
syria: syrian; syrians
tajikistan: tajik; tajiks
tanzania: tanzanian
thailand: thai; thais
tunisia: tunisian; tunisians
turkey: turkish; turks; türkiye
turkmenistan: turkmen
uganda: ugandan; ugandans
uzbekistan: uzbek; uzbeks
venezuela: venezuelan; venezuelans
vietnam: vietnamese; viet nam
yemen: yemeni; yemenis
zambia: zambian
zimbabwe: zimbabwean
europe: european; europeans
asia: asian; asians
africa: african; africans
west: western
moscow: muscovite
pyongyang:
beijing:
seoul:
tokyo:
washington:
london:
paris:
berlin:
brussels:
kyiv: kiev
new delhi:
islamabad:
hong kong:
new york:
north atlantic treaty organisation: nato; north atlantic treaty organization
international monetary fund: imf
world trade organisation: wto; world trade organization
world health organisation: who; world health organization
international atomic energy agency: iaea
international criminal court: icc
association of southeast asian nations: asean
shanghai cooperation organisation: sco; shanghai cooperation organization
organisation of the petroleum exporting countries: opec; organization of the petroleum exporting countries
korean central news agency: kcna
voice of america: voa
british broadcasting corporation: bbc
central intelligence agency: cia
federal bureau of investigation: fbi
"""

ENTITIES: dict[str, tuple[str, ...]] = {
    name.strip(): tuple(form.strip() for form in forms.split(";") if form.strip())
    for name, _, forms in (line.partition(":") for line in _ENTITIES.strip().splitlines())
}
"""Canonical name -> its other forms, all in lower case."""

ORGANISATIONS = frozenset(list(ENTITIES)[list(ENTITIES).index("north atlantic treaty organisation") :])

CITIES = frozenset(list(ENTITIES)[list(ENTITIES).index("moscow") : list(ENTITIES).index("new york") + 1])
ACRONYMS = frozenset(
    "us usa uk un eu uae who imf wto iaea icc sco kcna voa bbc cia fbi ussr dprk rok prc drc png ksa ecb".split()
)
"""Forms that are known in capitals only: "Un" is a syllable, "who" a word."""

TITLES = frozenset(
    "president premier chancellor minister secretary chairman chairwoman chairperson chair king queen prince "
    "princess emperor pope bishop archbishop cardinal rabbi imam sheikh ayatollah mr mrs ms miss dr doctor prof "
    "professor sir lord lady dame general gen marshal admiral colonel col major captain capt lieutenant lt sergeant "
    "sgt senator sen representative rep congressman congresswoman governor gov mayor ambassador envoy consul "
    "director leader spokesman spokeswoman spokesperson aide judge justice commissioner rev reverend "
    "presidential".split()
)
TITLE_QUALIFIERS = frozenset(
    "prime foreign defense defence finance interior trade deputy vice first supreme state special acting former "
    "assistant under permanent chief executive managing attorney party".split()
)
"""Words that belong to a title where a title word follows them."""

FAMILY_FIRST = frozenset(
    "kim lee park choi jung kang cho yoon jang lim han moon ban roh ri pak xi li wang zhang liu chen yang zhao huang "
    "zhou wu xu sun hu deng mao nguyen tran pham".split()
)
"""Family names that stand before the given names."""

PLACE_WORDS = frozenset(
    "new north south east west northern southern eastern western central great san los saint".split()
)
BODY_WORDS = frozenset(
    "academy agency alliance army assembly association authority bank board bureau center centre chamber college "
    "commission committee company conference congress corporation council court department federation force forces "
    "forum foundation front fund group house institute institution league ministry movement news office organisation "
    "organization parliament party press project programme program republic school sea senate service society states "
    "street summit times treaty tribunal union university voice war world".split()
)
"""Words for bodies and places: a name that holds one has no family name to be cited by."""

PARTICLES = frozenset("de da del della di du van von der den bin ibn al el la le dos das ter".split())
PLURAL_OWNERS = frozenset("people workers women children men citizens veterans teachers farmers".split())
"""Words whose possessive stays inside a name: "People's Bank", "Workers' Party"."""

ORDINARY_HEADS = frozenset(
    """
    access according accords action actions activity adding additional advisers against agreement agreements
    agriculture aid alignment allies although amid ammunition among analysis analysts annual answer answers
    applications approval april arms article articles assessments assets assistance attacks attempts attention
    august authorities authors average axis back based beginning benefits better beyond big bilateral borders
    both breakthroughs budgets building business businesses calls campaigns cases cash challenges changes
    children cities citizens claims climate closer coal collaboration combined comments commerce commercial
    commitments common communities companies comparing competition concern concerns conclusion conditions
    confidence conflict consequences construction consultations contacts contracts contrary cooperation
    corruption costs countries country coverage credit crime crisis criticism critics crops crude currently
    customers daily data deals dear deaths debates debt decades december decisions declaration declines defence
    defense delegates delegations deliveries demand demonstrations deployment despite details deterrence
    developments diesel differences different diplomacy diplomatic diplomats direct disputes dissolution doctors
    documents domestic double doubts drills drought dry earnings earthquake east eastern economic economists
    economy education effective efforts eight eighteen either election elections electricity eleven elsewhere
    emerging emissions employees employment energy enforcement engagement engineering engineers enhanced
    enhancing enough environmental equipment especially estimates every evidence exchanges exercises existing
    expenditure expenses expert experts explicit exports external facilities farmers fears february fees fewer
    fifteen fifty fighting figures final finally financial findings fine fires firms first fish five flights
    flooding floods follow food force forecasts foreign formal former forty four fourteen freedom freight fresh
    friendship fuel full funding funds further future gains gas geopolitical given global gold goods government
    governments grain grains grants great greater growing growth guests half harvests headlines heads health
    healthcare heat heavy help hence high higher highlights historic historical historically history homes hopes
    hospitals hostilities hours housing human hundreds i ideas illegal imported imports improved improvements in
    incidents income increased increases increasingly indeed independence indicators industrial industries
    industry inflation information infrastructure initial inside instability instead institutions insurance
    intelligence interest interestingly interests internal international interviews invasion inventories
    investment investments investors islands isolation issue issues it january jobs joining joint journalists
    judges july june justice key labor labour lack land language large largely last late later latest lawmakers
    laws lawyers leaders leadership leading left legal lessons letters leverage liberals like likewise limited
    links little loans local locals logistics long longer losses low lower machinery main maintenance major
    maker makers making management manpower manufacturing many march markets material materials mayors meanwhile
    measures media mediators meetings members memories men merchants mergers methods migrants military millions
    mines mining ministers ministries minor missile missiles mistrust mobile moderate modern money monthly
    months moreover most motor movements multilateral multiple munitions mutual national nations natural naval
    negotiations negotiators neighbors neighbouring neighbours neither net networks nevertheless new news next
    nine nineteen nobody none nonetheless north northern november nowhere nuclear numbers objections observers
    obstacles obviously occasionally october official officials oil old ongoing only open operations opinion
    opponents opportunities opposition options order orders ordinary organisations organizations others
    otherwise outcomes output outside overall owners pact pacts panels papers parents part participants parties
    partners partnership passengers past patients payment payments peace pensions people percent perhaps
    permanent personal petrol petroleum photographs physical pipeline pipelines places planes plans plants
    players please pledges plus police policies policy political politicians politics poor population port ports
    positions positive possible post potential potentially poverty power powers practical practice preparations
    present president presidents press pressure previous previously price prices principles prior prisoners
    privacy private problems procedures producers production productivity products profit profits programmes
    programs progress projects promises property proposals prospects protesters protests provisions public
    publicly purchases quarterly questions quick quiet rail railway railways rain rates rather raw readers real
    reasons recent recently recession records recovery red refined reforms refugees refusal regarding regional
    regular regulations regulators related relations relevant repeated reportedly reporters reports
    representatives requests research researchers residents resistance resources respectively respondents
    response responses responsibility restrictions results retail reunification revenue revenues rhetoric rice
    rights rising risk risks rivers roads robots role rules rumors rumours rural safety sales sanctions
    satellite satellites savings scholars schools science scientists scrutiny sea seafarers seas second secret
    sections see security seen seizures sellers senior separate separately september serious servers service
    services settlement settlers seven seventeen seventy several shared shares shelling shipments shipping ships
    shops short shortage shortages side sides signals signatories significant similar similarly simple since six
    sixteen sixty skills slower small smaller social solar soldiers some something sometimes soon sources south
    southern speaking special specific speeches speed spending spokespeople sports stability staff stakeholders
    standard state statements states statistics stock stocks storage strategic strategy strengthening strict
    strikes strong students studies submarines subsequent successes such sudden summer summit suppliers supplies
    supply support supporters supposedly sure surveillance surveys suspects switching talks tanks targets
    tariffs tax taxes teachers teams technical technology telecommunications temperatures ten tens tensions
    terms territories test tests thank thanks therefore thirdly thirteen thirty thousands threats three
    throughout thus tickets ties timber time times today together toll tomorrow tons tools top total tourism
    tourists towards towns trade trading traditional traffic training transactions transit transport
    transportation travel treaties treaty tried trilateral troops trucks true trust turning turnover twelve
    twenty twice two typical typically ultimately under unemployment unions universities unlike unrest upgrades
    urban urgent us users usual usually vaccines value variables various vehicles versus very vessels viability
    victims victory video views villages violations violence visit visitors visits volume volumes volunteers
    voters wages war warm warnings wars warships waste water ways wealth weapon weapons weather weekly weeks
    welcome west western whatever wheat whenever wherever white whoever wide wind winter without women wood
    words work workers working workshops world worldwide worse writers yearly years yes yesterday yet yields
    young youth zero
    """.split()
)
"""Common words at the head of a sentence. Any other capital there is taken for a name."""
