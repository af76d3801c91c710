"""Word lists that tell phrases apart from what stands around them, in English."""

from __future__ import annotations

ARTICLES = frozenset("a an the".split())
DEMONSTRATIVES = frozenset("this that these those".split())
AUXILIARIES = frozenset("can could did do does may might must should will would".split())
INSIDE_NAMES = frozenset("& da de del di du la of van von".split())

# Never part of a phrase, unless in capitals.
FUNCTION = frozenset(
    """
    a about across after again against ago all almost already also although am among an and
    another any anyone anything are aren't around as at be because been before behind being
    besides between beyond both but by can can't cannot could couldn't did didn't do does
    doesn't don't down during each either else even ever every everyone everything few
    first-ever for from had hadn't has hasn't have haven't having he her here hers him his how
    i if in instead into is isn't it its just later least less let like many may me might more
    most much must my near neither no nor not nothing now of off oh ok okay on one ones only
    onto or other others our out over per please quite rather really regarding same several
    shall she should shouldn't since so some someone something still such than that the their
    theirs them then there these they this those though through to today together too toward
    towards under until up upon us versus very via vs was wasn't we well were weren't what
    when where whether which while who whom whose why will with within without won't would
    wouldn't yes yet you your
    """.split()
)

# Verbs that questions are made of; a capital makes a name of them.
VERBS = frozenset(
    """
    abolished adapt affect affected affects allow allowed appear appeared apply ate attend
    attended avoid banned became become becomes began begin believe bought build built buy
    buying call called came cause caused causes change changed changes choose choosing chose
    chosen collaborate collaborated come comes compare consider considered contain contains
    contrast cost costs create created creates describe determine develop developed die died
    dies differ differs difficult direct directed discovered discuss do doing done drink earn
    earned easy eat eats end ended enjoy enjoyed established evolve evolved exist exists
    explain famous feel felt find finds fix form formed found founded get gets getting give go
    goes going got govern grew grow happen happened happens hard held help helped helps hold
    impact impacted improve include included increase increased influence influenced inspire
    inspired integrated invented involve involved join joined keep kept kill killed kills know
    known lead learn learned learning leave led left list live lived lives look looks lose
    loses losing lost made make makes making mean means meant move moved need needed needs
    paid pay pays performed play played plays prevent produce produced produces provide provides
    published raise raised ran reach reached received recorded recover recycled reduce reduces
    relate related released replace replaced require requires return returned run said sang save
    say says see seeing sell serve served share shares show shows sing sold spoil spread star
    starred start started starts stop stopped studied study succeed suffering support supported
    survive survived take taken takes tell think thought took travel treat treated use used uses
    using visit want wanted wants went win wins won work worked working works worth write
    written wrote
    """.split()
)

# Say too little to name anything.
ADJECTIVES = frozenset(
    """
    able available bad basic best better big bigger biggest certain common critical current
    dangerous deep delicious different early effective expensive favorite first free full
    general good great greatest harmful high higher important interesting key large larger
    largest last late legal likely long long-term longer low main major minor modern new
    newest next notable old older oldest original overall particular popular possible
    potential powerful real recent right safe second serious short short-term significant
    similar small smallest special specific successful sure true typical useful valid worse worst
    wrong young younger youngest
    """.split()
)

# Nouns that relate to what is talked of: "the main causes", "its role".
RELATIONAL = frozenset(
    """
    activities activity advantage advantages age ages albums alternative alternatives amount
    answer application applications approach approaches area areas argument arguments article
    aspect aspects attraction attractions audience audiences author award awards beginning
    beginnings benefit benefits birth bit books career cause causes change changes chapters
    character characteristic characteristics characters children choice choices climate
    college component components con cons consequence consequences controversies controversy
    cost costs countries country creator criticism critics culture daughter day days death
    definition detail details development difference differences disadvantage disadvantages
    dishes economy education effect effects element elements empires event events evidence
    example examples exercises fact factor factors facts failure family fans feature features
    festivals films findings food foods form forms founder function functions future goal
    goals habitat height history hits husband idea ideas impact importance influence
    information ingredients instruments issue issues job jobs kind kinds layers leader leaders
    length level levels life location locations lot lots lyrics man meaning member members
    method methods model models movies museums name names number objectives option options
    organs origin origins outcome outcomes parents part parts past people period person place
    places player players point points population present price prices pro problem problems
    process products projects properties property pros purpose question range rate rates
    reason reasons reception recipes relation relationship relationships requirement
    requirements response rest result results review reviews risk risks role roles rule rules
    school series services side sign significance signs similarities similarity singles size
    son songs sort sorts source sources species stage stages step steps stories story
    strategies strategy subject success symptom symptoms systems technique techniques term
    terms theme themes thing things time times tips tools topic trails treatment treatments
    type types use uses variant variants version versions way ways weather weight wife woman
    work works year years
    """.split()
)

# Nouns that end as adjectives and participles do.
NOUNS_IN_ER = frozenset(
    """
    brother cancer chapter computer computers daughter dinner doctor driver family father feed
    feet forest harvest interest lawyer letter mother officer order paper party player power
    request river seed singer sister speed summer supply teacher test tiger water weather west
    winter
    """.split()
)
