// The cues of a whole case: what the tagger gives each, and what the coder says instead.
import { el, fill, percent } from "./dom.js";

const readable = (value) => value.replaceAll("_", " ");

/** `choose` is called to code another one. */
export function drawCues(book, given, draft, choose) {
  const found = new Map((given.cue_codes || []).map((code) => [code.cue, code]));
  const items = book.cues.filter((cue) => cue.coded && (found.has(cue.id) || draft[cue.id])).map((cue) => {
    const mine = draft[cue.id], code = found.get(cue.id);
    const other = code && code.value !== mine ? `; tagger: ${readable(code.value)}` : "";
    const said = mine ? ` yours${other}` : ` ${percent(code.probability)}`;
    return el("li", {}, el(`span.dot.${book.hue(cue.id)}`), `${cue.label} `, el("strong", {}, readable(mine || code.value)), el("span.soft", {}, said));
  });
  fill("cue-codes", items.length ? [...items, el("li.plain", {}, el("button.quiet", { type: "button", onclick: choose }, "another"))] : [], "cues");
}
