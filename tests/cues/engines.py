"""Both engines over the same patterns, and texts that are hard on them."""

from __future__ import annotations

from tagger.cues.engine import FastEngine
from tagger.cues.notation import parse_phrase, parse_tokens
from tagger.cues.reference import ReferenceEngine

PHRASES = {
    "word": "volunteers",
    "k": "kickstarter",
    "s": "shares",
    "prefix": "volunteer* write*",
    "prefix-alone": "coop*",
    "hyphen": "open-source",
    "hyphens": "not-for-profit",
    "hyphen-prefix": "self-employ*",
    "apostrophe": "don't pay",
    "possessive": "workers' cooperative|co-op",
    "gap": "owned ~3 members|workers",
    "gap-optional": "run ~2 the? community",
    "optional-gap": "run the? ~2 people",
    "optional": "free of all? advertising",
    "gaps-around": "modules ~2 be? ~1 swapped",
    "gaps-around-two": "tools ~1 the? own? ~2 rented",
    "mark": "5 %",
    "mark-first": "$ 100",
    "mark-gap": "$ ~2 fee",
    "mark-middle": "terms & conditions",
    "accent": "café coöperatie",
    "sigma": "οδος",
    "sharp": "straße",
    "year": "in 2008",
}
TOKENS = {
    "regex": [{"LOWER": {"REGEX": "(?:is|are)n.t"}}, {"OP": "{0,2}"}, {"LOWER": {"IN": ["open-source", "free"]}}],
    "regex-class": [{"LOWER": "until"}, {"LOWER": {"REGEX": "(?:19|20)[0-9][0-9]s?"}}],
    "repeated": [{"LOWER": "give"}, {"LOWER": {"IN": ["very", "co-op"]}, "OP": "{2,3}"}, {"LOWER": "much"}],
    "twice": [{"LOWER": "very", "OP": "{2}"}],
    "needed-gap": [{"LOWER": "owned"}, {}, {"LOWER": "users"}],
}
PATTERNS = [(key, parse_phrase(phrase, {})) for key, phrase in PHRASES.items()] + [(key, parse_tokens(tokens)) for key, tokens in TOKENS.items()]

# text, and how many hits it has
NASTY = [
    ("", 0),
    (" ", 0),
    ("volunteers", 1),
    ("Volunteers.", 1),
    ("VOLUNTEERS volunteers", 2),
    ("(volunteers)", 1),
    ("volunteers's volunteers' ‘volunteers’ 'volunteers' volunteers’s' volunteers''s", 6),
    ("x-volunteers volunteers-x xvolunteers volunteersx volunteers_ _volunteers 1volunteers volunteers2 x’volunteers", 0),
    ("--volunteers-- -volunteers- volunteers– —volunteers…", 4),
    ("x''volunteers x'-volunteers x--volunteers", 3),
    ("volunteers\u0301 e\u0301-volunteers", 2),  # NFD: the accent is a mark
    ("évolunteers volunteersé İvolunteers volunteersß", 0),
    ("🙂volunteers🙂 volunteers👩‍👩‍👧", 2),
    ("Kickstarter \u212aickstarter KICKSTARTER", 2),  # Kelvin sign
    ("shares \u017fhares share\u017f SHARES", 2),  # long s
    ("volunteerİ writes; volunteers writeı", 3),
    ("Volunteer writers, volunteering-x write’s' , volunteer\nwrote", 2),
    ("coop co-op coops cooperative's coop-x", 4),
    ("open-source open‐source open‑source open source opensource OPEN\u00a0SOURCE open\nsource open \n source", 8),
    ("open\n\nsource open - source open- source open–source open—source open, source open\n \t\nsource open\r\n\r\nsource", 0),
    ("open-source's open source’ open-source-x x-open source open' source", 2),
    ("not-for-profit not for profit notforprofit not-for profit nonforprofit not for\nprofit’s", 5),
    ("self-employed self employment selfemploy self–employed", 3),
    ("don't pay; don’t pay; 'don't' pay; dont pay", 3),
    ("workers' cooperative, workers’ co-op, workers cooperative, worker's cooperative, workers's co‑op", 4),
    ("owned members; owned by the members; owned by all of the members; owned, by, its, workers", 3),
    ("owned,by its members owned , by members owned ,, members owned (by) members owned by\n\nmembers", 2),
    ("owned by its members' workers, members", 1),
    ("owned by owned by members", 1),
    ("run by the community; run, the community; run by, the community; run by all the community; run the the community", 5),
    ("run the people; run the young people; run by a people; run by a young people", 3),
    ("free of advertising, free of all advertising, free of all all advertising, free of, advertising", 2),
    ("modules swapped; modules be swapped; modules can be easily swapped; modules can, be, easily, swapped; modules a b c swapped", 5),
    ("tools rented; tools the rented; tools own rented; tools the own, rented; tools a the own, b c, rented; tools the, own, a, b rented", 6),
    ("owned , , members owned,\n,members tools,, rented tools, rented", 1),
    ("5% 5 % 5\u00a0% 5%x 15% 5's % 5 \n% 5\n\n%", 6),
    ("$100 $ 100 US$100 $100x $1000 x$ 100", 4),
    ("$ fee $fee $ 20 fee $20, fee $ 1 2 3 fee", 4),
    ("terms & conditions terms&conditions terms &\nconditions terms’&conditions terms&x conditions", 4),
    ("CAFÉ COÖPERATIE cafe\u0301 coöperatie Café coöperatie", 2),
    ("ΟΔΟΣ οδος οδοσ", 3),
    ("STRASSE STRAẞE straße", 2),
    ("in 2008 in 2008's in 20081 in\u20032008 in ２００８", 3),
    ("isn't open source; isn’t a free; AREN'T now, quite free; isnt free; is n't free; isn-t free", 5),
    ("until 1999 until 1999s until 2005’s until 2005' until 19999 UNTIL 2005S", 4),
    ("give very very much give very much give very co-op much give co op very very much give very very very very much", 7),
    ("owned users; owned by users; owned, by, users; owned by our users", 2),
    ("volunteers\x00volunteers\x1cvolunteers\x1dvolunteers \ud800volunteers\udfff", 5),
    ("open\x1csource open\x85source open\u2028source open\u200bsource open\x00source", 3),
    ("(" * 2000 + "volunteers" + ")" * 2000, 1),
    ("{{" * 1000 + "open source" + "}}" * 1000, 1),
    ("ﬁne ﬀ volunteers ﬁ-volunteers", 1),
    ("x" + "-volunteers" * 500 + " volunteers", 1),
]


def both(patterns):
    """Return a fast and a reference engine."""
    return FastEngine(patterns), ReferenceEngine(patterns)
