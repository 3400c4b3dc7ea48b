// Deciding where coders differ: their codings, notes and the evidence side by side.
import { chooseCode } from "./choose.js";
import { Codebook } from "./codes.js";
import { $, el, kbd, lasting, plural, say } from "./dom.js";
import { help, listen } from "./keys.js";
import { LedgerView, linesOf } from "./ledger.js";
import { get } from "./net.js";
import { askNote } from "./notes.js";
import { Outbox } from "./outbox.js";
import { drawActions, drawChanges, drawEmpty, drawLegend, drawPeek, drawProposals, tellCodes } from "./panels.js";
import { Recorder } from "./recorder.js";
import { drawSaving } from "./saving.js";
import { TextView } from "./text.js";

const FACETS = ["model", "economy"];
let book, outbox, recorder, text, ledger;
let divided = [], at = 0, given = null, lines = [], draft = {}, noted = "", busy = false, revisiting = false;

const current = () => divided[at];
const entry = (facet, code) => $("entry").replaceChildren(...(code ? book.entry(facet, code) : []));
const name = (key, code) => (!code ? "–" : FACETS.includes(key) ? book.name(key, code) : code.replaceAll("_", " "));

/** What all coders who coded it gave; what they differ on is left open. */
function shared(verdicts) {
  const names = [...new Set(verdicts.flatMap((verdict) => Object.keys(verdict.codes)))];
  return Object.fromEntries(names.flatMap((key) => {
    const codes = new Set(verdicts.map((verdict) => verdict.codes[key]).filter(Boolean));
    return codes.size === 1 ? [[key, [...codes][0]]] : [];
  }));
}

// ---- showing
async function show(id = null) {
  if (id !== null) at = Math.max(0, divided.findIndex((one) => one.case === id));
  const open = divided.filter((one) => one.open).length;
  $("pace").textContent = divided.length ? `${at + 1} of ${plural(divided.length, "case")} · ${open} open` : "";
  if (!divided.length || (!open && !revisiting)) return nothing();
  given = (await get("/api/case", { id: current().case })).case;
  recorder.begin(given);
  draft = { ...shared(current().verdicts), ...current().decision?.codes };
  noted = current().decision?.note || "";
  lines = linesOf(given);
  $("empty").hidden = true;
  $("case").hidden = false;
  $("case-title").textContent = given.title || given.id;
  const decided = current().open ? "" : ` · decided by ${current().decision.coder}`;
  $("case-facts").textContent = `id ${given.id} · they differ on ${current().facets.join(" and ")}${decided}`;
  text.show(given);
  ledger.show(given);
  drawLegend(book, given);
  drawChanges(given);
  const [facet] = current().facets;
  entry(facet, current().verdicts[0].codes[facet]);
  redraw();
  $("read").scrollTop = $("why").scrollTop = 0;
  $("case-title").focus({ preventScroll: true });
}

function nothing() {
  given = null;
  const look = divided.length ? [["Look at those that are decided", () => { revisiting = true; load(); }]] : [];
  const buttons = [["Look again", () => load()], ...look, ["Undo the last", undo], ["Dashboard", () => location.assign("/dashboard")]];
  drawEmpty("Nothing to decide", "Wherever two people coded a case in its present text, they agree, or somebody has decided.", buttons);
}

function redraw() {
  drawSides();
  tellCodes(draft);
  drawProposals(book, { suggestion: null }, draft, null, { choose, hover: entry, take: (facet, code) => { draft[facet] = code; redraw(); } });
}

function drawSides() {
  const { verdicts, facets, markings = {} } = current();
  const keys = [...new Set([...FACETS, ...verdicts.flatMap((verdict) => Object.keys(verdict.codes))])];
  const line = (words, cells, differ = false) =>
    el("tr", {}, el(differ ? "th.differ" : "th", { scope: "row" }, words), cells.map((content) => el("td", { dir: "auto" }, content)));
  const proposed = (key) => (given.suggestion?.[key] ? name(key, given.suggestion[key].code) : "–");
  const rows = keys.map((key) =>
    line(key.replaceAll("_", " "), [...verdicts.map((verdict) => codeOf(key, verdict.codes[key])), el("span.soft", {}, proposed(key))], facets.includes(key)));
  const add = (words, cell) => rows.push(line(words, [...verdicts.map(cell), ""]));
  add("how sure", (verdict) => (verdict.sureness === "unsure" ? "not sure" : verdict.sureness || "–"));
  add("saw", (verdict) => (verdict.blind ? "nothing (blind)" : "the suggestion"));
  add("took", (verdict) => (verdict.seconds === null ? "–" : lasting(verdict.seconds)));
  if (verdicts.some((verdict) => verdict.note)) add("note", (verdict) => el("span.note", {}, verdict.note || ""));
  if (Object.values(markings).some((list) => list.length)) add("marked", (verdict) => marks(markings[verdict.coder] || []));
  const head = (verdict, n) => el("th", { scope: "col" },
    el("button", { type: "button", title: "Take these codes", onclick: () => take(n + 1) }, el("bdi", {}, verdict.coder), kbd(String(n + 1))));
  $("sides").replaceChildren(el("table", {},
    el("thead", {}, el("tr", {}, el("td"), verdicts.map(head), el("th.soft", { scope: "col" }, "tagger"))), el("tbody", {}, rows)));
}

