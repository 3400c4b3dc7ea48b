"""The checks of a corpus together: each planted fault is found by its check, with its cases, and a sound corpus passes."""

from dataclasses import replace
from pathlib import Path

import pytest

from tagger.codebook import load_codebook
from tagger.codings.table import Coding, read_codings
from tagger.codings.text import fingerprint
from tagger.corpus.authored import AuthoredCase, read_authored
from tagger.corpus.check import check
from tagger.corpus.targets import Targets, read_targets
from tagger.errors import InputError

BOOK = load_codebook()
CORPUS = Path(__file__).parents[2] / "corpus"
LENGTH = 30  # words of a sound text


def words(number: int) -> str:
    """A text with words of its own: no two numbers share one."""
    return " ".join(f"w{number}x{i}" for i in range(LENGTH))


def case(number: int, **changes) -> AuthoredCase:
    sound = AuthoredCase(f"c-{number}", f"initiative {number}", "A title", words(number), "other", "1", "press", False, None)
    return replace(sound, **changes)


def found(cases, name, level="fault", **options):
    return [f for f in check(cases, BOOK, **options).findings if f.check == name and f.level == level]


SOUND = [case(i) for i in range(8)]


def test_a_sound_corpus_passes():
    report = check(SOUND, BOOK)
    assert report.passed
    assert report.faults == ()
    assert report.lines()[-1] == "8 cases: nothing to mend"
    assert report.as_dict()["passed"] is True
    assert len(report.as_dict()["findings"]) == len(report.notes)


def test_no_case_is_no_corpus():
    with pytest.raises(InputError, match="no case"):
        check([], BOOK)


def test_a_near_duplicate_is_a_fault():
    copy = case(9, text=" ".join(words(3).split()[: LENGTH - 5]))
    (fault,) = found([*SOUND, copy], "near-duplicates")
    assert fault.cases == ("c-3", "c-9")
    assert not found([*SOUND, copy], "near-duplicates", targets=Targets(cosine=1))


def test_a_sequence_in_four_cases_is_a_fault_and_in_three_a_note():
    def with_sequence(count):
        return [replace(c, text=f"{c.text} he who comes first eats") if i < count else c for i, c in enumerate(SOUND)]

    (fault,) = found(with_sequence(4), "sequences")
    assert fault.cases == ("c-0", "c-1", "c-2", "c-3")
    assert '"he who comes first eats"' in fault.message
    assert not found(with_sequence(3), "sequences")
    (edge,) = found(with_sequence(3), "sequences", "note")
    assert '"he who comes first eats"' in edge.message


def test_a_code_name_is_a_fault_but_in_a_title_or_a_case_of_none():
    text = f"{words(9)} co-creation"
    (fault,) = found([*SOUND, case(9, text=text)], "codebook words")
    assert fault.cases == ("c-9",)
    assert '"co-creation"' in fault.message
    for free in (case(9, text=text, initiative="Co-Creation Hub"), case(9, text=text, economy="none", model="none")):
        assert not found([*SOUND, free], "codebook words")
        assert [n.cases for n in found([*SOUND, free], "codebook words", "note")] == [("c-9",)]


def test_a_case_of_none_may_name_a_concept_twice_and_only_a_few_cases_may():
    concept = [case(i, text=f"{words(i)} peer production", economy="none", model="none") for i in (20, 21, 22)]
    assert not found([*SOUND, *concept[:2]], "codebook words")
    (fault,) = found([*SOUND, *concept], "codebook words")
    assert fault.cases == ("c-20", "c-21", "c-22")
    often = replace(concept[0], text=f"{words(20)} peer production, peer production, peer production")
    assert [f.cases for f in found([*SOUND, often], "codebook words")] == [("c-20",)]


def test_a_criterion_in_a_text_is_a_fault():
    sentence = BOOK.models[8].definition
    (fault,) = found([*SOUND, case(9, text=f"{words(9)} {sentence}")], "codebook words")
    assert sentence in fault.message


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"economy": "commons"}, "no pair commons / 1"),
        ({"model": "99"}, "no pair other / 99"),
        ({"near_miss": "1"}, "its own model"),
        ({"near_miss": "x"}, "no model of the codebook"),
    ],
)
def test_codes_that_the_codebook_does_not_have_are_faults(changes, said):
    (fault,) = found([*SOUND, case(9, **changes)], "codes")
    assert fault.cases == ("c-9",)
    assert said in fault.message


