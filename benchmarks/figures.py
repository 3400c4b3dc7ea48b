"""The figures of a model beside it: what the benchmarks found, as Markdown.

    python benchmarks/figures.py --quality out/quality.json --ablation out/ablation.json --peers out/peers.json --models models -o out/models

Each file is what its benchmark writes with --json. Figures are copied, none is made here. The model in use in --models is saved anew in the folder -o, with
FIGURES.md beside its weights, named and hashed in its manifest as its other files are.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tagger.coding.model_file import load_weights  # noqa: E402
from tagger.coding.model_manifest import CARD, FIGURES, WEIGHTS, current_folder, read_part  # noqa: E402
from tagger.learning.model_folder import save_model  # noqa: E402

MEASURED = ("accuracy", "macro_f1", "alpha", "decided", "alpha_decided")
SLICES = ("all", "wiki texts", "wiki pages", "other sources")


def shown(f: dict | None, signed: bool = False) -> str:
    """Return a figure with its interval."""
    if not f or f["value"] is None:
        return "–"
    form = "{:+.3f}" if signed else "{:.2f}"
    interval = "" if f["low"] is None else f" ({form.format(f['low'])} to {form.format(f['high'])})"
    return form.format(f["value"]) + interval


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    lines = [list(header)]
    lines += [["---"] * len(lines[0]), *map(list, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def of_quality(found: dict) -> str:
    """Return what benchmarks/quality.py found: the development sets, and each goal with what was reached."""
    rows = [[r["set"], r["input"], str(r["cases"]), r["by"], r["facet"], *(shown(r[k]) for k in MEASURED)] for r in found["dev"]]
    goals = [[g["name"], ("at most " if g["most"] else "") + f"{g['wanted']:.2f}", "–" if g["found"] is None else f"{g['found']:.3f}",
              "yes" if g["reached"] else "no"] for g in found["reach"]]  # fmt: skip
    return (
        "## On the development sets\n\nNever trained on, nor their initiatives and near-duplicates. All cases count; in brackets 95 % intervals.\n\n"
        + table(["set", "input", "cases", "by", "facet", "accuracy", "macro-F1", "alpha", "decided", "alpha there"], rows)
        + "\n## Goals\n\n" + table(["goal", "wanted", "found", "reached"], goals) + "\n" + "\n\n".join(found["said"]) + "\n"
    )  # fmt: skip


def of_ablation(found: list[dict]) -> str:
    """Return what benchmarks/ablation.py found: the whole model, and the difference without each part."""
    parts = []
    for name in SLICES:
        chosen = [r for r in found if r["slice"] == name]
        if chosen:
            rows = [[r["without"], *(shown(c["difference"], True) if c["difference"] else shown(c["value"]) for c in r["figures"].values())] for r in chosen]
            parts.append(f"### {name} ({chosen[0]['cases']} cases)\n\n" + table(["without", *chosen[0]["figures"]], rows))
    return "## What each part earns\n\nCross-validated; the first row is the whole model, the others tell the difference without a part.\n\n" + "\n".join(parts)


def of_peers(found: dict) -> str:
    """Return what benchmarks/peers.py found: alpha of each, and the difference to ours trained on the same texts."""
    rows = [[r["set"], r["facet"], r["model"], r["settings"], shown(r["alpha"]), shown(r["macro_f1"]),
             shown(r.get("alpha to ours, the same texts"), True), shown(r.get("alpha to ours, as released"), True)] for r in found["rows"]]  # fmt: skip
    skipped = "".join(f"\nNot run: {name} ({reason}).\n" for name, reason in found["not run"].items())
    head = ["set", "facet", "model", "settings", "alpha", "macro-F1", "alpha to ours, same texts", "alpha to ours, as released"]
    about = "Trained on the same descriptions; of several settings the best on the very set stands for a peer."
    return f"## Beside others\n\n{about}\n\n" + table(head, rows) + skipped


def main() -> None:
    """Gather, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    known = {"quality": of_quality, "ablation": of_ablation, "peers": of_peers}
    for name in known:
        parser.add_argument(f"--{name}", type=Path)
    parser.add_argument("--models", type=Path, default=ROOT / "models")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    parts = [form(json.loads(path.read_text(encoding="utf-8"))) for name, form in known.items() if (path := getattr(arguments, name))]
    head = "# Figures\n\nLabels by language models; no person has coded these texts. Made by `benchmarks/figures.py` from what `benchmarks/` measured.\n"
    print(saved(arguments.models, arguments.output, "\n".join([head, *parts])))


def saved(models: Path, output: Path, figures: str) -> Path:
    """Save the model in use with its figures in another folder of models; return its folder there."""
    folder = current_folder(models)
    if folder is None:
        raise SystemExit(f"{models}: no model in use")
    weights, manifest = load_weights(folder)
    parts = {name: read_part(folder, manifest, name) for name in manifest["files"] if name not in (CARD, WEIGHTS)}
    data = read_part(folder, manifest, WEIGHTS)
    return save_model(output, folder.name, weights, manifest, data, parts | {FIGURES: figures.encode()}, by="benchmarks/figures.py")


if __name__ == "__main__":
    main()