function codeOf(key, code) {
  if (!code || !FACETS.includes(key)) return name(key, code);
  const show = () => entry(key, code);
  return el("button.link", { type: "button", onmouseenter: show, onfocus: show, onclick: () => { draft[key] = code; redraw(); } }, name(key, code));
}

const marks = (list) => el("ul", {}, list.map((marking) =>
  el("li", {}, `${marking.verdict === "wrong" ? "✗" : "+"} `, el("q", {}, text.wordsOf(marking)), ` ${marking.cue} = ${marking.value}`)));

// ---- acting
/** Do one thing at a time, and tell what went wrong. */
async function once(work) {
  if (busy) return;
  busy = true;
  try {
    await work();
    outbox.heard(null);
  } catch (error) {
    outbox.heard(error);
    say(error.message);
  } finally {
    busy = false;
  }
}

const load = (id = null) => once(() => reload(id));

async function reload(id = null) {
  divided = (await get("/api/disagreements")).disagreements;
  const among = revisiting ? divided.length : divided.filter((one) => one.open).length;
  at = Math.min(at, Math.max(0, among - 1));
  await show(id);
}

const move = (step) => once(async () => {
  if (!divided.length) return;
  at = (at + step + divided.length) % divided.length;
  await show();
});

function take(n) {
  const verdict = given && current().verdicts[n - 1];
  if (!verdict) return;
  draft = { ...draft, ...verdict.codes };
  redraw();
  say(`${verdict.coder}'s codes: ${FACETS.map((facet) => name(facet, draft[facet])).join(", ")}; a decides so.`);
}

async function choose(facet, how = {}) {
  if (!given || busy) return;
  const picked = await chooseCode(book, facet, draft, given, how);
  if (!picked) return;
  draft[facet] = picked.id;
  book.complete(draft, facet);
  entry(facet, picked.id);
  redraw();
  if (!picked.stay) await decide("sure", facet);
}

/** Decide, if both codes are there and go together; else ask for the one that is missing (`last`: the facet that was chosen last). */
async function decide(sureness, last = "model") {
  if (!given) return;
  const missing = FACETS.find((facet) => !draft[facet]);
  if (missing) return choose(missing);
  const other = last === "model" ? "economy" : "model";
  if (!book.allowed(draft)) return choose(other, { only: true, why: `${name(other, draft[other])} does not go with ${name(last, draft[last])}.` });
  return once(async () => {
    const sent = recorder.add("adjudication", { codes: { ...draft }, sureness, note: noted });
    await sent;
    const words = `Decided: ${FACETS.map((facet) => name(facet, draft[facet])).join(", ")}.`;
    if (outbox.isWaiting(given.id)) return say(`${words} Kept here until the server answers.`);
    await reload();
    say(words);
  });
}

async function note() {
  if (!given) return;
  const words = await askNote(noted);
  if (words !== null) noted = words;
  if (words) say("The note goes with your decision.");
}

function undo() {
  return once(async () => {
    const act = recorder.last();
    if (!act) return say("There is nothing to undo.");
    await recorder.undo(act);
    revisiting = false;
    await reload(act.case);
    say(`Undone: ${act.what}.`);
  });
}

// ---- go
async function begin() {
  const start = await get("/api/start");
  book = new Codebook({ ...start.codebook, cues: start.cues }, start.pairs);
  outbox = new Outbox(JSON.stringify([start.project || "", start.coder]), () => drawSaving(outbox, (id) => load(id)));
  recorder = new Recorder(outbox, start.versions.codebook);
  ledger = new LedgerView($("ledger"), book, (segments, sentence) => text.light(segments, sentence), entry);
  text = new TextView($("text"), book, (under) => {
    drawPeek(book, given, lines, under);
    ledger.mark(under?.sentence ?? null);
  });
  const actions = {
    accept: () => decide("sure"), unsure: () => decide("unsure"), model: () => choose("model"), economy: () => choose("economy"), note, undo,
    next: () => move(1), back: () => move(-1), number: take,
    mention: () => text.moveMention(1), mentionBack: () => text.moveMention(-1), help: () => help(actions, "Take that coder's codes"),
  };
  drawActions([
    ["a", "Decide", actions.accept, true], ["m", "Model", actions.model], ["e", "Economy", actions.economy], ["u", "Not sure", actions.unsure],
    ["n", "Note", note], ["z", "Undo", undo], ["k", "Back", actions.back], ["j", "Next", actions.next],
  ]);
  listen(actions);
  $("keys-open").addEventListener("click", actions.help);
  $("unsaved").addEventListener("click", () => outbox.flush());
  await outbox.flush();
  drawSaving(outbox, (id) => load(id));
  await load();
}

begin().catch((error) => drawEmpty("This could not be opened", error.message, [["Load again", () => location.reload()]]));
