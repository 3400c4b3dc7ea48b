"""tagger codes cases: it reads texts about initiatives, finds the cues in each, proposes an economy and a model by a codebook, and shows why.

One flow, ten floors; a file imports only from floors below it, and rooms on one floor do not know each other
(``tests/test_floors.py`` holds that)::

    cli/          tag, explain, review, serve, store, train, evaluate ...: one thin module a command
    retrain/                                         from curated labels to a model that is proven better, and back
    review/                                          events of people, their store, queue, page, workbook
    batch/        learning/      corpus/             many cases | training, evaluation, model folder | checks, hydrating, adding
    registry/                                        versions of a model: verified, promoted, taken back
    pipeline.py                                      one case: text in, decision out
    cues/         coding/                            what the text says | features, rules, classifier, ledger, decision
    codings/                                         who coded what: the table, merging, agreement, splits
    reading/      writing/      codebook/            formats in | formats out | the typology
    case.py       errors.py     places.py            the records that flow; what can go wrong; files here and elsewhere
"""

__version__ = "0.1.0"
