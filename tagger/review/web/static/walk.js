// From case to case: the next one is fetched while this one is read, and the way back is known.
import { get } from "./net.js";

const LONGEST_TRAIL = 300;

export class Walk {
  /** `filters()` gives what is to be shown, `settled()` waits for what is being sent. */
  constructor(filters, settled) {
    Object.assign(this, { filters, settled, trail: [], at: -1, ahead: null });
  }

  get current() { return this.trail[this.at] ?? null; }

  /** Forget what comes: something was undone, or (`whole`: then the way back, too) the filters changed. */
  restart(whole = false) {
    this.ahead = null;
    if (whole) this.at = -1;
    this.trail = this.trail.slice(0, this.at + 1);
  }

  /** The next case: { case, why, progress }. */
  async next() {
    if (this.at < this.trail.length - 1) return this.step(1);
    const here = this.current, ahead = this.ahead;
    this.ahead = null;
    let found = ahead && ahead.after === here ? await ahead.found.catch(() => null) : null;
    if (found) delete found.progress; // counted before the last answer, whose own count may be on the page already
    if (!found || !found.case || found.case.id === here) { // not fetched, or fetched before the last answer counted
      await this.settled();
      found = await this.ask(here);
    }
    if (found.case) this.enter(found.case.id);
    return found;
  }

  async back() {
    return this.at > 0 ? this.step(-1) : null;
  }

  async step(by) {
    const found = await this.fetch(this.trail[this.at + by]);
    this.at += by;
    return found;
  }

  /** Go to a case by its id; it takes its place in the trail. */
  async go(id) {
    const place = this.trail.lastIndexOf(id);
    const found = await this.fetch(id);
    if (place >= 0) this.at = place;
    else this.enter(id);
    return found;
  }

  enter(id) {
    this.trail = [...this.trail.slice(0, this.at + 1), id].slice(-LONGEST_TRAIL);
    this.at = this.trail.length - 1;
  }

  /** Fetch what comes after this case. */
  look() {
    if (this.at < this.trail.length - 1 || this.current === null) return;
    const after = this.current;
    this.ahead = { after, found: this.settled().then(() => this.ask(after)) };
    this.ahead.found.catch(() => { this.ahead = null; });
  }

  ask(after) { return get("/api/next", { ...this.filters(), after }); }
  fetch(id) { return get("/api/case", { id }); }
}
