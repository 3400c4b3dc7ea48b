// The codebook as the page knows it: names, pairs that go together, and its entry for a code.
import { el } from "./dom.js";

const textOf = (line) => (typeof line === "string" ? line : line.text);
const readable = (label) => label.replaceAll("_", " ");

export class Codebook {
  constructor(codebook, pairs) {
    this.facets = codebook.facets;
    this.cues = codebook.cues;
    this.pairs = new Set(pairs.map(([economy, model]) => JSON.stringify([economy, model])));
    this.codes = new Map(this.facets.map((facet) => [facet.id, new Map(facet.codes.map((code) => [code.id, code]))]));
    this.cueIds = this.cues.map((cue) => cue.id);
    this.signs = signsOf(this.cueIds);
  }

  codesOf(facet) { return [...this.codes.get(facet).values()]; }
  label(facet, id) { return readable(this.codes.get(facet)?.get(id)?.label || ""); }

  /** "8 · commons business ecology"; an id that its label begins with is not said twice. */
  name(facet, id) {
    const label = this.label(facet, id);
    if (!label) return id;
    return label.toLowerCase().startsWith(id.toLowerCase()) ? label : `${id} · ${label}`;
  }

  allowed(codes) { return this.pairs.has(JSON.stringify([codes.economy, codes.model])); }
  /** Put the other facet's code in `codes`, where the codebook leaves but one that goes with `facet`'s. */
  complete(codes, facet) {
    const other = facet === "economy" ? "model" : "economy";
    if (codes[other] && this.allowed(codes)) return;
    const left = this.codesOf(other).filter((code) => this.allowed({ ...codes, [other]: code.id }));
    if (left.length === 1) codes[other] = left[0].id;
  }

  hue(cue) { return `k${Math.max(0, this.cueIds.indexOf(cue)) % 10}`; }
  sign(cue) { return this.signs.get(cue) || cue.slice(0, 3); }

  /** The codebook's entry for a code, as nodes. */
  entry(facet, id) {
    const code = this.codes.get(facet)?.get(id);
    if (!code) return [];
    const instead = (id) => (id ? el("span.instead", {}, ` → ${this.name(facet, id)}`) : "");
    return [
      el("h2", {}, `Codebook: ${this.name(facet, id)}`),
      el("p", { dir: "auto" }, code.definition),
      ...list("Use when", "use", code.use_when, (line) => [textOf(line)]),
      ...list("Avoid when", "avoid", code.avoid_when, (line) => [textOf(line), instead(line.instead)]),
      ...list("Near misses", "near", code.near_misses, (line) => [textOf(line), instead(line.code)]),
    ];
  }
}

function list(title, kind, lines, nodes) {
  if (!lines || !lines.length) return [];
  return [el("h3", {}, title), el(`ul.${kind}`, {}, lines.map((line) => el("li", { dir: "auto" }, nodes(line))))];
}

/** A short sign for each cue: its first letters, as many as tell it from the others (three at least). */
function signsOf(cues) {
  const short = (cue) => {
    for (let n = 3; n < cue.length; n++) if (!cues.some((other) => other !== cue && other.startsWith(cue.slice(0, n)))) return cue.slice(0, n);
    return cue;
  };
  return new Map(cues.map((cue) => [cue, short(cue)]));
}
