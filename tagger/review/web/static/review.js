// The page on which people code: one case after the other, all of it by keyboard.
import { chooseCode } from "./choose.js";
import { Codebook } from "./codes.js";
import { cueActs } from "./cueacts.js";
import { drawCues } from "./cuecodes.js";
import { $, fill, say } from "./dom.js";
import { FilterBar } from "./filters.js";
import { held, same } from "./held.js";
import { help, listen } from "./keys.js";
import { LedgerView, linesOf, strongSentences } from "./ledger.js";
import { get } from "./net.js";
import { askNote } from "./notes.js";
import { Outbox } from "./outbox.js";
import { drawActions, drawChanges, drawEmpty, drawFacts, drawLegend, drawMarks, drawPeek, drawProgress, drawProposals, tellCodes } from "./panels.js";
import { Recorder } from "./recorder.js";
import { drawSaving } from "./saving.js";
import { TextView } from "./text.js";
import { Walk } from "./walk.js";

let book, outbox, recorder, walk, filters, text, ledger;
let given = null, draft = {}, state = null, lines = [], busy = false, going = null, cues;

// ---- showing
function show(found) {
  if (found.progress) drawProgress(found.progress);
  if (!found.case) return nothing(found.why);
  given = found.case;
  recorder.begin(given);
  state = held(given, outbox.eventsOf(given.id));
  draft = { ...(state.coding ? state.coding.codes : proposed()) };
  lines = linesOf(given);
  $("empty").hidden = true;
  $("case").hidden = false;
  $("reveal").hidden = true;
  text.show(given);
  ledger.show(given);
  drawLegend(book, given);
  drawChanges(given);
  drawPeek(book, given, lines, null);
  entry("model", draft.model);
  redraw();
  remember();
  document.title = `${given.title || given.id} · tagger`;
  $("read").scrollTop = $("why").scrollTop = 0;
  if (!document.querySelector("dialog[open]") && !$("filters").contains(document.activeElement)) $("case-title").focus({ preventScroll: true });
  scrollTo(0, 0);
  walk.look();
}

/** Draw again what a coder's acts change. */
function redraw() {
  state = held(given, outbox.eventsOf(given.id));
  const mine = state.coding && !state.stale ? state.coding : null;
  drawFacts(given, state);
  tellCodes(draft);
  drawProposals(book, given, draft, mine, { choose, take, hover: entry });
  drawCues(book, given, draft, cues.codeCue);
  text.marked(state.markings.map((event) => event.marking));
  drawMarks(text, state.markings, (event) => undo(event));
  fill("note-text", state.note ? [state.note] : [], "noted");
}

function nothing(why) {
  given = null;
  const clear = (words, values) => [words, () => filters.clear(values)];
  const some = filters.count > 0;
  const others = [clear("Show all cases", { state: "all" }), ["Undo the last", () => undo()], ["Dashboard", () => location.assign("/dashboard")]];
  const buttons = [...(some ? [clear("Show all that is to do", {})] : []), ...others];
  drawEmpty(some ? "Nothing more here" : "Done", why || "", buttons);
  say(why || "No more cases.");
}

const proposed = () => (given.suggestion ? { model: given.suggestion.model.code, economy: given.suggestion.economy.code } : {});
const entry = (facet, code) => $("entry").replaceChildren(...(code ? book.entry(facet, code) : []));
const named = (codes) => ["model", "economy"].filter((facet) => codes[facet]).map((facet) => book.name(facet, codes[facet])).join(", ");

/** The address tells which case is open and what is filtered, so that a reload comes back to it. */
function remember() {
  const told = new URLSearchParams(Object.entries({ ...filters.values, case: given ? given.id : "" }).filter(([, value]) => value));
  history.replaceState(null, "", `#${told}`);
}

// ---- going
/** Do one thing at a time: a key that comes meanwhile is not taken, since it was meant for what was seen then. */
function once(work) {
  if (!busy) going = doing(work);
  return going;
}

