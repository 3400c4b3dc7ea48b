// Choosing codes and cues: what the picker offers, and in which order.
import { el, kbd, percent } from "./dom.js";
import { pick } from "./picker.js";

const OTHER = { economy: "model", model: "economy" };

/** What the tagger says of a code, in two words. */
function noteOf(proposal, code, runner) {
  if (!proposal) return "";
  if (code === proposal.code) return `tagger, ${percent(proposal.probability)}`;
  if (proposal.set.includes(code)) return "plausible";
  return code === runner ? "runner-up" : "";
}

/**
 * Ask for a code of `facet`. `draft` is what is chosen so far; the codes that do not go with the other facet's are left out with `only`, and where this
 * facet has none yet.
 * Resolves as pick().
 */
export function chooseCode(book, facet, draft, given, { only = false, why = "" } = {}) {
  const proposal = given.suggestion?.[facet], other = OTHER[facet], first = !draft[facet];
  only ||= first && Boolean(draft[other]);
  const runner = Object.keys(given.ledger?.[facet] || {}).find((code) => code !== proposal?.code);
  const goes = (id) => !draft[other] || book.allowed({ ...draft, [facet]: id });
  const options = book.codesOf(facet).filter((code) => !only || goes(code.id)).map((code) => {
    const notes = [code.id === draft[facet] ? "chosen" : "", noteOf(proposal, code.id, runner), goes(code.id) ? "" : `not with ${draft[other]}`];
    return { id: code.id, label: book.label(facet, code.id), name: book.name(facet, code.id), note: notes.filter(Boolean).join(" · ") };
  });
  const there = (id) => id !== draft[facet] && goes(id) && options.some((option) => option.id === id);
  const likely = proposal && [...proposal.set, proposal.code, runner].find(there);
  return pick({
    title: only || first ? `Which ${facet}?` : `Another ${facet}`,
    why, options,
    selected: likely || options.find((option) => option.id !== draft[facet])?.id,
    hint: [kbd("Enter"), " chooses, saves and goes on · ", kbd("Shift"), "+", kbd("Enter"), " only chooses · ", kbd("Esc"), " back"],
    entry: (option) => book.entry(facet, option.id),
  });
}

/** Ask which cue, and which value of it. `coded`: only the cues that a whole case is coded by. Resolves to { cue, value } or null. */
export async function chooseCue(book, title, coded = false) {
  const cues = book.cues.filter((cue) => !coded || cue.coded);
  const options = cues.flatMap((cue) => cue.values.map((value) => ({
    id: `${cue.id} = ${value.id}`, label: `${value.label} ${cue.label}`, cue, value,
    name: el("span", {}, el(`span.dot.${book.hue(cue.id)}`), `${cue.label} = ${value.label}`),
  })));
  const picked = await pick({
    title, options,
    hint: [kbd("Enter"), " chooses · ", kbd("Esc"), " back"],
    entry: ({ cue, value }) => [el("h2", {}, `${cue.label} = ${value.label}`), el("p", {}, cue.asks), el("p", {}, value.definition)],
  });
  if (!picked) return null;
  const { cue, value } = options.find((option) => option.id === picked.id);
  return { cue: cue.id, value: value.id };
}
