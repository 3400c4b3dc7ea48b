// What a coder does to cues: a mention is wrong, some words are a cue, the whole case has one.
import { chooseCue } from "./choose.js";
import { say } from "./dom.js";
import { sameMention } from "./text.js";

const SHOWN = 60; // characters of the selected words in the question

/**
 * `page`: book, recorder, text, redraw(), undo(event), and now() for { given, state, draft } of the case that is shown (given: null where none is, or another
 * one is coming).
 */
export function cueActs(page) {
  const { book, recorder, text } = page;

  function wrong() {
    const { given, state } = page.now();
    if (!given) return;
    if (text.mention < 0) return say("Go to a cue first: f.");
    const { cue, value, start, end } = given.mentions[text.mention];
    const before = state.markings.find(({ marking }) => marking.verdict === "wrong" && sameMention(marking, given.mentions[text.mention]));
    if (before) return page.undo(before);
    recorder.add("mention", { marking: { verdict: "wrong", cue, value, start, end } });
    page.redraw();
    say(`Marked as wrong: ${cue} = ${value}.`);
  }

  async function sayCue() {
    const { given } = page.now(), chosen = given && text.selected();
    if (!chosen) return codeCue();
    const range = getSelection().getRangeAt(0).cloneRange();
    const words = chosen.words.length > SHOWN ? `${chosen.words.slice(0, SHOWN - 3)}…` : chosen.words;
    const cue = await chooseCue(book, `Which cue is “${words}”?`);
    text.endWords();
    getSelection().removeAllRanges();
    if (page.now().given !== given) return;
    if (!cue) return getSelection().addRange(range);
    recorder.add("mention", { marking: { verdict: "added", ...cue, start: chosen.start, end: chosen.end } });
    page.redraw();
    say(`Marked: ${cue.cue} = ${cue.value}.`);
  }

  /** Code a cue of the whole case; it is saved with the codes. */
  async function codeCue() {
    const { given, draft } = page.now();
    const cue = given && await chooseCue(book, "Which cue has the whole case?", true);
    if (!cue || page.now().given !== given) return;
    draft[cue.cue] = cue.value;
    page.redraw();
    say(`${cue.cue} = ${cue.value}; a saves it with the codes.`);
  }

  function words() {
    if (page.now().given && text.startWords()) say("Arrow keys move from word to word, with Shift they take more; c says which cue they are.");
  }

  /** While words are selected by keyboard, the arrows belong to them. */
  function wordKeys(event) {
    if (!text.words || document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
    if (event.key === "Escape") {
      text.endWords();
      getSelection().removeAllRanges();
    } else if (step) text.moveWords(step, event.shiftKey);
    else return;
    event.preventDefault();
  }

  return { wrong, sayCue, codeCue, words, wordKeys };
}
