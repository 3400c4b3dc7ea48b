// The parts of the page that show a case, apart from its text and its ledger.
import { $, el, fill, kbd, lasting, percent, plural, signed } from "./dom.js";
import { weightOf } from "./ledger.js";
import { described } from "./text.js";

const KINDS = [
  ["status", "negated", "¬ negated"], ["status", "past", "↶ past"], ["status", "planned", "→ planned"], ["status", "other", "≠ of another"],
  ["voice", "quoted", "” quoted"], ["voice", "self", "I by itself"],
];
const FACETS = ["model", "economy"], KEYS = { model: "m", economy: "e" };
const STATUS = { decided: "decided", abstained: "cannot tell", gated: "no initiative" };

/** The codes as chosen so far, beside what the tagger proposes. `hooks`: choose(facet), hover(facet, code). */
export function drawProposals(book, given, draft, mine, hooks) {
  $("proposals").replaceChildren(...FACETS.map((facet) => card(book, facet, given.suggestion?.[facet], draft[facet], mine, hooks)));
}

function card(book, facet, proposal, code, mine, hooks) {
  const changed = proposal && code && code !== proposal.code, agreed = proposal && code === proposal.code;
  const said = [];
  if (proposal && !agreed) said.push(el("p.small", {}, "tagger: ", codeButton(book, facet, proposal.code, hooks), ` ${percent(proposal.probability)}`));
  const others = proposal ? proposal.set.filter((other) => other !== code && other !== proposal.code) : [];
  if (others.length) said.push(el("p.small", {}, "also plausible: ", others.flatMap((other, n) => [n ? ", " : "", codeButton(book, facet, other, hooks)])));
  const own = mine && mine.codes[facet] === code ? (mine.sureness === "unsure" ? "yours, not sure" : "yours") : changed ? "changed" : "";
  const hover = () => code && hooks.hover(facet, code);
  return el("div.proposal", {},
    el("div.facet", {}, el("span.soft", {}, facet), agreed ? sure(proposal) : [], own ? el("span.tag.mine", {}, own) : agreed ? statusTag(proposal) : ""),
    el("button.code", { type: "button", title: `Choose another ${facet}`, onclick: () => hooks.choose(facet), onmouseenter: hover, onfocus: hover },
      el("span", {}, code ? book.name(facet, code) : "choose"), kbd(KEYS[facet])),
    ...said);
}

const sure = ({ probability }) =>
  [el("meter", { min: "0", max: "1", value: String(probability), "aria-hidden": "true" }), el("span.percent", {}, percent(probability))];
const statusTag = ({ status }) => (Object.hasOwn(STATUS, status) ? el(`span.tag.${status}`, {}, STATUS[status]) : el("span.tag", {}, status));

function codeButton(book, facet, code, hooks) {
  const hover = () => hooks.hover(facet, code), take = () => hooks.take(facet, code);
  return el("button.link", { type: "button", onmouseenter: hover, onfocus: hover, onclick: take, title: "Take this one" }, book.name(facet, code));
}

/** The buttons, each with its key: [key, words, action, main]. */
export function drawActions(actions) {
  $("actions").replaceChildren(...actions.map(([key, words, action, main]) => {
    const label = el("span", {}, words, main ? el("span", { id: "what" }) : "");
    return el(main ? "button.primary" : "button", { type: "button", onclick: action, "aria-keyshortcuts": key }, label, kbd(key));
  }));
}

/** Say on the first button which codes it saves. */
export function tellCodes(draft) {
  $("what").textContent = draft.model && draft.economy ? ` ${draft.model}, ${draft.economy}` : "";
}

export function drawChanges(given) {
  const told = Object.values(given.changes || {}).map((change) => change.sentence).filter(Boolean);
  fill("changes-list", told.map((sentence) => el("li", { dir: "auto" }, sentence)), "changes");
}

export function drawFacts(given, state) {
  const facts = [`id ${given.id}`];
  if (given.audit) facts.push("random check");
  if (given.blind) facts.push("blind: code it before you see the suggestion");
  if (state.stale) facts.push("the text has changed since you coded it");
  if (state.skipped) facts.push("you skipped it");
  $("case-title").textContent = given.title || given.id;
  $("case-facts").textContent = facts.join(" · ");
}

/** Which signs stand in this text. */
export function drawLegend(book, given) {
  const items = [], seen = (test) => given.mentions.some(test);
  for (const { id, label } of book.cues) {
    if (seen((m) => m.cue === id)) items.push(el("li", {}, el(`mark.${book.hue(id)}`, { data: { sign: book.sign(id) } }, label)));
  }
  for (const [key, value, words] of KINDS) if (seen((m) => m[key] === value)) items.push(el("li", {}, el(`mark.plain.${value}`, {}, words)));
  fill("legend", items);
}

/** The coder's own markings, each to be taken back. */
export function drawMarks(view, markings, takeBack) {
  fill("marks-list", markings.map((event) => {
    const { marking } = event;
    const wrong = marking.verdict === "wrong", words = el("q", { dir: "auto" }, view.wordsOf(marking));
    const told = el("span", {}, wrong ? "✗ wrong: " : "+ ", words, ` ${wrong ? "is not" : "says"} ${marking.cue} = ${marking.value}`);
    return el("li", {}, told, el("button.quiet", { type: "button", onclick: () => takeBack(event) }, "take back"));
  }), "marks");
}

/** What is under the cursor in the text: the mention, and what its sentence weighs. */
export function drawPeek(book, given, lines, at) {
  const parts = [];
  if (at?.mention !== undefined) parts.push(el("span", {}, el("strong", {}, described(given.mentions[at.mention])), " ", kbd("w"), " wrong"));
  if (at?.sentence !== undefined && !Number.isNaN(at.sentence)) {
    const sums = weightOf(at.sentence, lines).slice(0, 4);
    const said = sums.flatMap(([, code, sum], n) => [n ? ", " : "", el(`span.${sum < 0 ? "less" : "more"}`, {}, signed(sum)), ` for ${code}`]);
    parts.push(el("span", {}, `Sentence ${at.sentence + 1}: `, sums.length ? said : "no evidence of its own"));
  }
  $("peek").replaceChildren(...parts);
}

export function drawProgress(progress) {
  if (!progress) return;
  const { done, left, skipped, seconds_each: each } = progress;
  $("bar").max = Math.max(1, done + left);
  $("bar").value = done;
  const parts = [`${done} done`, `${left} left${skipped ? ` (${skipped} skipped)` : ""}`];
  if (each && left) parts.push(`${lasting(each)} each`, `about ${lasting(each * left)} to go`);
  $("pace").textContent = parts.join(" · ");
  $("pace").title = `${plural(progress.audit_done + progress.audit_left, "case")} of the random check: ${progress.audit_done} done`;
}

/** Say why there is no case, and what can be done about it: buttons [words, action]. */
export function drawEmpty(title, why, buttons) {
  const button = ([words, action]) => el("button", { type: "button", onclick: action }, words);
  $("empty").replaceChildren(el("h1", {}, title), el("p", {}, why), el("p.buttons", {}, buttons.map(button)));
  $("empty").hidden = false;
  $("case").hidden = true;
  $("empty").focus();
}
