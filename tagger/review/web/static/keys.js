// The keys are fixed here; nothing from the data or the server can bind one.
import { $, el, kbd } from "./dom.js";

const STORED = "tagger.keys";
export const BINDINGS = [
  ["a", "accept", "Accept and go on"],
  ["m", "model", "Choose another model (type its id or name, or arrow keys; Enter)"],
  ["e", "economy", "Choose another economy"],
  ["u", "unsure", "Accept, but not sure"],
  ["s", "skip", "Skip: it comes again at the end"],
  ["n", "note", "Write a note"],
  ["z", "undo", "Undo the last thing done"],
  ["j", "next", "Next case", " "],
  ["k", "back", "The case before"],
  ["f", "mention", "Next cue in the text"],
  ["F", "mentionBack", "The cue before"],
  ["w", "wrong", "Mark that cue as wrong (again: take it back)"],
  ["v", "words", "Select words: arrows move, Shift with arrows takes more"],
  ["c", "cue", "Say which cue the selected words are; without words: code a cue of the whole case"],
  ["g", "sentence", "Next sentence with evidence"],
  ["G", "sentenceBack", "The sentence before"],
  ["/", "search", "Search"],
  ["?", "help", "These keys"],
];
const ONCE = new Set(["accept", "unsure", "skip", "undo", "model", "economy", "note", "wrong", "cue", "words", "help", "search"]); // a key held down acts once
const NAMES = { " ": "space" };

/** Call `actions[name]` for single keys (`number` with that of a digit), unless somebody is typing or a dialog is open. */
export function listen(actions) {
  const table = new Map(BINDINGS.flatMap(([key, name, , other]) => [[key, name], ...(other ? [[other, name]] : [])]));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || typing(event)) return;
    if (/^[1-9]$/.test(event.key) && actions.number && on()) return actions.number(Number(event.key));
    const name = table.get(event.key);
    if (!name || !Object.hasOwn(actions, name) || (!on() && name !== "help")) return;
    event.preventDefault();
    if (!(event.repeat && ONCE.has(name))) actions[name]();
  });
}

function typing(event) {
  if (document.querySelector("dialog[open]")) return true;
  const where = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (where && !["checkbox", "button"].includes(where.type)) return true;
  return event.key === " " && Boolean(event.target.closest?.("button, summary, a, input")); // space presses what has the focus
}

/** Whether single keys act (WCAG 2.1.4). */
function on() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch (error) {
    return true;
  }
}

/** Show the keys of a page that has these actions; `numbers` says what the digits do. */
export function help(actions, numbers = "") {
  const extra = numbers ? [[[kbd("1"), " to ", kbd("9")], numbers]] : [];
  const keysOf = (key, other) => [kbd(key), ...(other ? [" or ", kbd(NAMES[other] || other)] : [])];
  const rows = BINDINGS.filter(([, name]) => Object.hasOwn(actions, name)).map(([key, , words, other]) => [keysOf(key, other), words]);
  $("keys-list").replaceChildren(...[...rows, ...extra].flatMap(([keys, words]) => [el("dt", {}, keys), el("dd", {}, words)]));
  $("keys-on").checked = on();
  $("keys-on").onchange = () => {
    try {
      localStorage.setItem(STORED, $("keys-on").checked ? "on" : "off");
    } catch (error) {
      $("keys-on").checked = true;
    }
  };
  $("keys").showModal();
}
