// How far everybody is, where coders differ, how well they and the tagger agree, and what people overturn.
import { Codebook } from "./codes.js";
import { $, el, lasting, percent, plural } from "./dom.js";
import { get } from "./net.js";

const ALPHA = "Krippendorff's alpha: 1 is perfect, 0 what chance gives; .80 counts as reliable, .667 as enough for tentative conclusions.";
const AGAINST = "Likewise, the tagger as one coder and what people settled as the other. Where they saw its suggestion, part of this is its own making.";
const LOWEST = -0.2; // left end of the scale of alpha; what lies below stands at the end
let book;

const table = (heads, rows) => el("div.wide", { tabindex: "0", role: "region", "aria-label": heads.map((head) => head.words ?? head).join(", ") },
  el("table", {},
    el("thead", {}, el("tr", {}, heads.map((head) => el(head.number ? "th.number" : "th", { scope: "col" }, head.words ?? head)))),
    el("tbody", {}, rows)));
const row = (first, ...cells) => el("tr", {}, el("th", { scope: "row", dir: "auto" }, first), cells);
const number = (words) => el("td.number", {}, String(words));
const cell = (...words) => el("td", { dir: "auto" }, words);
const right = (words) => ({ words, number: true });
const section = (title, words, ...content) => el("section", {}, el("h2", {}, title), el("p", {}, words), content);
const name = (facet, code) => (book.codes.has(facet) ? book.name(facet, code) : code.replaceAll("_", " "));
const decimals = (value) => (value < 0 ? "−" : "") + Math.abs(value).toFixed(2);

function shareBar(share, done) {
  const bar = el("span", {});
  bar.style.width = `${100 * share}%`;
  return el(done ? "span.share.done" : "span.share", { "aria-hidden": "true" }, bar);
}

function coders(all) {
  const rows = all.map(({ coder, progress: p, blind }) => row(coder,
    cell(shareBar(p.done / Math.max(1, p.done + p.left), true), `${p.done} of ${p.done + p.left}`), number(p.skipped), number(p.unsure ?? "–"), number(blind),
    number(`${p.audit_done} of ${p.audit_done + p.audit_left}`), number(p.seconds_each ? lasting(p.seconds_each) : "–")));
  const heads = ["Coder", "Coded", right("Skipped"), right("Not sure"), right("Blind"), right("Random check"), right("Each")];
  return section("Progress", "Everybody's cases, the random check among them, and the median time of a case over the last twenty.",
    rows.length ? table(heads, rows) : el("p", {}, "Nobody has coded yet."));
}

function divided(all, start) {
  const said = (facet, by) => Object.entries(by).flatMap(([coder, code], n) => [n ? ", " : "", `${coder} `, el("strong", {}, name(facet, code))]);
  const rows = all.map((one) => row(one.title || one.case,
    cell(el("ul", {}, Object.entries(one.codes).map(([facet, by]) => el("li", {}, el("span.soft", {}, `${facet}: `), said(facet, by))))),
    cell(el("ul", {}, Object.entries(one.notes).filter(([, note]) => note).map(([coder, note]) => el("li", {}, `${coder}: ${note}`)))),
    cell(one.decided ? "decided" : "open")));
  const hidden = start.role === "adjudicator" ? "" : " What you have not coded yourself stays hidden from you.";
  return section("Where coders differ", `${plural(all.length, "case")}, open ones to be adjudicated.${hidden}`,
    rows.length ? table(["Case", "Codes", "Notes", "State"], rows) : el("p", {}, "No case was coded differently by two people, so far."));
}

const place = (value) => `${(100 * (Math.max(LOWEST, value) - LOWEST)) / (1 - LOWEST)}%`;

/** Alpha as a point with its interval, on a scale with lines at 0, .667 and .8. */
function whisker(alpha) {
  if (alpha.value === null) return el("span.soft", {}, alpha.why || "undefined");
  const box = el("span.whisker", { "aria-hidden": "true" });
  for (const line of [0, 0.667, 0.8]) {
    const mark = el("i");
    mark.style.left = place(line);
    box.append(mark);
  }
  if (alpha.low !== null) {
    const range = el("b");
    range.style.left = place(alpha.low);
    range.style.right = `calc(100% - ${place(alpha.high)})`;
    box.append(range);
  }
  const point = el("em");
  point.style.left = place(alpha.value);
  box.append(point);
  return box;
}