def test_counts_under_their_targets_are_faults_and_without_targets_notes():
    targets = Targets(
        cases=9, initiatives=9, per_model=8, of_model={"none": 2}, indirect_share=0.5, near_misses=1, near_miss_pairs=(("1", "2"),), long_share=0.5,
        long_words=LENGTH, shortest=LENGTH + 1, longest=LENGTH - 1, registers=("blog",),
    )  # fmt: skip
    faults = [f.message for f in found(SOUND, "counts", targets=targets)]
    for said in (
        "8 cases, 9 are wanted",
        "8 initiatives, 9 are wanted",
        "model none: 0 cases, 2 are wanted",
        "model 2: 0 cases, 8 are wanted",
        "model 1: 0 of 8 cases are indirect (0%), 50% are wanted",
        "model 1: 0 near misses, 1 are wanted",
        "no case of model 1 that looks like 2",
        "no case of model 2 that looks like 1",
        "0 of 8 texts are over 30 words (0%), 50% are wanted",
        "8 texts under 31 words",
        "8 texts over 29 words",
        "no case in register blog",
        "registers that are not wanted: press",
    ):
        assert said in faults
    assert not any(message.startswith("model 1: 8 cases") for message in faults)
    assert not found(SOUND, "counts")
    assert "8 cases" in [f.message for f in found(SOUND, "counts", "note")]


def test_targets_that_are_met_are_no_faults():
    made = [replace(c, indirect=i < 4, near_miss="2" if i else None) for i, c in enumerate(SOUND)]
    targets = Targets(cases=8, initiatives=8, of_model={"1": 8}, long_share=1, long_words=LENGTH - 1, shortest=LENGTH, longest=LENGTH, registers=("press",))
    assert not found(made, "counts", targets=targets)


def test_other_texts_bring_a_note_on_how_far_ours_are_told_apart():
    (apart,) = found(SOUND, "told apart", "note", against=[f"{words(i)} whereas" for i in range(100, 108)])
    assert "8 others" in apart.message
    assert "whereas" in apart.message
    assert not found(SOUND, "told apart", "note")


def coded(*rows) -> list[Coding]:
    """Codings (case, coder, economy, model) of the sound cases."""
    made = []
    for n, coder, economy, model in rows:
        role, codes = "author" if coder == "author" else "coder", {"economy": economy, "model": model}
        made.append(Coding(f"c-{n}", coder, codes, role=role, blind=role == "coder", sha256=fingerprint(words(n))))
    return made


def both(number, economy="other", model="1"):
    return [(number, "author", "other", "1"), (number, "x", economy, model), (number, "y", economy, model)]


def test_labels_that_their_coders_gave_pass():
    rows = coded(*(row for i in range(8) for row in both(i)))
    assert not found(SOUND, "codings", codings=rows, targets=Targets(coders=2))
    assert not found(SOUND, "codings", codings=[*rows, Coding("p2p-1", "x", {"economy": "commons", "model": "6"})])


def test_labels_that_are_not_what_coders_gave_are_faults():
    rows = coded((0, "author", "other", "1"), *both(2, "commons", "6"), (3, "x", "other", "1"), (3, "y", "commons", "6"), (4, "x", "other", "1"), *both(5))
    made = [replace(c, text=words(77)) if c.id == "c-5" else c for c in SOUND[:6]]
    faults = {f.message.split(",")[0].split(":")[0]: f.cases for f in found(made, "codings", codings=rows, targets=Targets(coders=2))}
    assert faults == {
        "coded by nobody but their author": ("c-0", "c-1"),
        "label is not what coders gave": ("c-2",),
        "unresolved": ("c-3",),
        "fewer than 2 blind coders": ("c-4",),
        "text is another than was coded": ("c-5",),
    }


def test_few_cases_are_not_measured_for_style_and_it_is_said():
    assert all("not measured" in f.message for f in found(SOUND, "style", "note"))
    assert not found(SOUND, "style")


@pytest.mark.slow
def test_a_style_that_gives_codes_away_is_a_fault():
    leaking = [case(i, text=words(i) + " ! ( ; )" * (i % 2), model="12"[i % 2]) for i in range(60)]
    (fault,) = found(leaking, "style")
    assert "model from style alone" in fault.message
    assert "exclamation marks" in fault.message
    assert not found(leaking, "style", targets=Targets(style_margin=1))


@pytest.mark.slow
def test_the_corpus_passes():
    codings = read_codings(CORPUS / "codings" / "authored.csv", BOOK)
    report = check(read_authored(CORPUS / "cases.jsonl"), BOOK, targets=read_targets(CORPUS), codings=codings)
    assert [str(fault) for fault in report.faults] == []
