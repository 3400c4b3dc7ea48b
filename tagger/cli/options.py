"""Options that several commands share, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

MODELS = Annotated[Path | None, typer.Option("--models", help="Folder of models; the released one if left out. A folder with no model: rules alone.")]
CODEBOOK = Annotated[Path | None, typer.Option("--codebook", help="Codebook folder (codebook.toml, cues.toml, rules.toml); the packaged one if left out.")]
LIMIT = Annotated[int | None, typer.Option("--limit", min=1, help="Stop after this many cases.")]
FORMAT = Annotated[str | None, typer.Option("--format", help="Read every input as this format (a suffix such as csv, jsonl, xml), whatever its name.")]
ENCODING = Annotated[str | None, typer.Option("--encoding", help="Text encoding; detected if left out.")]
TEXT_COLUMN = Annotated[str | None, typer.Option("--text-column", help="Column that holds the text, where its name is not text, description, content ...")]
PRETRAINED = Annotated[
    bool, typer.Option("--pretrained", help="Use the word vectors of the package wordllama in training, too (pip install 'case-tagger\\[train]').")
]
NEURAL = Annotated[
    bool,
    typer.Option("--neural", help="Look again at undecided cases with the model's sentence encoder (pip install 'case-tagger\\[neural]'); slower."),
]
ENCODER = Annotated[
    Path | None,
    typer.Option(
        "--neural",
        help="Folder of a sentence encoder (model.onnx, tokenizer.json), or of a model that has one: train a second look at undecided cases, too. One that was "
        "fine-tuned (tuned.skops beside it) is weighed, that of a model kept.",
    ),
]