function agreements(title, words, given) {
  const without = Object.entries(given).filter(([, one]) => !one.cases).map(([variable]) => variable.replaceAll("_", " "));
  const or = (value, words) => (value === null ? "–" : words());
  const counted = Object.entries(given).filter(([, one]) => one.cases);
  const rows = counted.map(([variable, { cases, percent_agreement: share, alpha }]) => row(variable.replaceAll("_", " "), number(cases),
    number(or(share, () => percent(share))), number(or(alpha.value, () => decimals(alpha.value))),
    number(or(alpha.low, () => `${decimals(alpha.low)} to ${decimals(alpha.high)}`)), cell(whisker(alpha))));
  if (!rows.length) return section(title, words, el("p", {}, "Too few codings yet: a figure needs cases that were coded twice."));
  const heads = ["Of", right("Cases"), right("Agree"), right("Alpha"), right("95 % interval"), "0 · .667 · .8 · 1"];
  return section(title, words, table(heads, rows), without.length ? el("p.small", {}, `No case with two codings yet: ${without.join(", ")}.`) : "");
}

function overturned(title, words, all, withRule) {
  const shown = all.filter((one) => one.overturned);
  const coded = (one) => `${one.facet} ${name(one.facet, one.code)}`;
  const instead = (one) => Object.entries(one.to).map(([code, times]) => `${name(one.facet, code)} (${times})`).join(", ");
  const rows = shown.map((one) => row(withRule ? one.rule : coded(one), ...(withRule ? [cell(coded(one))] : []),
    cell(shareBar(one.share, false), `${one.overturned} of ${one.cases}`), number(`${percent(one.low)} to ${percent(one.high)}`), cell(instead(one))));
  const heads = [withRule ? "Rule" : "Suggested", ...(withRule ? ["For"] : []), "Overturned", right("95 % interval"), "Given instead"];
  return section(title, words, rows.length ? table(heads, rows) : el("p", {}, "None so far."));
}

function blinded(all) {
  const points = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(0)}`;
  const rows = all.map((one) => row(one.facet, number(`${one.shown_agree} of ${one.shown}`), number(`${one.blind_agree} of ${one.blind}`),
    cell(one.difference === null ? el("span.soft", {}, one.why) : `${points(one.difference)} points (95 %: ${points(one.low)} to ${points(one.high)})`)));
  return section("Does seeing a suggestion move coders?", "How often people gave the suggested code where they saw it, and where they were blind.",
    rows.length ? table(["Of", right("Same where shown"), right("Same where blind"), "Difference"], rows) : el("p", {}, "No blind codings so far."));
}

const SCOPES = { all: "all codings", blind: "blind codings", audit: "the random check" };

/** Which codings the figures are taken from. */
function scopes(chosen, start) {
  const button = ([scope, words]) => el("button", { type: "button", "aria-pressed": String(scope === chosen), onclick: () => load(start, scope) }, words);
  return el("p.buttons", { role: "group", "aria-label": "Agreement over" }, el("span.soft", {}, "Agreement over"), Object.entries(SCOPES).map(button));
}

async function load(start, scope) {
  const data = await get("/api/dashboard", { scope });
  $("board").replaceChildren(
    divided(data.disagreements, start), coders(data.coders),
    scopes(scope, start),
    agreements("Agreement of coders", ALPHA, data.agreement),
    agreements("The tagger against people", AGAINST, data.tagger),
    overturned("Codes that people overturn", "Suggested codes that people changed, those most surely wrong first.", data.codes, false),
    overturned("Rules that people overturn", "Rules that spoke for an overturned code: candidates to mend.", data.rules, true),
    blinded(data.blind));
  if (data.unknown) $("board").append(el("p.soft", {}, `${plural(data.unknown, "code")} that this codebook does not have were left out.`));
}

async function begin() {
  const start = await get("/api/start");
  book = new Codebook({ ...start.codebook, cues: start.cues }, start.pairs);
  await load(start, "all");
}

begin().catch((error) => $("board").replaceChildren(el("p.notice.bad", { role: "alert" }, error.message))).finally(() => {
  $("loading").hidden = true;
  $("main").removeAttribute("aria-busy");
});
