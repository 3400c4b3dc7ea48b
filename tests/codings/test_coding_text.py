"""Fingerprints and places of coded texts."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tagger.case import Case, Origin
from tagger.codings.text import Place, fingerprint, place_on, text_at

PAGE = 'Intro line, not coded.\n\n1.\n\n"The bakery is owned by its bakers.\nThey share what is left."\n\nMore: see the site.'
CODED = '"The bakery is owned by its bakers. They share what is left."'


def page(text, source=None):
    return Case("p", "Bakery", text, Origin("dump.xml", "page 1"), source=source)


def test_a_fingerprint_is_of_the_words_alone():
    assert fingerprint("The Bakery,\n is OWNED") == hashlib.sha256(b"the bakery is owned").hexdigest()
    assert fingerprint("the bakery was owned") != fingerprint("the bakery is owned")


def test_a_coded_text_is_found_and_cut_with_its_quotation_marks():
    place = place_on(page(PAGE), CODED)
    assert str(place) == "5+12"
    assert text_at(page(PAGE), place, fingerprint(CODED)) == '"The bakery is owned by its bakers.\nThey share what is left."'


def test_text_that_moved_is_found_and_text_that_changed_is_not():
    place, sha256 = place_on(page(PAGE), CODED), fingerprint(CODED)
    assert fingerprint(text_at(page("A new first line. " + PAGE), place, sha256)) == sha256
    assert fingerprint(text_at(page(PAGE.removeprefix("Intro line,")), place, sha256)) == sha256
    assert text_at(page(PAGE.replace("bakers", "customers")), place, sha256) is None
    assert text_at(page("Deleted."), place, sha256) is None


def test_a_text_with_gaps_keeps_its_stretches_and_one_from_the_source_says_so():
    gaps = "Intro line. The bakery is owned by its bakers."
    place = place_on(page(PAGE), gaps)
    assert str(place) == "0+2 5+7"
    assert text_at(page(PAGE), place, fingerprint(gaps)) == 'Intro line,\n"The bakery is owned by its bakers.'
    source = place_on(page("The bakery.", source="The bakery [http://x.org/owned home]."), "bakery http x org owned")
    assert str(source) == "source 1+5"
    assert place_on(page("The bakery."), "cellar") is None


@pytest.mark.parametrize("written", ["", "source", "12", "1+0", "a+b", "1+2,3+4", "-1+2", "1+2 source"])
def test_what_is_no_place_is_none(written):
    assert Place.parse(written) is None


@given(st.lists(st.sampled_from(["a", "b", "ab", "ç", "İ", "1_2"]), min_size=1, max_size=30), st.data())
def test_any_stretch_of_any_page_is_found_again(words, data):
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    coded = ", ".join(words[start:end])
    whole = page(" ".join(words))
    place = place_on(whole, coded)
    assert Place.parse(str(place)) == place
    assert fingerprint(text_at(whole, place, fingerprint(coded))) == fingerprint(coded)
