// Why: the lines of evidence as bars that add up to the score; what a sentence weighs.
import { el, kbd, signed } from "./dom.js";

const FEW = 6; // lines shown before "more"
const KINDS = { base: "base rate", rule: "rule", word: "word", cue: "cue", fit: "learned" };

const hidden = () =>
  el("p.notice", {}, "The suggestion and its evidence are hidden until you have answered: ", kbd("m"), " chooses a model, ", kbd("e"), " an economy.");

/** The ledgers as flat lines: { facet, code, source, name, weight, ... }. */
export function linesOf(given) {
  return Object.entries(given.ledger || {}).flatMap(([facet, codes]) =>
    Object.entries(codes).flatMap(([code, lines]) => lines.map((line) => ({ facet, code, ...line }))));
}

/** Numbers of the sentences that hold evidence, in text order. */
export function strongSentences(lines) {
  const numbers = lines.map((line) => line.sentence).filter((n) => n !== null && n !== undefined);
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** What a sentence weighs for each code: [[facet, code, sum]], the heaviest first. */
export function weightOf(sentence, lines) {
  const sums = new Map();
  for (const line of lines) {
    if (line.sentence !== sentence) continue;
    const key = JSON.stringify([line.facet, line.code]);
    sums.set(key, (sums.get(key) || 0) + line.weight);
  }
  return [...sums].map(([key, sum]) => [...JSON.parse(key), sum]).sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]));
}

/** What a line says: the criterion it stands for where there is one, else its name; behind it what kind of line it is. */
function wordsOf(line) {
  const kind = Object.hasOwn(KINDS, line.source) ? KINDS[line.source] : line.source;
  if (line.criterion_text) return [line.criterion_text, el("span.kind", {}, ` ${kind} ${line.name}`)];
  const quoted = line.source === "word" && !line.name.endsWith(" other words");
  return [quoted ? `“${line.name}”` : line.name, el("span.kind", {}, line.name === kind ? "" : ` ${kind}`)];
}

export class LedgerView {
  constructor(node, book, light, hovered) {
    Object.assign(this, { node, book, light, hovered });
  }

  show(given) {
    const boxes = given.ledger ? [] : [hidden()];
    for (const facet of ["model", "economy"].filter((name) => given.ledger?.[name])) {
      const codes = given.ledger[facet];
      const best = given.suggestion[facet].code;
      const all = Object.entries(codes).sort((a, b) => (b[0] === best) - (a[0] === best));
      const most = Math.max(0.5, ...all.flatMap(([, lines]) => lines.map((line) => Math.abs(line.weight)))); // one scale, so that the codes compare
      all.forEach(([code, lines], n) => boxes.push(this.box(facet, code, lines, most, n === 0)));
    }
    this.node.replaceChildren(...boxes);
  }

  box(facet, code, lines, most, first) {
    const sorted = [...lines].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    const sum = lines.reduce((total, line) => total + line.weight, 0);
    const list = el("ul.lines", {}, sorted.slice(0, FEW).map((line) => this.line(line, most)));
    const title = el("span", {}, `${first ? "Why" : "And"} ${this.book.name(facet, code)}`, el("span.soft", {}, first ? "" : " (runner-up)"));
    const hover = () => this.hovered(facet, code);
    const summary = el("summary", { onmouseenter: hover, onfocus: hover }, title, el("span.weight", {}, signed(sum)));
    const box = el("details.ledger", { open: first, data: { facet, code } }, summary, list);
    const rest = sorted.slice(FEW);
    if (rest.length) box.append(this.more(list, rest, most));
    return box;
  }

  more(list, rest, most) {
    const together = signed(rest.reduce((total, line) => total + line.weight, 0));
    const button = el("button.quiet", { type: "button", onclick: () => {
      const items = rest.map((line) => this.line(line, most));
      list.append(...items);
      (items[0].querySelector("button") || list).focus();
      button.remove();
    } }, `${rest.length} smaller, together ${together}`);
    return button;
  }

  line(line, most) {
    const placed = Boolean(line.segments) || (line.sentence ?? null) !== null;
    const bar = el(`span.${line.weight < 0 ? "minus" : "plus"}`);
    bar.style.width = `${(50 * Math.abs(line.weight)) / most}%`;
    const cells = [el("span.what", { dir: "auto" }, wordsOf(line)), el("span.bar", { "aria-hidden": "true" }, bar), el("span.weight", {}, signed(line.weight))];
    const data = { sentence: line.sentence ?? "" };
    if (!placed) return el("li", { data }, el("div.line", {}, cells));
    const show = () => this.light(line.segments, line.sentence), end = () => this.light(null);
    const heard = { onmouseenter: show, onfocus: show, onclick: show, onmouseleave: end, onblur: end };
    return el("li", { data }, el("button.line", { type: "button", title: "Shows its place in the text", ...heard }, cells));
  }

  /** Set off the lines that a sentence holds. */
  mark(sentence) {
    for (const item of this.node.querySelectorAll("li")) item.classList.toggle("here", sentence !== null && item.dataset.sentence === String(sentence));
  }
}