async function doing(work) {
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

const next = () => once(async () => {
  const before = given?.id, found = await walk.next();
  show(found);
  if (found.case && found.case.id === before) say("This is the only case left.");
});
const back = () => once(async () => {
  const found = await walk.back();
  if (found) show(found);
  else say("There is no case before this one.");
});
/** What is clicked must not get lost: it waits. */
const after = async (work) => {
  await going;
  return once(work);
};
const open = (id) => after(async () => show(await walk.go(id)));
const filtered = () => after(async () => {
  walk.restart(true);
  show(await walk.next());
});

// ---- coding
async function commit(sureness) {
  if (!given || busy) return;
  const blind = given.blind && !state.coding, complete = draft.model && draft.economy;
  if (!complete && sureness !== "unsure") return choose(draft.model ? "economy" : "model", sureness);
  if (complete && !book.allowed(draft)) return mend("economy", sureness);
  if (state.coding && !state.stale && same(state.coding.codes, draft) && (state.coding.sureness || "sure") === sureness) {
    say("As it was.");
    return next();
  }
  const sent = recorder.add("coding", { codes: { ...draft }, sureness });
  say(`${sureness === "unsure" ? "Not sure" : "Coded"}: ${named(draft) || "no code"}.`);
  redraw();
  if (!blind) return next();
  await sent;
  return reveal();
}

/** A coding of the case that is shown was undone: the codes are those of before. */
function rethink() {
  const before = state.coding;
  state = held(given, outbox.eventsOf(given.id));
  if (state.coding !== before) draft = { ...(state.coding ? state.coding.codes : proposed()) };
  redraw();
  walk.look();
}

/** Ask for the other facet, where two codes do not go together. */
function mend(facet, sureness) {
  const other = facet === "economy" ? "model" : "economy";
  return choose(facet, sureness, { only: true, why: `${book.name(other, draft[other])} does not go with ${book.name(facet, draft[facet])}.` });
}

async function choose(facet, sureness = "sure", how = {}) {
  if (!given || busy) return;
  const here = given, picked = await chooseCode(book, facet, draft, given, how);
  if (!picked || here !== given) return;
  draft[facet] = picked.id;
  book.complete(draft, facet);
  entry(facet, picked.id);
  redraw();
  if (picked.stay) return;
  if (draft.model && draft.economy && !book.allowed(draft)) return mend(facet === "economy" ? "model" : "economy", sureness);
  return commit(sureness);
}

function take(facet, code) {
  draft[facet] = code;
  redraw();
  say(`${book.name(facet, code)} chosen; a saves it.`);
}

/** After a blind answer: what the tagger had proposed, for information. */
async function reveal() {
  const id = given.id;
  if (outbox.isWaiting(id)) return say("Kept here; the suggestion is shown once the server has your answer.");
  const found = await get("/api/case", { id }).catch(() => null);
  if (!found || given?.id !== id || !found.case.suggestion) return;
  const { suggestion } = found.case, codes = state.coding?.codes || {};
  const alike = ["model", "economy"].every((facet) => suggestion[facet].code === codes[facet]);
  show(found);
  const how = alike ? "the same as you" : "not the same as you";
  $("reveal").textContent = `The tagger had proposed ${named(proposed())}: ${how}. Your answer is saved; j goes on.`;
  $("reveal").hidden = false;
  $("reveal").focus();
}

const skip = () => {
  if (!given || busy) return;
  recorder.add("skip");
  say("Skipped; it comes again at the end.");
  next();
};

async function note() {
  if (!given || busy) return;
  const here = given, words = await askNote(state.note);
  if (words === null || here !== given) return;
  recorder.add("note", { note: words });
  redraw();
  say("Note kept.");
}

/** Undo `event`, or the last thing done, and show its case again. */
function undo(event = null) {
  return once(async () => {
    const act = event ? { id: event.id, case: given.id } : recorder.last();
    if (!act) return say("There is nothing to undo.");
    recorder.undo(act);
    await outbox.flush();
    walk.restart();
    if (given?.id === act.case) rethink();
    else show(await walk.go(act.case));
    say(`Undone: ${act.what || "marking"}.`);
  });
}

// ---- go
async function begin() {
  const start = await get("/api/start");
  book = new Codebook({ ...start.codebook, cues: start.cues || start.codebook.cues }, start.pairs);
  outbox = new Outbox(JSON.stringify([start.project || "", start.coder]), (progress) => { drawProgress(progress); drawSaving(outbox, open); });
  recorder = new Recorder(outbox, start.versions.codebook);
  ledger = new LedgerView($("ledger"), book, (segments, sentence) => text.light(segments, sentence), entry);
  text = new TextView($("text"), book, (at) => {
    if (!given) return;
    if (at?.mention !== undefined && at.mention !== text.mention && document.activeElement?.tagName === "MARK") text.mention = at.mention;
    drawPeek(book, given, lines, at);
    ledger.mark(at?.sentence ?? null);
  });
  filters = new FilterBar(start, book, filtered);
  walk = new Walk(() => filters.values, () => outbox.sending || Promise.resolve());
  drawProgress(start.progress);
  cues = cueActs({ book, recorder, text, redraw, undo, now: () => ({ given: busy ? null : given, state, draft }) });
  document.addEventListener("keydown", cues.wordKeys, true);
  const strong = () => strongSentences(lines);
  const mention = (step) => text.moveMention(step) || say("No cues in this text.");
  const sentence = (step) => text.moveSentence(step, strong()) || say("No sentence holds evidence.");
  const actions = {
    accept: () => commit("sure"), model: () => choose("model"), economy: () => choose("economy"), unsure: () => commit("unsure"), skip, note,
    undo: () => undo(), next, back, mention: () => mention(1), mentionBack: () => mention(-1), sentence: () => sentence(1), sentenceBack: () => sentence(-1),
    wrong: cues.wrong, words: cues.words, cue: cues.sayCue, search: () => $("search").select(), help: () => help(actions),
  };
  drawActions([
    ["a", "Accept", actions.accept, true], ["m", "Model", actions.model], ["e", "Economy", actions.economy], ["u", "Not sure", actions.unsure],
    ["s", "Skip", skip], ["n", "Note", note], ["z", "Undo", actions.undo], ["j", "Next", next],
  ]);
  listen(actions);
  $("keys-open").addEventListener("click", actions.help);
  $("unsaved").addEventListener("click", () => outbox.flush());
  $("search").addEventListener("keydown", (event) => {
    if (["Escape", "Enter"].includes(event.key)) $("case-title").focus(); // Enter searches at once: filters.js
  });
  const place = new URLSearchParams(location.hash.slice(1));
  filters.set(Object.fromEntries(place));
  await outbox.flush();
  drawSaving(outbox, open);
  await once(async () => show(await (place.get("case") ? walk.go(place.get("case")).catch(() => walk.next()) : walk.next())));
}

begin().catch((error) => {
  const why = error.offline ? "The server does not answer. Is it running? Load this page again when it is." : error.message;
  drawEmpty("The review could not be opened", why, [["Load again", () => location.reload()]]);
});
