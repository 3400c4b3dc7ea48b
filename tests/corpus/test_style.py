"""A style that gives codes away is found, and a style that does not is not."""

import random

import pytest

from tagger.corpus.apart import told_apart
from tagger.corpus.authored import AuthoredCase
from tagger.corpus.style import MINIMUM, measurable, style_features, style_leak, style_table
from tagger.errors import InputError

WORDS = "bread river lamp wood stone glass paper rope wheel garden street winter letter copper bell".split()  # noqa: SIM905
QUICK = {"repeats": 1, "shuffles": 1}


def cases(count: int, leak=lambda code, text: text, register=lambda code, generator: generator.choice(["press", "blog"]), codes="123") -> list[AuthoredCase]:
    """Cases of random words and marks; `leak` and `register` may let the code show."""
    generator = random.Random(1)  # noqa: S311
    made = []
    for i in range(count):
        code = codes[i % len(codes)]
        sentences = [" ".join(generator.choices(WORDS, k=generator.randint(5, 15))) for _ in range(generator.randint(3, 9))]
        text = leak(code, generator.choice([". ", ", ", "; "]).join(sentences) + ".")
        made.append(AuthoredCase(f"c{i}", f"initiative {i}", "title", text, "other", code, register(code, generator), False, None))
    return made


def test_random_style_stays_within_chance():
    found = style_leak(cases(150), "model", **QUICK)
    assert found.excess < 0.1
    assert found.constant == pytest.approx(1 / 3)
    assert max(found.by_code.values()) < 0.7


@pytest.mark.parametrize(
    "leak, feature",
    [
        pytest.param(lambda code, text: text.replace(" ", " - ", 4) if code == "2" else text, "dashes", marks=pytest.mark.slow),
        (lambda code, text: text + " It ends! And again!" if code == "2" else text, "exclamation marks"),
        pytest.param(lambda code, text: "\n\n".join(text.split(" ", 3)) if code == "2" else text, "paragraphs", marks=pytest.mark.slow),
    ],
)
def test_a_planted_leak_is_found_and_named(leak, feature):
    found = style_leak(cases(120, leak), "model", **QUICK)
    assert found.excess > 0.1
    assert found.by_code["2"] > 0.95
    assert found.by_code["2"] == max(found.by_code.values())
    assert feature in [name for name, _ in found.importance[:4]]
    assert dict(found.marks["2"])[feature] > 1


@pytest.mark.slow
def test_a_leak_that_no_sum_shows_is_found_too():
    """Middle lengths are code 2: a line drawn through lengths does not part them, the forest does."""
    lengths = {"1": (20, 90), "2": (50, 50)}
    generator = random.Random(0)  # noqa: S311
    found = style_leak(cases(120, lambda code, text: " ".join(generator.choices(WORDS, k=generator.choice(lengths[code]))), codes="12"), "model", **QUICK)
    assert found.excess > 0.1
    assert found.classifier == "random forest"


def test_a_register_that_goes_with_a_code_is_found():
    found = style_leak(cases(120, register=lambda code, generator: "minutes" if code == "3" else "press"), "model", **QUICK)
    assert found.excess > 0.1
    assert found.importance[0][0] == "register"
    assert dict(found.marks["3"])["register minutes"] > 1


@pytest.mark.slow
def test_a_rare_code_shows_in_mean_recall_though_hardly_in_accuracy():
    found = style_leak(cases(132, lambda code, text: "(" + text + ") (so)" if code == "2" else text, codes="11111111112"), "model", **QUICK)
    assert found.excess < 0.1
    assert found.recall_excess > 0.3
    assert found.by_code["2"] > 0.95


@pytest.mark.slow
def test_an_initiative_is_never_on_both_sides():
    """Each initiative has a length of its own and a code by chance: who has seen the initiative knows the code, and nobody else."""
    generator = random.Random(5)  # noqa: S311
    codes = {i: generator.choice("12") for i in range(24)}
    made = [
        AuthoredCase(f"{i}-{j}", f"initiative {i}", "t", " ".join(generator.choices(WORDS, k=20 + 7 * i)), "other", codes[i], "press", False, None)
        for i in range(24)
        for j in range(5)
    ]
    assert style_leak(made, "model", **QUICK).accuracy < 0.8


@pytest.mark.slow
def test_the_same_seed_gives_the_same_result():
    made = cases(60)
    assert style_leak(made, "model", **QUICK) == style_leak(made, "model", **QUICK)


def test_features_are_counted_for_a_hundred_words():
    found = style_features('One, two; three (four): "five" — isn\'t it?\n\n- Well-read!\n2. NASA ran 10 km. Good.')
    assert found["words"] == 15
    assert found["paragraphs"] == 2
    assert found["lines"] == 3
    assert found["list items"] == 2
    assert found["commas"] == found["semicolons"] == found["brackets"] == found["dashes"] == found["hyphens"] == pytest.approx(100 / 15)
    assert found["abbreviations in capitals"] == found["question marks"] == pytest.approx(100 / 15)
    assert found["double quotes"] == pytest.approx(200 / 15)


def test_the_table_has_a_column_a_register():
    made = cases(6, register=lambda code, generator: "grant" if code == "1" else "blog")
    table, names = style_table(made)
    assert table.shape == (6, len(names))
    assert names[-2:] == ["register blog", "register grant"]
    assert table[:, -1].tolist() == [1, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("made, enough", [(cases(MINIMUM), True), (cases(MINIMUM - 1), False), (cases(MINIMUM, codes="1"), False)])
def test_too_few_cases_are_not_measured(made, enough):
    assert measurable(made, "model") is enough
    assert not measurable(made, "economy")


def test_texts_with_words_of_their_own_are_told_apart_and_others_are_not():
    made = [case.text for case in cases(60)]
    assert told_apart(made[:30], made[30:]).auc < 0.75
    found = told_apart([f"{text} indeed" for text in made[:30]], [f"{text} whereas" for text in made[30:]], words=2)
    assert found.auc > 0.99
    assert found.ours[0] == "indeed"
    assert found.others[0] == "whereas"


def test_too_few_texts_cannot_be_told_apart():
    with pytest.raises(InputError, match="4 of our texts against 9 others: at least 5"):
        told_apart(["a"] * 4, ["b"] * 9)
