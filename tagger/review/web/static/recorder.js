// Turning what a coder does into events, each with an id of its own, and remembering them so that they can be undone, after a reload too.
import { newId } from "./outbox.js";

const MOST_ACTS = 200;
const WORDS = { coding: "the coding", skip: "skipping", mention: "the marking", note: "the note", adjudication: "the decision" };

const blank = (kind, id) => ({
  id: newId(), at: new Date().toISOString(), kind, case: id, sha256: "", codes: {}, sureness: "", note: "", marking: null, seconds: null, undoes: "",
});

export class Recorder {
  /** `codebook`: name and version of what the codes were chosen from; the server refuses those of another. */
  constructor(outbox, codebook) {
    Object.assign(this, { outbox, codebook });
    this.key = `${outbox.prefix.replace("outbox", "acts")}list`;
    this.acts = this.load();
    document.addEventListener("visibilitychange", () => this.pause());
  }

  load() {
    try {
      return JSON.parse(localStorage.getItem(this.key) || "[]");
    } catch (error) {
      return [];
    }
  }

  keep() {
    this.acts = this.acts.slice(-MOST_ACTS);
    try {
      localStorage.setItem(this.key, JSON.stringify(this.acts));
    } catch (error) {
      this.outbox.stored = false;
    }
  }

  /** A case is shown: its time runs, while the page is in sight. */
  begin(given) {
    this.given = given;
    this.spent = 0;
    this.since = document.hidden ? null : performance.now();
  }

  pause() {
    if (document.hidden && this.since !== null) {
      this.spent += performance.now() - this.since;
      this.since = null;
    } else if (!document.hidden && this.since === null) this.since = performance.now();
  }

  get seconds() {
    return Math.round(this.spent + (this.since === null ? 0 : performance.now() - this.since)) / 1000;
  }

  /** Add an event about the case that is shown; resolves once it was sent, or has to wait. */
  add(kind, more = {}, title = this.given.title) {
    const event = { ...blank(kind, this.given.id), sha256: this.given.sha256, seconds: this.seconds, codebook: this.codebook, ...more };
    this.acts.push({ id: event.id, case: event.case, title, what: `${WORDS[kind]} of ${title || event.case}` });
    this.keep();
    return this.outbox.add(event, title);
  }

  /** The last thing done that is not undone. */
  last() {
    return this.acts.at(-1) || null;
  }

  undo(act) {
    this.acts = this.acts.filter((other) => other.id !== act.id);
    this.keep();
    return this.outbox.add({ ...blank("undo", act.case), undoes: act.id }, act.title);
  }
}
