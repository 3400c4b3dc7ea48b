"""Word vectors: neighbours in meaning, and a model that uses them stays an exact sum of its words."""

import random
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from tagger.errors import InputError
from tagger.learning.vectors import Vectors, learned_vectors, pretrained_vectors

SELL = ["shop", "store", "market", "stall"]
GROW = ["garden", "field", "orchard", "plot"]


def texts(seed=0, count=600):
    """Texts in which shops keep the company of prices, gardens that of seeds; the eight nouns never meet."""
    chance = random.Random(seed)  # noqa: S311 - made texts, no secrets
    company = {0: [f"price{i}" for i in range(30)], 1: [f"seed{i}" for i in range(30)]}
    return [[chance.choice((SELL, GROW)[kind]), *chance.choices(company[kind], k=6)] for kind in (0, 1) for _ in range(count)]


def test_words_in_the_same_company_are_neighbours():
    vectors = learned_vectors(texts(), dimensions=8)
    v = {word: vectors.matrix[vectors.rows[word]] for word in SELL + GROW}
    inside = [float(v[a] @ v[b]) for group in (SELL, GROW) for a in group for b in group if a < b]
    across = [float(v[a] @ v[b]) for a in SELL for b in GROW]
    assert min(inside) > max(across) + 0.3
    assert np.allclose(np.linalg.norm(vectors.matrix, axis=1), 1, atol=1e-5)


def test_the_same_texts_give_the_same_bytes_and_few_texts_none():
    one, two = learned_vectors(texts(), dimensions=8), learned_vectors(texts(), dimensions=8)
    assert one.rows == two.rows and one.matrix.tobytes() == two.matrix.tobytes()
    assert learned_vectors(texts(count=2), dimensions=8) is None
    assert learned_vectors([], dimensions=8) is None


def test_no_window_reaches_from_one_text_into_the_next():
    apart = [["left", *["x", "y"] * 3], ["right", *["u", "v"] * 3]] * 50
    vectors = learned_vectors(apart, dimensions=2)
    left, right = (vectors.matrix[vectors.rows[w]] for w in ("x", "u"))
    assert float(left @ right) < 0.1


def test_terms_get_centred_vectors_and_unknown_ones_zeros():
    vectors = Vectors("made", {"a": 0, "b": 1}, np.array([[1, 0], [0, 1]], np.float32))
    assert vectors.of_terms(["a", "nowhere", "b", "a b"]).tolist() == [[0.5, -0.5], [0, 0], [-0.5, 0.5], [0, 0]]
    assert vectors.of_terms(["head:a", "title:b", "a"], "head:").tolist() == [[0, 0], [0, 0], [0, 0]]  # one word alone is its own centre
    assert vectors.of_terms([]).shape == (0, 2)


def test_a_model_learned_with_vectors_knows_words_by_their_neighbours(small_training):
    cases, seen, book, settings, train = small_training
    vectors = learned_vectors(texts(), dimensions=8)
    plain, helped = train(cases, seen, book, settings), train(cases, seen, book, settings, [vectors])
    assert helped.words.terms == plain.words.terms  # nothing but the weights is another
    i = helped.words.terms.index("stall")
    pairs = [helped.pairs.index(p) for p in (("other", "1"), ("commons", "6"))]
    lead = [float(w.words.coef[i, pairs[0]] - w.words.coef[i, pairs[1]]) for w in (plain, helped)]
    assert lead[1] > lead[0] + 0.05  # "stall" occurs with both labels alike; its neighbours "shop" and "store" only with the first
    off = train(cases, seen, book, replace(settings, vectors=0.0, head=0.0), [vectors])
    assert np.array_equal(off.words.coef, plain.words.coef)


@pytest.fixture
def small_training():
    from tagger.case import Case, Origin
    from tagger.codebook import load_codebook
    from tagger.learning.labelled import Labelled
    from tagger.learning.train import Seen, Settings, train

    book, rows = load_codebook(), []
    for n in range(12):
        for word, pair in (("shop", ("other", "1")), ("store", ("other", "1")), ("garden", ("commons", "6")), ("field", ("commons", "6"))):
            rows.append((f"{word}{n}", [word, "place"], pair))
        rows += [(f"stall{n}", ["stall", "place"], pair) for pair in (("other", "1"), ("commons", "6"))]
    cases = [Labelled(Case(name, name, " ".join(words), Origin("made")), *pair, group=f"{name} {pair}") for name, words, pair in rows]
    seen = [Seen(x.case, words, [f"head:{w}" for w in words], {}, []) for x, (_, words, _) in zip(cases, rows, strict=True)]
    return cases, seen, book, Settings(topics=0, least=1, folds=2), train


@pytest.mark.skipif(find_spec("wordllama") is not None, reason="wordllama is installed")
def test_a_missing_package_says_what_to_install():
    with pytest.raises(InputError, match=r"pip install 'case-tagger\[train\]'"):
        pretrained_vectors(["shop"])


@pytest.mark.skipif(find_spec("wordllama") is None, reason="wordllama is not installed")
def test_pretrained_vectors_know_neighbours():
    vectors = pretrained_vectors(["bakery", "bread", "licence", "bakery"])
    v = vectors.matrix[[vectors.rows[w] for w in ("bakery", "bread", "licence")]]
    v = v / np.linalg.norm(v, axis=1, keepdims=True)
    assert float(v[0] @ v[1]) > float(v[0] @ v[2])
