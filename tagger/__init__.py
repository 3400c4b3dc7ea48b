"""tagger codes cases: it reads texts about initiatives, finds the cues in each, proposes an economy and a model by a codebook, and shows why.

One flow, eight floors; a file imports only from floors below it, and rooms on one floor do not know each other
(``tests/test_floors.py`` holds that)::

    cli/          tag, explain, train, evaluate, rules, corpus, codebook: one thin module a command
    review/       (to come) store, queue, page
    batch.py      learning/      corpus/             many cases | training, evaluation, model folder | checks, hydrating, adding
    pipeline.py                                      one case: text in, decision out
    cues/         coding/                            what the text says | features, rules, classifier, ledger, decision
    codings/                                         who coded what: the table, merging, agreement, splits
    reading/      writing/      codebook/            formats in | formats out | the typology
    case.py       errors.py                          the records that flow; what can go wrong
"""

__version__ = "0.1.0"
