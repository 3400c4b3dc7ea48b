"""tagger codes cases: it reads texts about initiatives, finds the cues in each, proposes an economy and a model by a codebook, and shows why.

One flow, seven floors; a file imports only from floors below it, and rooms on one floor do not know each other
(``tests/test_floors.py`` holds that)::

    cli/          tag, explain, train, rules, codebook: one thin module a command
    review/       (to come) store, queue, page
    batch.py      learning/                          many cases | codings, training, evaluation, model folder
    pipeline.py                                      one case: text in, decision out
    cues/         coding/                            what the text says | features, rules, classifier, ledger, decision
    reading/      writing/      codebook/            formats in | formats out | the typology
    case.py       errors.py                          the records that flow; what can go wrong
"""

__version__ = "0.1.0"
