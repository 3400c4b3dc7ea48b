"""The pattern notations: what is read, and what is refused with which words."""

import pytest

from tagger.cues.notation import LITERAL, MARK, PREFIX, REGEX, Gap, Word, fold, parse_phrase, parse_tokens

LISTS = {"coop": ["co-op", "cooperative"], "bad": ["two words"]}


def literal(*words, low=1, high=1):
    return Word(tuple((LITERAL, word) for word in words), low, high)


@pytest.mark.parametrize(
    "phrase, items",
    [
        ("volunteers", (literal("volunteers"),)),
        ("Volunteers WRITE", (literal("volunteers"), literal("write"))),
        ("volunteer* write", (Word(((PREFIX, "volunteer"),)), literal("write"))),
        ("a|b|a c", (literal("a", "b"), literal("c"))),
        ("a the? b", (literal("a"), literal("the", low=0), literal("b"))),
        ("a ~3 b", (literal("a"), Gap(0, 3), literal("b"))),
        ("a ~3 ~2 b", (literal("a"), Gap(0, 5), literal("b"))),
        ("worker <coop>|collective", (literal("worker"), literal("co-op", "cooperative", "collective"))),
        ("workers' don’t", (literal("workers"), literal("don't"))),
        ("5 %", (literal("5"), Word(((MARK, "%"),)))),
        ("CAFÉ", (literal("café"),)),
    ],
)
def test_a_phrase_is_read(phrase, items):
    assert parse_phrase(phrase, LISTS) == items


@pytest.mark.parametrize(
    "phrase, said",
    [
        ("", "empty"),
        ("  ", "empty"),
        (3, "not a string"),
        ("~2 a", "begin"),
        ("a ~2", "end"),
        ("a? b", "begin"),
        ("a b?", "end"),
        ("a ~0 b", "~1 to ~12"),
        ("a ~13 b", "~1 to ~12"),
        ("a ~x b", "~1 to ~12"),
        ("a ~² b", "~1 to ~12"),
        ("a <nope> b", "<nope> is not defined; there are: bad, coop"),
        ("a <bad>", "'two words'"),
        ("a||b", "not one word"),
        ("a*b", "not one word"),
        ("-a", "not one word"),
        ("a %|b", "by itself"),
        ("a %? b", "by itself"),
        ("a ~2 % b", "must not follow a gap"),
        ("a b? % c", "must not follow a gap"),
        ("a % b? c", "must not stand before an optional word"),
    ],
)
def test_a_bad_phrase_is_refused_by_name(phrase, said):
    with pytest.raises(ValueError, match=r".") as error:
        parse_phrase(phrase, LISTS)
    assert said in str(error.value)


def test_token_patterns_are_read():
    tokens = [{"LOWER": "run"}, {}, {"OP": "{0,2}"}, {"LOWER": {"IN": ["by", "for", "by"]}, "OP": "?"}, {"LOWER": {"REGEX": "(?:20)[0-9]{2}"}, "OP": "{1,2}"}]
    read = parse_tokens(tokens)
    assert read == (literal("run"), Gap(1, 3), literal("by", "for", low=0), Word(((REGEX, "(?:20)[0-9]{2}"),), 1, 2))


@pytest.mark.parametrize(
    "tokens, said",
    [
        ([], "empty"),
        ("run", "not an array"),
        (["run"], "not an array"),
        ([{"LEMMA": "run"}], "LEMMA is not supported"),
        ([{"LOWER": 3}], "LOWER = 3"),
        ([{"LOWER": {"IN": []}}], "LOWER = "),
        ([{"LOWER": {"IN": "run"}}], "LOWER = "),
        ([{"LOWER": "a", "OP": "*"}], "OP = '*'"),
        ([{"LOWER": "a", "OP": 2}], "OP = 2"),
        ([{"LOWER": "a", "OP": "{3,2}"}], "OP = "),
        ([{"LOWER": "a", "OP": "{0}"}], "OP = "),
        ([{"LOWER": {"REGEX": "a.*"}}], "REGEX 'a.*'"),  # would leave its word
        ([{"LOWER": {"REGEX": "[^a]"}}], "REGEX"),
        ([{"LOWER": {"REGEX": r"a\s"}}], "REGEX"),
        ([{"LOWER": {"REGEX": "a?"}}], "empty word"),
        ([{"LOWER": {"REGEX": "(?:a"}}], "REGEX '(?:a'"),
        ([{"LOWER": {"REGEX": "Run"}}], "REGEX 'Run'"),
        ([{}, {"LOWER": "a"}], "begin"),
    ],
)
def test_bad_tokens_are_refused_by_name(tokens, said):
    with pytest.raises(ValueError, match=r".") as error:
        parse_tokens(tokens)
    assert said in str(error.value)


def test_folding_keeps_length_and_the_border_of_ascii():
    assert fold("ÉCOLE Σς ẞ") == "école σσ ß"
    assert fold("İ\u212a\u017f") == "İ\u212a\u017f"  # dotted I, Kelvin sign, long s
