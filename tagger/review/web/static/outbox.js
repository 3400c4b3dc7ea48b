// What was done but is not acknowledged: kept in this browser, sent again until the server has said yes or no. Nothing leaves it silently.
import { post } from "./net.js";

const BATCH = 40, FIRST_WAIT = 1000, LONGEST_WAIT = 15000; // events; milliseconds

/** An id that no event has; randomUUID() is missing where a team's address has no TLS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export class Outbox {
  /** `owner` tells projects and coders apart that use the same browser; `changed` is called whenever there is something to tell. */
  constructor(owner, changed) {
    this.prefix = `tagger.outbox.${owner}.`;
    this.changed = changed;
    this.entries = new Map(); // id -> { n, event, title, why }; `why` is set where the server refused
    this.taken = new Map(); // id -> event, of what the server took while this page is open: a case that was fetched before does not tell it
    this.problem = null; // the ApiError that stops the sending
    this.stored = true; // false where this browser keeps nothing
    this.sending = null;
    this.timer = 0;
    this.wait = FIRST_WAIT;
    this.load();
    addEventListener("online", () => this.flush());
    addEventListener("beforeunload", (event) => { if (this.waiting.length) event.preventDefault(); });
  }

  get sorted() { return [...this.entries.values()].sort((a, b) => a.n - b.n); }
  get waiting() { return this.sorted.filter((entry) => !entry.why); }
  get refused() { return this.sorted.filter((entry) => entry.why); }
  /** The events about a case that its fetched history may lack. */
  eventsOf(id) { return [...this.taken.values(), ...this.waiting.map((entry) => entry.event)].filter((event) => event.case === id); }
  isWaiting(id) { return this.waiting.some((entry) => entry.event.case === id); }

  load() {
    try {
      for (const key of Object.keys(localStorage).filter((name) => name.startsWith(this.prefix))) {
        const entry = JSON.parse(localStorage.getItem(key));
        this.entries.set(entry.event.id, entry);
      }
    } catch (error) {
      this.stored = false;
    }
  }

  keep(entry) {
    this.entries.set(entry.event.id, entry);
    try {
      localStorage.setItem(this.prefix + entry.event.id, JSON.stringify(entry));
    } catch (error) {
      this.stored = false;
    }
  }

  /** Forget an event: the server has it, or the coder said so. */
  drop(id) {
    this.entries.delete(id);
    try {
      localStorage.removeItem(this.prefix + id);
    } catch (error) {
      this.stored = false;
    }
    this.changed();
  }

  add(event, title) {
    const last = this.sorted.at(-1);
    this.keep({ n: Math.max(Date.now(), last ? last.n + 1 : 0), event, title });
    this.changed();
    return this.flush();
  }

  /** What went wrong with another request, or null where it went well. */
  heard(error) {
    const matters = error && (error.offline || error.status === 401 || error.status >= 500);
    if (!matters && (!this.problem || this.waiting.length)) return;
    this.problem = matters ? error : null;
    this.changed();
  }

  /** Send a refused event again. */
  retry(id) {
    this.keep({ ...this.entries.get(id), why: "" });
    return this.flush();
  }

  /** Send all that waits; resolves when that is done or has to wait. One sending at a time, so that the order is kept. */
  flush() {
    clearTimeout(this.timer);
    this.sending = (this.sending || Promise.resolve()).then(() => this.send());
    return this.sending;
  }

  async send() {
    while (this.waiting.length) {
      const batch = this.waiting.slice(0, this.single ? 1 : BATCH);
      try {
        this.settle(batch, await post("/api/events", batch.map((entry) => entry.event)));
        this.single = false;
      } catch (error) {
        if (!this.refusal(batch, error)) break;
      }
    }
    this.changed();
  }

  settle(batch, answer) {
    this.problem = null;
    this.wait = FIRST_WAIT;
    const taken = new Set(answer.accepted || []), refused = new Map((answer.refused || []).map((one) => [one.id, one.why]));
    for (const entry of batch) {
      const id = entry.event.id;
      if (taken.has(id)) {
        this.taken.set(id, entry.event);
        this.drop(id);
      } else this.keep({ ...entry, why: refused.get(id) || "The server did not say whether it took this." });
    }
    this.changed(answer.progress);
  }

  /** Deal with an answer that is no yes; tell whether sending goes on. */
  refusal(batch, error) {
    if (error.data && (error.data.refused || error.data.accepted)) {
      this.settle(batch, error.data); // 409: some of them stale
      return true;
    }
    const final = [400, 404, 409, 413, 415, 422].includes(error.status);
    if (final && batch.length > 1) return (this.single = true); // find out which one it is
    if (final) {
      this.settle(batch, { refused: [{ id: batch[0].event.id, why: error.message }] });
      return true;
    }
    this.problem = error; // no answer, logged out, or a fault of the server: keep and try again
    this.timer = setTimeout(() => this.flush(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    return false;
  }
}
