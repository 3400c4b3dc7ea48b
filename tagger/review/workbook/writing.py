"""Writing the sheet of a coder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from tagger.case import UNSTATED
from tagger.codebook import FACETS, Codebook
from tagger.errors import OutputError
from tagger.review.cases import ReviewCase
from tagger.review.verdicts import Verdicts
from tagger.review.workbook.answers import CUE, answer_of, columns_of, digest, edition
from tagger.review.workbook.cells import cell_text, fitting
from tagger.review.workbook.table_out import write_table
from tagger.review.workbook.words import evidence_in_words, suggestion_in_words

HIDDEN = "hidden until you have coded this case"


def write_sheet(
    path: str | Path, cases: Iterable[ReviewCase], verdicts: Verdicts, coder: str, codebook: Codebook, *,
    blind: Callable[[str], bool] = lambda case: False, replace: bool = False,
) -> int:  # fmt: skip
    """Write the sheet of a coder and return the number of its cases.

    What the coder coded already stands in the columns to be filled in; codings of a text that has changed since do not.

    Parameters
    ----------
    path : str or Path
        .xlsx or .csv.
    cases : iterable of ReviewCase
        In the order of the rows.
    verdicts : Verdicts
    coder : str
    codebook : Codebook
    blind : callable of case id to bool, optional
        Tells the cases whose suggestion and evidence stay out until the coder has coded them.
    replace : bool, optional
        Write over a file that is there; it may hold codings that nobody has taken in yet.

    Raises
    ------
    OutputError
        Another suffix, a file that is there already or cannot be written, or no openpyxl for .xlsx.
    """
    path = Path(path)
    if path.exists() and not replace:
        raise OutputError(f"{path}: is there already, and may hold codings that were not taken in; take it in with --import, or choose another name")
    columns = columns_of(codebook)
    rows = (_row(case, verdicts, coder, codebook, blind) for case in cases)
    return write_table(path, columns, ([row.get(column.name, "") for column in columns] for row in rows), _lists(codebook), _about(path, coder))


def _row(case: ReviewCase, verdicts: Verdicts, coder: str, codebook: Codebook, blind: Callable[[str], bool]) -> dict[str, str]:
    names = [column.name for column in columns_of(codebook) if column.answer]
    verdict = verdicts.get(case.id, coder)
    answer = answer_of(verdict, verdicts, case.id, coder, case.sha256, names)
    hidden = blind(case.id) and not any(answer[facet] for facet in FACETS)
    state = {
        "case": case.id, "coder": coder, "codebook": edition(codebook), "event": verdict.event if verdict else "", "answer": digest(answer),
        "blind": hidden, "shown": {} if hidden else case.suggestion, "versions": case.versions,
    }  # fmt: skip
    text, whole = fitting(case.text, f"\n[cut here: a cell holds no more. The whole text is in `tagger review`, case {cell_text(case.id)[:200]}]")
    told = {"suggestion": HIDDEN} if hidden else {
        "suggestion": suggestion_in_words(case, codebook), "evidence": evidence_in_words(case, codebook),
        **{f"suggested_{facet}": code for facet, code in case.suggestion.items()},
    }  # fmt: skip
    row = {"id": case.id, "title": case.title, **told, **answer}
    cut = {name: fitting(cell)[0] for name, cell in row.items()}
    return cut | {"text": text, "text_complete": "yes" if whole else "no", "sha256": case.sha256, "written": json.dumps(state)}


def _lists(codebook: Codebook) -> list[tuple[str, ...]]:
    """Return the sheet "Codes": every drop-down list with what its codes mean."""
    rows = [("list", "code", "label", "definition", "use when", "avoid when", "near misses")]
    for facet in FACETS:
        for code in codebook.codes(facet):
            avoid = [f"{k.text} → {k.instead}" if k.instead else k.text for k in code.avoid_when]
            near = [f"{miss.text} → {miss.code}" for miss in code.near_misses]
            rows.append((facet, code.id, code.label, code.definition, *("\n".join(x) for x in ([k.text for k in code.use_when], avoid, near))))
    for cue in codebook.cues:
        rows += [(CUE + cue.id, value.id, "", value.definition, cue.asks, "", "") for value in cue.values]
        rows.append((CUE + cue.id, UNSTATED, "", "The text does not say.", cue.asks, "", ""))
    return [*rows, ("unsure", "yes", "", "You are not sure of this coding.", "", "", ""), ("unsure", "no", "", "You are sure of it.", "", "", "")]


def _about(path: Path, coder: str) -> list[str]:
    return [
        "Fill in the yellow columns of the sheet Cases: economy and model, and the cues if they are part of your work.",
        "Each of these cells has a list of what it can hold.",
        "A row that you leave as it is says nothing. The sheet Codes says what each code means.",
        "To take over a suggestion, copy suggested_economy and suggested_model into economy and model.",
        "All other columns are locked. You may sort, filter, reorder columns and take rows out; do not move single cells.",
        f"When you are done, save it and run: tagger review ... --coder {coder} --import {path.name}",
        "Nothing is taken in until every row is right; what is wrong is listed by row and column. Taking a file in twice changes nothing.",
    ]
