"""Codings leave their texts and find them again."""

import json
import re
from pathlib import Path

import pytest

from tagger.case import Case, Origin
from tagger.codebook import load_codebook
from tagger.codings.table import Coding, read_codings
from tagger.codings.text import fingerprint, words_of
from tagger.corpus.coded_folder import read_coded
from tagger.corpus.hydrate import dehydrate, hydrate, training_cases
from tagger.errors import InputError

BOOK = load_codebook()
ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
TEXTS = {"1": "A library run by its readers.", "2": "A shop for soap.", "3": "A page that nobody has.", "4": "Only a list."}


def coding(case, title, model="1", economy="other", coder="a", **about):
    return Coding(case, coder, {"economy": economy, "model": model, "value": "use"}, title, **about)


def page(title, text):
    return Case(title, title, text, Origin("dump.xml"))


CODINGS = [coding("1", "Library", "6", "commons"), coding("1", "Library", "6", "commons", "b"), coding("2", "Soap"), coding("3", "Gone"), coding("4", "Lists")]
PAGES = [page("Library", "Top line.\n\nA library run\nby its readers. More."), page("Soap", "A shop for soap."), page("Lists", "Nothing.")]


def test_a_dehydrated_coding_holds_no_word_of_its_text():
    bare = dehydrate(CODINGS, TEXTS, PAGES)
    assert [str(c.place or "") for c in bare] == ["2+6", "2+6", "0+4", "", ""]
    assert all(c.sha256 == fingerprint(TEXTS[c.case]) for c in bare)
    assert [(c.case, c.coder, c.codes) for c in bare] == [(c.case, c.coder, c.codes) for c in CODINGS]


def test_what_matched_what_changed_and_what_is_missing():
    bare = dehydrate(CODINGS, TEXTS, PAGES)
    now = [page("Library", "A library run by its readers. Other things."), page("Soap", "A shop for soup."), page("Lists", "Nothing.")]
    found = hydrate(bare, iter(now))
    assert found.outcome == {"1": "matched", "2": "changed", "3": "missing", "4": "unplaced"}
    assert found.texts == {"1": "A library run by its readers."}
    assert found.counts == {"matched": 1, "changed": 1, "missing": 1, "unplaced": 1}


def test_a_text_is_found_by_its_fingerprint_whatever_its_title():
    found = hydrate(dehydrate(CODINGS, TEXTS, ()), [page("Other title", "A PAGE that nobody has")])
    assert (found.outcome["3"], found.texts["3"]) == ("matched", "A PAGE that nobody has")


def test_of_a_text_coded_twice_the_later_version_is_taken_and_codings_of_the_other_are_stale():
    old = coding("5", "Bread", date="2026-01-01", sha256=fingerprint("Old words."))
    new = coding("5", "Bread", "2", coder="b", date="2026-02-01", sha256=fingerprint("New words."))
    for order in ([old, new], [new, old]):
        found = hydrate(order, [page("Bread", "Old words."), page("Bread", "New words.")])
        assert found.texts == {"5": "New words."}
        assert training_cases(order, found, BOOK)[0][0]["model"] == "2"
    only_old = hydrate([old, new], [page("Bread", "Old words.")])
    assert (only_old.texts, only_old.outcome) == ({"5": "Old words."}, {"5": "matched"})
    assert training_cases([old, new], only_old, BOOK)[0][0]["model"] == "1"


def test_training_cases_carry_the_merged_label_and_leave_ties_out():
    tied = [coding("2", "Soap", "2", coder="b"), *CODINGS]
    bare = dehydrate(tied, TEXTS, PAGES)
    rows, left = training_cases(bare, hydrate(bare, PAGES), BOOK)
    assert [label.case for label in left] == ["2"]
    assert rows == [
        {"id": "1", "initiative": "Library", "title": "Library", "set": "", "random": None, "settled": "unanimous", "confidence": ["", ""],
         "economy": "commons", "model": "6",
         "cues": {"value": "use"}, "text": "A library run\nby its readers."},
    ]  # fmt: skip


def test_a_folder_whose_codings_are_faulty_is_refused_with_rows(tmp_path):
    (tmp_path / "cases.jsonl").write_text(json.dumps({"id": "1", "title": "A", "text": "b"}) + "\n", encoding="utf-8")
    (tmp_path / "codings.csv").write_text("id,coder,economy,model\n1,x,other,99\n7,x,other,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r'(?s)row 2, column model: "99".*row 3, column id: no case'):
        read_coded(tmp_path, BOOK)


def test_the_published_codings_hold_no_sentence():
    """Fields other than notes are codes, names and numbers; a note is a coder's own few words."""
    published = read_codings(ROOT / "corpus" / "codings", BOOK)
    assert len(published) > 7000
    assert max(len(words_of(c.note)) for c in published) <= 30
    assert all(re.fullmatch(r"[\w .-]*", c.coder + c.case + c.set) for c in published)


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not here")
def test_at_least_99_percent_find_their_text_in_the_dump():
    from tagger.reading import read

    codings = [c for name in ("p2pwiki", "p2pwiki-grown") for c in read_codings(ROOT / "corpus" / "codings" / f"{name}.csv", BOOK)]
    found = hydrate(codings, (r for r in read([SHARED / "p2pwiki" / "p2pwiki-pages-articles.xml.bz2"]) if isinstance(r, Case)))
    assert found.counts["matched"] / len(found.outcome) >= 0.99
    originals = dict(line for line in ((r["id"], r["text"]) for r in map(json.loads, (SHARED / "p2pwiki" / "cases.jsonl").open(encoding="utf-8"))))
    both = [case for case in found.texts if case in originals]
    assert len(both) > 5400
    assert all(words_of(found.texts[case]) == words_of(originals[case]) for case in both)
