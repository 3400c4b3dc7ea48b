"""The source's fourteen systems, each in two texts, come out right from both, with their names and with the names masked."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest

from tagger.pipeline import Tagger, released_models

SYSTEMS = {  # by Bauwens 2008, as CODEBOOK.md codes them
    "youtube": ("sharing", "9"),
    "linux": ("commons", "8"),
    "lego-factory": ("crowdsourcing", "5"),
    "ikea": ("other", "3"),
    "dell": ("other", "4"),
    "connect-and-develop": ("crowdsourcing", "5"),
    "couchsurfing": ("sharing", "6"),
    "wikipedia": ("commons", "6"),
    "craigslist": ("sharing", "6"),
    "fair-trade-cooperative": ("commons", "7"),
    "mondragon": ("other", "10"),
    "ebay": ("other", "11"),
    "istockphoto": ("crowdsourcing", "11"),
    "home-fabrication": ("other", "11"),
}
MASKS = {"the initiative": "the initiative's", "it": "its"}


def masked(text: str, names: tuple[str, ...], mask: str) -> str:
    """Return `text` with every name, longest first and whatever its case, replaced by `mask`, possessives by the mask's possessive."""
    listed = "|".join(re.escape(name) for name in sorted(names, key=lambda n: (-len(n), n)))
    return re.sub(rf"(?<!\w)(?:{listed})(['’]s|['’](?!\w))?(?!\w)", lambda m: MASKS[mask] if m[1] else mask, text, flags=re.IGNORECASE)


def of_system(authored, system):
    return [a for a in authored if a.system == system]


@pytest.fixture(scope="module")
def released() -> Tagger:
    if not (released_models() / "CURRENT").is_file():
        pytest.skip(f"no released model in {released_models()} yet (`make model` trains it)")
    return Tagger.load()


def test_masking_takes_every_form():
    text = "Lego Factory and LEGO; Lego's staff, Lego’s bricks, the Legos' end. Legoland stays."
    assert masked(text, ("Lego", "Lego Factory"), "it") == "it and it; its staff, its bricks, the Legos' end. Legoland stays."
    assert masked("P&G's fund and C+D.", ("P&G", "C+D"), "the initiative") == "the initiative's fund and the initiative."


def test_each_system_has_two_texts_with_the_labels_of_the_source(authored):
    assert {a.system for a in authored if a.system} == set(SYSTEMS)
    for system, pair in SYSTEMS.items():
        assert [(a.economy, a.model) for a in of_system(authored, system)] == [pair, pair], system


def test_the_names_listed_are_all_there_are_to_mask(authored):
    """A title's words that begin with a capital are gone when title and names are masked: no part of a name gives a system away."""
    for system in SYSTEMS:
        for a in of_system(authored, system):
            left = masked(a.case.text, (a.case.title, *a.names), "it")
            assert not any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", left, re.IGNORECASE) for name in (*a.names, a.case.title)), a.case.id
            assert left != a.case.text, f"{a.case.id}: no name in the text"


def test_two_texts_of_a_system_share_no_sentence(authored):
    def sentences(text):
        return {" ".join(re.findall(r"\w+", s.casefold())) for s in re.split(r"(?<=[.!?])\s+|\n+", text)} - {""}

    for system in SYSTEMS:
        for one, other in combinations(of_system(authored, system), 2):
            assert len(sentences(one.case.text)) > 3 < len(sentences(other.case.text))
            assert not sentences(one.case.text) & sentences(other.case.text), system


@pytest.mark.parametrize("mask", ["", *MASKS])
def test_every_text_is_tagged_right(released, authored, mask):
    wrong = []
    for system, pair in SYSTEMS.items():
        for a in of_system(authored, system):
            case = a.case
            if mask:
                names = (case.title, *a.names)
                case = replace(case, id="masked", title=mask, text=masked(case.text, names, mask))
            decision = released.tag(case)
            if (decision.economy.code, decision.model.code) != pair:
                wrong.append(f"{a.case.id} {system}: {decision.economy.code}/{decision.model.code} in place of {pair[0]}/{pair[1]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("facet", ["economy", "model"])
def test_no_decision_rests_on_a_name(released, authored, facet):
    """Among the lines shown for the winner, no word is one of the names: what is learned is how an initiative works, not which it is."""
    by_name = []
    for system in SYSTEMS:
        for a in of_system(authored, system):
            words = {w for name in a.names for w in re.findall(r"\w+", name.casefold()) if len(w) > 3} - {"connect", "develop", "factory", "computer"}
            choice = getattr(released.tag(a.case), facet)
            heavy = [line for line in choice.ledgers[choice.code] if line.source == "word" and line.weight > 1.0]
            by_name += [f"{a.case.id}: {line.name} {line.weight:+.2f}" for line in heavy if words & set(re.findall(r"\w+", line.name.casefold()))]
    assert not by_name, "\n".join(by_name)
