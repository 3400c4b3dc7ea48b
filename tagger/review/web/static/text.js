// The text of a case: its cues, its sentences, and the words that a coder selects.
import { el } from "./dom.js";

const STATUS_SIGNS = { affirmed: "", negated: "¬", past: "↶", planned: "→", other: "≠" };
const STATUS_WORDS = { affirmed: "", negated: "negated", past: "in the past", planned: "planned", other: "said of another" };
const VOICE_SIGNS = { page: "", quoted: "”", self: "I" };
const VOICE_WORDS = { page: "said by the page", quoted: "said in a quotation", self: "said by the initiative itself" };
const known = (table, key) => (Object.hasOwn(table, key) ? table[key] : key);
const classOf = (table, key) => (Object.hasOwn(table, key) ? key : "");

/** "ownership = members, planned, said by the page". */
export function described(mention) {
  return [`${mention.cue} = ${mention.value}`, known(STATUS_WORDS, mention.status), known(VOICE_WORDS, mention.voice)].filter(Boolean).join(", ");
}

/** Whether a marking is about a mention. */
export const sameMention = (one, other) => ["cue", "value", "start", "end"].every((key) => one[key] === other[key]);

export class TextView {
  /** `told` is called with what is under the cursor: { mention }, { sentence } or null. */
  constructor(node, book, told) {
    Object.assign(this, { node, book, told, mention: -1, words: null });
    node.addEventListener("mouseover", (event) => this.under(event.target));
    node.addEventListener("mouseleave", () => this.told(null));
    node.addEventListener("focusin", (event) => this.under(event.target));
    node.addEventListener("click", (event) => this.clicked(event.target));
  }

  show(given) {
    this.given = given;
    this.mention = -1;
    this.sentence = -1;
    this.words = null;
    this.wrong = new Set();
    this.pieces = given.segments.map((segment, n) => this.piece(segment, n));
    const sentences = [];
    given.segments.forEach((segment, n) => {
      if (!n || segment.sentence !== given.segments[n - 1].sentence) sentences.push(el("span.sentence", { data: { sentence: segment.sentence ?? "" } }));
      sentences.at(-1).append(this.pieces[n]);
    });
    this.sentences = sentences;
    this.node.replaceChildren(...sentences);
    highlight([]);
  }

  piece(segment, n) {
    const data = { n };
    const mentions = (segment.mentions || []).map((m) => this.given.mentions[m]);
    if (!mentions.length) return el("span", { data }, segment.text);
    const first = mentions[0], next = this.given.segments[n + 1];
    const ending = segment.mentions.filter((m) => !(next?.mentions || []).includes(m)).map((m) => this.given.mentions[m]);
    const sign = ending.map((m) => [known(STATUS_SIGNS, m.status), this.book.sign(m.cue), known(VOICE_SIGNS, m.voice)].join("")).join(" ");
    const starting = segment.mentions.some((m) => !(this.given.segments[n - 1]?.mentions || []).includes(m));
    const words = mentions.map(described).join("; ");
    const goesOn = (m) => !ending.includes(this.given.mentions[m]);
    const place = [starting ? "begins" : "", segment.mentions.every(goesOn) ? "" : "ends"];
    const classes = [...place, this.book.hue(first.cue), classOf(STATUS_SIGNS, first.status), classOf(VOICE_SIGNS, first.voice)].filter(Boolean).join(".");
    return el(`mark.${classes}`, { data: { n, sign }, title: words, "aria-description": words, tabindex: starting ? "-1" : null }, segment.text);
  }

  // ---- what is under the cursor
  under(target) {
    const mark = target.closest?.("mark"), sentence = target.closest?.(".sentence");
    if (mark) this.told({ mention: this.given.segments[mark.dataset.n].mentions[0], sentence: Number(sentence.dataset.sentence) });
    else if (sentence) this.told({ sentence: Number(sentence.dataset.sentence) });
  }

  clicked(target) {
    const mark = target.closest?.("mark");
    if (mark && getSelection().isCollapsed) this.focusMention(this.given.segments[mark.dataset.n].mentions[0]);
  }

  piecesOf(m) { return this.pieces.filter((_, n) => (this.given.segments[n].mentions || []).includes(m)); }

  focusMention(m) {
    this.mention = m;
    for (const piece of this.pieces) piece.classList.remove("current");
    const pieces = this.piecesOf(m);
    for (const piece of pieces) piece.classList.add("current");
    if (!pieces.length) return;
    pieces[0].tabIndex = -1;
    pieces[0].focus({ preventScroll: true });
    pieces[0].scrollIntoView({ block: "nearest" });
    this.told({ mention: m, sentence: this.given.segments[pieces[0].dataset.n].sentence });
  }

  /** Move to the next (1) or previous (-1) mention, in text order. */
  moveMention(step) {
    const count = this.given.mentions.length;
    if (!count) return false;
    this.focusMention(this.mention < 0 ? (step > 0 ? 0 : count - 1) : (this.mention + step + count) % count);
    return true;
  }

