// What the outbox has to tell, on the page: what waits, why, and what the server refused with the way out.
import { $, el, fill, plural, say } from "./dom.js";

const LOGGED_OUT = "You are logged out: the server was started anew, or your token was revoked. Open the address that the server printed, in this browser.";
const SOON = 1000; // milliseconds
let again = 0;

/** Draw the state of `outbox`; `open(id)` shows a case again. */
export function drawSaving(outbox, open) {
  const waiting = outbox.waiting.length, fresh = waiting && !outbox.problem && Date.now() - outbox.waiting[0].n < SOON;
  clearTimeout(again);
  if (fresh) again = setTimeout(() => drawSaving(outbox, open), SOON); // what is on its way is no news
  $("unsaved").hidden = !waiting || fresh;
  $("unsaved").textContent = `${waiting} not yet saved`;
  const words = connection(outbox, waiting);
  if ($("connection").textContent !== words) $("connection").textContent = words;
  $("connection").hidden = !words;
  fill("refused", outbox.refused.map((entry) => refusal(entry, outbox, open)), "problems");
}

function connection(outbox, waiting) {
  if (!outbox.stored) return "This browser keeps nothing for this page (private window, or its storage is full). Do not close it before all is saved.";
  if (!outbox.problem) return "";
  const some = plural(waiting, "answer is", "answers are");
  const kept = waiting ? `${some} kept in this browser and sent as soon as that is possible.` : "All that you did is saved.";
  if (outbox.problem.status === 401) return `${LOGGED_OUT} ${kept}`;
  if (outbox.problem.offline) return `The server does not answer. Is it still running? ${kept}`;
  return `The server has a problem: ${outbox.problem.message} ${kept}`;
}

const WHAT = { coding: "coding", skip: "skipping", undo: "undoing", mention: "marking", note: "note", adjudication: "decision" };

function refusal(entry, outbox, open) {
  const { event } = entry;
  const told = Object.entries(event.codes || {}).map(([name, code]) => `${name} ${code}`).join(", ") || event.note;
  const button = (words, onclick) => el("button", { type: "button", onclick }, words);
  return el("li", {},
    el("p", {}, el("strong", { dir: "auto" }, entry.title || event.case), ` (${WHAT[event.kind] || event.kind}${told ? `: ${told}` : ""}): ${entry.why}`),
    el("p.buttons", {},
      button("Show the case as it is now", () => open(event.case)),
      button("Send again", () => outbox.retry(event.id)),
      button("Drop it", () => { outbox.drop(event.id); say("Dropped."); })));
}
