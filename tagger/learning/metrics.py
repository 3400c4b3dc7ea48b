"""How well codes agree: accuracy, macro-F1, Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Sequence

from tagger.codings.coincidence import nominal_alpha


def accuracy(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Return the share of equal codes, in [0, 1]."""
    return sum(t == p for t, p in zip(truth, predicted, strict=True)) / len(truth)


def macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Return the mean F1 over the codes that occur in `truth`, in [0, 1]; a code never predicted counts as 0."""
    from sklearn.metrics import f1_score

    return float(f1_score(truth, predicted, labels=sorted(set(truth)), average="macro", zero_division=0))


def scores(truth: Sequence[str], predicted: Sequence[str]) -> dict[str, float | None]:
    """Return accuracy, macro-F1 and alpha of predictions against labels."""
    return {
        "accuracy": accuracy(truth, predicted),
        "macro_f1": macro_f1(truth, predicted),
        "alpha": nominal_alpha(list(zip(truth, predicted, strict=True))),
    }
