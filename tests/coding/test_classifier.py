"""The classifier: features as scikit-learn has them, fitting as scikit-learn fits, and every score a sum of ledger lines."""

import numpy as np
import pytest
from scipy import sparse

from tagger.case import Case, Mention, Origin, Page
from tagger.codebook import CueTest
from tagger.coding.classifier import Block, OffsetLogistic, Weights, ledger_of, placed, rule_row, with_marks
from tagger.coding.features import first_places, place_of, place_terms, word_terms
from tagger.coding.rules import Rule, RuleBook

PAIRS = (("sharing", "1"), ("commons", "6"), ("commons", "8"))
TEXTS = [
    "Volunteers write the free encyclopaedia and the free dictionary together; anyone may edit.",
    "Sellers list what they own. Buyers pay the sellers, and the site takes a share.",
    "The free code lies open: firms sell support for the code, volunteers mend the code.",
    "",
    "Anyone's café; anyone’s code.",
]


def case(text, title="", page=None):
    return Case("x", title, text, Origin("x.txt"), page=page)


def tfidf(documents):
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer=lambda terms: terms, sublinear_tf=True)
    return vectorizer, vectorizer.fit_transform(documents).toarray()


@pytest.mark.parametrize("terms_of", [word_terms, place_terms])
def test_block_values_are_those_of_tfidf(terms_of):
    documents = [terms_of(case(text, f"Title number {i}")) for i, text in enumerate(TEXTS)]
    vectorizer, wanted = tfidf(documents)
    block = Block(tuple(vectorizer.get_feature_names_out()), vectorizer.idf_, np.zeros((len(vectorizer.idf_), 3)))
    unseen = [*documents[0], "never seen", "nor this", "code"]
    for terms, row in zip([*documents, unseen], [*wanted, vectorizer.transform([unseen]).toarray()[0]], strict=True):
        columns, values = block.values(terms)
        dense = np.zeros(len(row))
        dense[columns] = values
        assert dense == pytest.approx(row, abs=1e-9)


def test_a_text_of_unknown_words_has_no_values():
    columns, values = Block(("known",), np.ones(1), np.zeros((1, 3))).values(["other"])
    assert columns == []
    assert values.shape == (0,)


@pytest.fixture(scope="module")
def problem():
    random = np.random.default_rng(0)
    X = random.normal(size=(240, 6)) * (random.random((240, 6)) < 0.7)
    truth = random.normal(size=(6, 3)) * 1.5
    y = np.array([random.choice(3, p=p / p.sum()) for p in np.exp(X @ truth + [0.5, 0, -0.5])])
    return sparse.csr_matrix(X), y


@pytest.mark.parametrize("C", [0.3, 1.0, 5.0])
def test_without_offset_it_is_logistic_regression(problem, C):
    from sklearn.linear_model import LogisticRegression

    X, y = problem
    weight = np.linspace(0.5, 1.5, len(y))
    mine = OffsetLogistic(C, 500).fit(X, y, np.zeros((len(y), 3)), weight)
    theirs = LogisticRegression(C=C, tol=1e-8, max_iter=2000).fit(X, y, sample_weight=weight)
    assert mine.coef_ == pytest.approx(theirs.coef_.T, abs=1e-3)
    mine_b, theirs_b = mine.intercept_ - mine.intercept_.mean(), theirs.intercept_ - theirs.intercept_.mean()
    assert mine_b == pytest.approx(theirs_b, abs=1e-2)  # ours are held by a slight pull to the frequencies
    assert proba(X, mine) == pytest.approx(theirs.predict_proba(X), abs=1e-3)


def proba(X, model, offset=0.0):
    from scipy.special import softmax

    return softmax(X @ model.coef_ + model.intercept_ + offset, axis=1)


def objective(X, y, model, offset, C=1.0):
    return -np.log(proba(X, model, offset)[np.arange(len(y)), y]).sum() + (model.coef_**2).sum() / (2 * C)


def test_a_true_offset_lowers_the_loss_and_shrinks_the_weights(problem):
    X, y = problem
    knows = np.eye(3)[y] * 1.5  # as rules would: something for the true code
    plain = OffsetLogistic(1.0).fit(X, y, np.zeros((len(y), 3)), np.ones(len(y)))
    told = OffsetLogistic(1.0).fit(X, y, knows, np.ones(len(y)))
    assert objective(X, y, told, knows) < objective(X, y, plain, knows) < objective(X, y, plain, 0.0)
    assert (told.coef_**2).sum() < (plain.coef_**2).sum()


def test_what_the_offset_explains_is_not_learned_again():
    random = np.random.default_rng(1)
    X = sparse.csr_matrix((random.random((2000, 1)) < 0.5).astype(float))
    offset = X.toarray() * np.array([[2.0, 0.0]])
    y = (random.random(2000) > 1 / (1 + np.exp(-(offset[:, 0])))).astype(int)
    model = OffsetLogistic(1.0).fit(X, y, offset, np.ones(2000))
    assert np.abs(model.coef_).max() < 0.15
    plain = OffsetLogistic(1.0).fit(X, y, np.zeros((2000, 2)), np.ones(2000))
    assert plain.coef_[0, 0] - plain.coef_[0, 1] == pytest.approx(2.0, abs=0.3)


