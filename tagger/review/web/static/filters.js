// Which cases are shown.
import { $, el } from "./dom.js";

const STATES = { todo: "to do", done: "done", unsure: "not sure", skipped: "skipped", stale: "text changed since", all: "all" };
const STATUSES = { decided: "decided", abstained: "cannot tell", gated: "no initiative" };
const FIELDS = { words: "search", state: "show", economy: "by-economy", model: "by-model", status: "by-status", cue: "by-cue" };

export class FilterBar {
  /** `start` is what /api/start told; `changed` is called after every change. */
  constructor(start, book, changed) {
    this.changed = changed;
    const options = (id, values, words, all = "all") =>
      $(id).replaceChildren(...(all ? [el("option", { value: "" }, all)] : []), ...values.map((value) => el("option", { value }, words(value))));
    options("show", start.filters.state || Object.keys(STATES), (state) => STATES[state] || state, "");
    options("by-economy", book.codesOf("economy").map((code) => code.id), (id) => book.name("economy", id));
    options("by-model", book.codesOf("model").map((code) => code.id), (id) => book.name("model", id));
    options("by-status", start.filters.status || [], (status) => STATUSES[status] || status);
    options("by-cue", start.filters.cue || [], (cue) => cue.replace("=", " = "));
    let waiting = 0;
    for (const id of Object.values(FIELDS)) $(id).addEventListener(id === "search" ? "input" : "change", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.apply(), id === "search" ? 350 : 0);
    });
    $("filters").addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waiting); this.apply(); });
    const panel = $("more-filters"), outside = (event) => { if (!panel.contains(event.target)) panel.open = false; };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      panel.open = false;
      panel.querySelector("summary").focus();
    });
    $("filters").addEventListener("reset", (event) => { event.preventDefault(); this.clear(); });
  }

  /** The filters as parameters of /api/next. */
  get values() {
    const all = Object.fromEntries(Object.entries(FIELDS).map(([name, id]) => [name, $(id).value.trim()]));
    return { ...all, state: all.state === "todo" ? "" : all.state };
  }

  get count() { return Object.values(this.values).filter(Boolean).length; }

  set(values) {
    for (const [name, id] of Object.entries(FIELDS)) $(id).value = values[name] || (name === "state" ? "todo" : "");
    this.told();
  }

  clear(values = {}) {
    this.set(values);
    this.apply();
  }

  apply() {
    this.told();
    this.changed();
  }

  told() {
    const inside = Object.entries(this.values).filter(([name, value]) => value && name !== "words").length;
    $("filters-on").textContent = inside ? ` (${inside} on)` : "";
  }
}
