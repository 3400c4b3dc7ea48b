"use strict";
// Everything from the data goes through textContent: no markup is ever made from it.
(() => {
  const PAGE = 50;
  const $ = (id) => document.getElementById(id);
  const { cases, labels } = JSON.parse($("data").textContent);
  let chosen = [], shown = 0;

  function el(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    for (const child of children) if (child !== null) node.append(child); // append() makes text nodes of strings
    return node;
  }
  const named = (facet, code) => {
    const label = Object.hasOwn(labels, facet) && Object.hasOwn(labels[facet], code) ? labels[facet][code] : "";
    return label && !/^[a-z]/i.test(code) ? `${code} · ${label}` : code;
  };
  const outcome = (facet, view) => named(facet, view.code) + (view.status === "abstained" ? " (abstained)" : "");
  const move = (change) => `${change.facet}: ${outcome(change.facet, change.before)} → ${outcome(change.facet, change.after)}`;
  const signed = (number) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(2);
  const percent = (number) => `${(100 * number).toFixed(0)} %`;
  const side = (number) => (number < 0 ? "minus" : "plus");
  const far = (entry) => Math.max(0, ...entry.changes.map((c) => (c.margin.before_after ? Math.abs(c.margin.before_after[1] - c.margin.before_after[0]) : 0)));

  function lines(change) {
    const body = el("tbody", "");
    for (const line of change.lines) {
      const by = line.after - line.before;
      const name = el("td", "name", line.name, el("span", "soft", `  ${line.source}, ${line.cause}`));
      body.append(el("tr", "", el("td", side(by), signed(by)), el("td", "soft", `${signed(line.before)} → ${signed(line.after)}`), name));
    }
    if (change.more_lines) body.append(el("tr", "", el("td", ""), el("td", ""), el("td", "name soft", `${change.more_lines} lines that moved less`)));
    return el("div", "wide", el("table", "moved", body));
  }
  function part(change) {
    const causes = el("ul", "causes");
    change.causes.forEach((cause, i) => {
      causes.append(el("li", i ? "" : "first", cause.cause + (Math.abs(cause.log_odds) < 0.005 ? "" : ` ${signed(cause.log_odds)}`)));
    });
    const told = change.margin.before_after
      ? el("p", "soft small", `${named(change.facet, change.margin.of)} over ${named(change.facet, change.margin.over)}: `
        + change.margin.before_after.map(signed).join(" → "))
      : null;
    const head = el("p", "outcome", el("span", "facet", change.facet), `${outcome(change.facet, change.before)} `,
      el("span", "percent", percent(change.before.probability)), " → ", el("b", "", outcome(change.facet, change.after)), " ",
      el("span", "percent", percent(change.after.probability)));
    return el("div", "", head, causes, told, change.lines.length ? lines(change) : null);
  }
  function show() {
    for (const i of chosen.slice(shown, shown + PAGE)) {
      const entry = cases[i];
      const head = el("h3", "", entry.title || entry.id, entry.title && entry.title !== entry.id ? el("span", "id soft small", entry.id) : null);
      $("cases").append(el("li", "changed", head, ...entry.changes.map(part)));
    }
    shown = Math.min(chosen.length, shown + PAGE);
    $("more").hidden = shown >= chosen.length;
  }
  function filter() {
    const facet = $("facet").value, kind = $("move").value, cause = $("cause").value;
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (c) => (!facet || c.facet === facet) && (!kind || move(c) === kind) && (!cause || c.causes[0].cause === cause);
    chosen = [...cases.keys()].filter((i) => cases[i].changes.some(fits) && words.every((w) => `${cases[i].title}\n${cases[i].id}`.toLowerCase().includes(w)));
    if ($("order").value) chosen.sort((a, b) => far(cases[b]) - far(cases[a]) || a - b);
    $("cases").replaceChildren();
    shown = 0;
    $("count").textContent = chosen.length === cases.length ? `${cases.length} changed cases` : `${chosen.length} of ${cases.length} changed cases`;
    show();
  }
  function options(id, values) {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) || 0) + 1);
    for (const [value, count] of [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
      const option = el("option", "", `${value} (${count})`);
      option.value = value;
      $(id).append(option);
    }
  }
  if (!cases.length) return;
  const changes = cases.flatMap((entry) => entry.changes);
  options("facet", changes.map((c) => c.facet));
  options("move", changes.map(move));
  options("cause", changes.map((c) => c.causes[0].cause));
  $("filters").hidden = false;
  let waiting = 0;
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("reset", () => setTimeout(filter));
  for (const id of ["facet", "move", "cause", "order"]) $(id).addEventListener("change", filter);
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 150); });
  $("more").addEventListener("click", show);
  filter();
})();