  /** Move to the next or previous sentence that holds evidence (`strong`: their numbers). */
  moveSentence(step, strong) {
    if (!strong.length) return false;
    const at = strong.indexOf(this.sentence);
    this.sentence = strong[at < 0 ? (step > 0 ? 0 : strong.length - 1) : (at + step + strong.length) % strong.length];
    const node = this.sentences.find((one) => Number(one.dataset.sentence) === this.sentence);
    if (!node) return false;
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** Light up the segments [first, behind), or else the sentence. */
  light(segments, sentence = null) {
    for (const node of this.node.querySelectorAll(".lit")) node.classList.remove("lit");
    if (segments) this.pieces.slice(...segments).forEach((piece) => piece.classList.add("lit"));
    else if (sentence !== null) this.sentences.filter((one) => Number(one.dataset.sentence) === sentence).forEach((one) => one.classList.add("lit"));
    this.node.querySelector(".lit")?.scrollIntoView({ block: "nearest" });
  }

  /** Show the coder's own markings: mentions that are wrong, and words with a cue of their own. */
  marked(markings) {
    const wrong = markings.filter((marking) => marking.verdict === "wrong");
    this.wrong = new Set(this.given.mentions.flatMap((m, n) => (wrong.some((marking) => sameMention(m, marking)) ? [n] : [])));
    this.pieces.forEach((piece, n) => piece.classList.toggle("wrong", (this.given.segments[n].mentions || []).some((m) => this.wrong.has(m))));
    highlight(markings.filter((marking) => marking.verdict === "added").map((marking) => this.rangeOf(marking)).filter(Boolean));
  }

  // ---- places: a code point of the text, or [segment, UTF-16 offset in it]
  spot(place) {
    if (Array.isArray(place)) return [this.pieces[place[0]].firstChild, place[1]];
    let left = place;
    for (const piece of this.pieces) {
      const points = [...piece.textContent];
      if (left <= points.length) return [piece.firstChild, points.slice(0, left).join("").length];
      left -= points.length;
    }
    return null;
  }

  rangeOf({ start, end }) {
    const from = this.spot(start), to = this.spot(end);
    if (!from || !to || !from[0] || !to[0]) return null;
    const range = document.createRange();
    range.setStart(...from);
    range.setEnd(...to);
    return range;
  }

  wordsOf(marking) { return this.rangeOf(marking)?.toString() || ""; }

  /** The selected words as { start, end, words }, without the white space around them; null where nothing of the text is selected. */
  selected() {
    const chosen = getSelection();
    if (chosen.isCollapsed || !chosen.rangeCount) return null;
    const range = chosen.getRangeAt(0);
    if (!this.node.contains(range.commonAncestorContainer)) return null;
    const whole = this.given.segments.map((segment) => segment.text).join("");
    let from = this.offset(range.startContainer, range.startOffset), to = this.offset(range.endContainer, range.endOffset);
    while (from < to && /\s/.test(whole[from])) from++;
    while (from < to && /\s/.test(whole[to - 1])) to--;
    return from < to ? { start: this.place(from, false), end: this.place(to, true), words: whole.slice(from, to) } : null;
  }

  offset(node, at) {
    const before = document.createRange();
    before.selectNodeContents(this.node);
    before.setEnd(node, at);
    return before.toString().length;
  }

  place(offset, ending) {
    let left = offset;
    for (let n = 0; n < this.given.segments.length; n++) {
      const length = this.given.segments[n].text.length;
      if (left < length || (ending && left === length)) return [n, left];
      left -= length;
    }
    return [this.given.segments.length - 1, this.given.segments.at(-1).text.length];
  }

  // ---- selecting words by keyboard
  startWords() {
    const whole = this.given.segments.map((segment) => segment.text).join("");
    const pieces = [...new Intl.Segmenter("en", { granularity: "word" }).segment(whole)];
    const all = pieces.filter((one) => one.isWordLike).map((one) => [one.index, one.index + one.segment.length]);
    if (!all.length) return false;
    const active = this.node.contains(document.activeElement) && document.activeElement !== this.node ? this.offset(document.activeElement, 0) : 0;
    const at = Math.max(0, all.findIndex(([start]) => start >= active));
    this.words = { all, from: at, to: at };
    this.selectWords();
    return true;
  }

  moveWords(step, extend) {
    const { all, from, to } = this.words;
    if (extend) this.words.to = Math.min(all.length - 1, Math.max(from, to + step));
    else this.words.from = this.words.to = Math.min(all.length - 1, Math.max(0, (step > 0 ? to : from) + step));
    this.selectWords();
  }

  selectWords() {
    const { all, from, to } = this.words;
    const range = this.rangeOf({ start: this.place(all[from][0], false), end: this.place(all[to][1], true) });
    const chosen = getSelection();
    chosen.removeAllRanges();
    chosen.addRange(range);
    (step(range)).scrollIntoView({ block: "nearest" });
  }

  endWords() {
    this.words = null;
  }
}

const step = (range) => range.startContainer.parentElement;

/** Highlight ranges without touching the text; browsers that cannot do that still have the list below the text. */
function highlight(ranges) {
  if (!globalThis.CSS?.highlights) return;
  CSS.highlights.set("own", new Highlight(...ranges));
}