def test_a_pair_without_cases_stays_unlikely_and_finite(problem):
    X, y = problem
    model = OffsetLogistic(1.0).fit(X, y, np.zeros((len(y), 4)), np.ones(len(y)))
    assert np.isfinite(model.intercept_).all()
    assert proba(X, model)[:, 3].max() < 0.05


def rule(id, code, weight, facet="economy"):
    return Rule(id, facet, code, weight, CueTest(), f"{code}.u1")


RULES = RuleBook("1", {("economy", "sharing"): -0.5, ("economy", "commons"): 0.25, ("model", "1"): 0.0, ("model", "6"): 0.5, ("model", "8"): -1.0}, (), "")
MENTIONS = (
    Mention("licensing", "open", "affirmed", "page", 4, 8, "free", "p1"),
    Mention("advertising", "sells_attention", "negated", "page", 10, 14, "code", "p2"),
)
HELD = [(rule("r1", "commons", 1.5), MENTIONS[:1]), (rule("r2", "8", -0.75, "model"), ())]
OPPOSITES = {("advertising", "sells_attention"): "refuses"}


def some_weights(temperature=1.0, with_rules=True):
    random = np.random.default_rng(2)
    words = tuple(sorted({t for text in TEXTS for t in word_terms(case(text))}))
    places = tuple(sorted({t for text in TEXTS for t in place_terms(case(text, "The Free Code"))}))
    marks = ("cue:licensing=open", "cue:advertising=refuses", "page:url", "rule:r1", "rule:r9")

    def block(terms):
        return Block(terms, random.random(len(terms)) + 1, random.normal(size=(len(terms), 3)).astype(np.float32))

    return Weights(PAIRS, random.normal(size=3), block(words), block(places), marks, random.normal(size=(5, 3)).astype(np.float32), temperature, with_rules)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize(("temperature", "with_rules"), [(1.0, True), (1.7, True), (0.4, False)])
def test_the_ledger_adds_up_to_the_score_of_the_model(text, temperature, with_rules):
    given = case(text, "The Free Code", Page(url="http://example.org", headings=("Free",), categories=("Code",)))
    weights = some_weights(temperature, with_rules)
    marks = with_marks(given, MENTIONS, HELD, OPPOSITES)
    ledger = ledger_of(given, HELD, marks, PAIRS, RULES, weights)
    score = weights.base.copy()  # the model as a matrix product, written down apart
    for block, terms in ((weights.words, word_terms(given)), (weights.places, place_terms(given))):
        columns, values = block.values(terms)
        score += values @ block.coef[columns].astype(float)
    for name in marks:
        if name in weights.marks:
            score += weights.mark_coef[weights.marks.index(name)].astype(float)
    if with_rules:
        score += sum(rule_row(r, PAIRS) for r, _ in HELD)
    assert ledger.scores() == pytest.approx(score / temperature, abs=1e-9)
    shown = placed(given, ledger, range(3))
    for pair in range(3):
        assert sum(line.weight for line in shown.lines(pair)) == pytest.approx(score[pair] / temperature, abs=1e-9)


def test_without_weights_the_rules_alone_decide():
    ledger = ledger_of(case("anything"), HELD, {}, PAIRS, RULES, None)
    assert [e.source for e in ledger.entries] == ["base", "rule", "rule"]
    assert ledger.scores() == pytest.approx([-0.5 + 0.0, 0.25 + 0.5 + 1.5, 0.25 - 1.0 + 1.5 - 0.75])


def test_a_rule_adds_to_every_pair_that_holds_its_code():
    assert rule_row(rule("r", "commons", 1.5), PAIRS).tolist() == [0.0, 1.5, 1.5]
    assert rule_row(rule("r", "8", -1.0, "model"), PAIRS).tolist() == [0.0, 0.0, -1.0]


def test_lines_say_where_their_evidence_stands():
    text = TEXTS[2]
    given = case(text)
    weights = some_weights()
    ledger = placed(given, ledger_of(given, HELD, with_marks(given, MENTIONS, HELD, OPPOSITES), PAIRS, RULES, weights), [0])
    lines = {(line.source, line.name): line for line in ledger.lines(0)}
    words = [line for (source, name), line in lines.items() if source == "word" and ":" not in name and "other words" not in name]
    assert words
    for line in words:
        assert text[line.start : line.end].lower().split() == line.name.split()
    assert (lines["cue", "licensing=open"].start, lines["cue", "licensing=open"].end) == (4, 8)
    assert (lines["cue", "advertising=refuses"].start, lines["cue", "advertising=refuses"].end) == (10, 14)  # its negation shows it
    assert lines["base", "base rate"].start is None


@pytest.mark.parametrize(
    ("term", "found"),
    [("free", "free"), ("free code", "free code"), ("head:free", "free"), ("title:free", None), ("absent", None), ("code lies open", None)],
)
def test_place_of_a_term(term, found):
    place = place_of(term, first_places(TEXTS[2]))
    assert (None if place is None else TEXTS[2][slice(*place)]) == found
