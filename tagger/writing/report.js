"use strict";
// Everything from the data goes through textContent: no markup is ever made from it.
(() => {
  const PAGE = 100, SHOWN_LINES = 12;
  const STATUSES = ["affirmed", "negated", "past", "planned", "other"], VOICES = ["page", "quoted", "self"];
  const DECISIONS = ["decided", "abstained", "gated"], FACETS = ["economy", "model"];
  const $ = (id) => document.getElementById(id);
  const run = JSON.parse($("run").textContent);
  const rows = [...document.querySelectorAll("#data .row")].map((script) => JSON.parse(script.textContent));
  const details = [...document.querySelectorAll("#data .detail")];
  let texts = null, chosen = [], shown = 0;

  function el(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    for (const child of children) if (child !== null) node.append(child); // append() makes text nodes of strings
    return node;
  }
  const labelOf = (facet, code) => (Object.hasOwn(run.labels[facet], code) ? run.labels[facet][code] : "");
  const named = (facet, code) => {
    const label = labelOf(facet, code);
    return !label ? code : /^[a-z]/.test(code) && label.toLowerCase().startsWith(code) ? label : `${code} · ${label}`;
  };
  const percent = (number) => `${(100 * number).toFixed(0)} %`;
  const signed = (number) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(2);
  const known = (value, list) => (list.includes(value) ? value : "");
  const hue = (cue) => "k" + (Math.max(0, run.cues.indexOf(cue)) % 10);
  const detail = (index) => JSON.parse(details[index].textContent);

  // ---- summary and filters
  function tally(facet) {
    const counts = new Map();
    for (const row of rows) counts.set(row[facet].code, (counts.get(row[facet].code) || 0) + 1);
    const place = (code) => { const i = Object.keys(run.labels[facet]).indexOf(code); return i < 0 ? 1e9 : i; };
    return [...counts].sort((a, b) => place(a[0]) - place(b[0]) || (a[0] < b[0] ? -1 : 1));
  }
  function summary() {
    const pairs = el("dl");
    for (const [name, value] of run.summary) pairs.append(el("dt", "", name), el("dd", "", value));
    const card = (name, content) => {
      const box = el("details", "", el("summary", "", name), content);
      box.open = innerWidth >= 700; // on a phone the cases come first
      $("summary").append(box);
    };
    card("This run", pairs);
    for (const facet of FACETS) {
      const list = el("ul", "tally"), counts = tally(facet), most = Math.max(1, ...counts.map((pair) => pair[1]));
      for (const [code, count] of counts) {
        const fill = el("div", "fill"), button = el("button", "", el("span", "", named(facet, code)), el("span", "percent", String(count)), el("div", "track", fill));
        fill.style.width = `${(100 * count) / most}%`;
        button.type = "button";
        button.addEventListener("click", () => { $(facet).value = $(facet).value === code ? "" : code; filter(); });
        list.append(el("li", "", button));
        const option = el("option", "", `${named(facet, code)} (${count})`);
        option.value = code;
        $(facet).append(option);
      }
      card(facet === "economy" ? "Economy" : "Model", list);
    }
    for (const status of DECISIONS) {
      const option = el("option", "", `${status} (${rows.filter((row) => row.status === status).length})`);
      option.value = status;
      $("status").append(option);
    }
    $("loading").hidden = true;
    $("summary").hidden = $("filters").hidden = false;
  }
  function matches(words) {
    if (!words.length) return () => true;
    if (!texts) texts = rows.map((row, i) => `${row.id}\n${row.title}\n${detail(i).text.map((piece) => piece[0]).join("")}`.toLowerCase());
    return (i) => words.every((word) => texts[i].includes(word));
  }
  function filter() {
    const economy = $("economy").value, model = $("model").value, status = $("status").value, order = $("order").value;
    const found = matches($("search").value.toLowerCase().split(/\s+/).filter(Boolean));
    const sure = (i) => Math.min(rows[i].economy.probability, rows[i].model.probability);
    chosen = [...rows.keys()].filter((i) =>
      (!economy || rows[i].economy.code === economy) && (!model || rows[i].model.code === model) && (!status || rows[i].status === status) && found(i));
    if (order === "unsure") chosen.sort((a, b) => sure(a) - sure(b) || a - b);
    if (order === "sure") chosen.sort((a, b) => sure(b) - sure(a) || a - b);
    if (order === "title") chosen.sort((a, b) => rows[a].title.localeCompare(rows[b].title) || a - b);
    $("cases").replaceChildren();
    shown = 0;
    more();
    $("count").textContent = chosen.length === rows.length ? `${rows.length} cases` : `${chosen.length} of ${rows.length} cases`;
  }
  function more() {
    const next = chosen.slice(shown, shown + PAGE);
    $("cases").append(...next.map(item));
    shown += next.length;
    $("more").hidden = shown >= chosen.length;
    $("more").textContent = `Show more (${chosen.length - shown} left)`;
  }

  // ---- the list
  function item(i) {
    const row = rows[i], name = el("span", "name", row.title || row.id || "(no title)"), button = el("button", "row", name), li = el("li", "", button);
    for (const facet of FACETS)
      button.append(el("span", "facet", `${named(facet, row[facet].code)} `, el("span", "percent", percent(row[facet].probability))));
    button.append(el("span", `status ${known(row.status, DECISIONS)}`, row.status));
    button.type = "button";
    button.dataset.case = i;
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
      if (open) li.lastChild.remove();
      else li.append(panel(i, `case-${i}`));
      if (open) button.removeAttribute("aria-controls");
      else button.setAttribute("aria-controls", `case-${i}`);
    });
    return li;
  }

  // ---- one case
  function panel(i, id) {
    const row = rows[i], data = detail(i), box = el("div", "case");
    box.id = id;
    box.append(el("p", "small soft", [row.id && `id ${row.id}`, data.origin].filter(Boolean).join(" · ")));
    box.append(el("div", "proposals", ...FACETS.map((facet) => proposal(facet, row[facet]))));
    const text = el("div", "text", ...data.text.map((piece) => segment(piece, data.cues)));
    text.tabIndex = 0;
    text.setAttribute("role", "region");
    text.setAttribute("aria-label", "Text of the case");
    const show = (where) => light(text, where);
    box.append(el("h2", "", "Text"), legend(data.cues), text);
    if (data.cues.length) box.append(el("h2", "", `Cues found (${data.cues.length})`), el("ol", "found", ...data.cues.map((cue, n) => cueItem(cue, n, show))));
    if (data.codes.length) box.append(el("h2", "", "Cues as coded"), el("ul", "legend codes", ...data.codes.map((code) => codeItem(code, show))));
    box.append(el("h2", "", "Why: the evidence adds up to the score"), el("div", "ledgers", ...data.ledgers.map((ledger) => ledgerBox(ledger, heaviest(data.ledgers, ledger.facet), show))));
    if (data.roles.length) box.append(el("h2", "", "Roles of the source"), ...data.roles.map((role) => roleBox(role)));
    if (data.facts.length) {
      const facts = el("dl", "small");
      for (const [name, value] of data.facts) facts.append(el("dt", "", name), el("dd", "", value));
      box.append(el("h2", "", "From the input"), facts);
    }
    box.append(el("p", "small soft", data.provenance));
    return box;
  }
  function proposal(facet, choice) {
    const box = el("div", "proposal", el("div", "small soft", facet), el("div", "code", named(facet, choice.code)),
      el("div", "", `probability ${percent(choice.probability)} `, el("span", `status ${known(choice.status, DECISIONS)}`, choice.status)));
    if (choice.status === "abstained") box.append(el("p", "small", `The evidence cannot tell apart: ${choice.set.map((code) => named(facet, code)).join("; ")}`));
    if (choice.status === "gated") box.append(el("p", "small", "Taken to describe no single initiative."));
    return box;
  }
  function marked(cue, content) {
    return el("mark", [hue(cue.cue), known(cue.status, STATUSES), known(cue.voice, VOICES)].join(" "), el("span", "", content));
  }
  function describe(cue) {
    return `${cue.cue} = ${cue.value}` + (cue.status === "affirmed" ? "" : `, ${cue.status}`) + (cue.voice === "page" ? "" : `, ${cue.voice}`);
  }
  function segment([content, cues, ending], all) {
    if (!cues || !cues.length) return el("span", "", content);
    const node = marked(all[cues[0]], content);
    node.title = cues.map((n) => describe(all[n])).join("; ");
    if (ending && ending.length) node.append(el("sup", "", ending.map((n) => n + 1).join(",")));
    return node;
  }
  function legend(cues) {
    const list = el("ul", "legend"), add = (...children) => list.append(el("li", "", ...children));
    for (const name of run.cues.filter((cue) => cues.some((other) => other.cue === cue))) add(marked({ cue: name, status: "affirmed", voice: "page" }, name));
    const sample = run.cues[0] || "";
    for (const status of STATUSES.slice(1)) if (cues.some((cue) => cue.status === status)) add(marked({ cue: sample, status, voice: "page" }, status));
    for (const voice of VOICES.slice(1)) if (cues.some((cue) => cue.voice === voice)) add(marked({ cue: sample, status: "affirmed", voice }, voice));
    return list;
  }
  function light(text, where) {
    for (const node of text.querySelectorAll(".lit")) node.classList.remove("lit");
    if (!where) return;
    for (let n = where[0]; n < where[1]; n++) text.children[n].classList.add("lit");
    const first = text.children[where[0]].getBoundingClientRect(), frame = text.getBoundingClientRect();
    text.scrollTop += first.top - frame.top - frame.height / 3;
    if (frame.bottom < 60 || frame.top > innerHeight - 60 || text.scrollHeight <= text.clientHeight) text.children[where[0]].scrollIntoView({ block: "center" });
  }
  function cueItem(cue, n, show) {
    const button = el("button", "", el("span", "soft", String(n + 1)), el("span", "", marked(cue, cue.cue), ` ${cue.value}: “${cue.plain || cue.text}” `, el("span", "soft", notes(cue))));
    button.type = "button";
    button.addEventListener("click", () => show(cue.place));
    return el("li", "", button);
  }
  function codeItem(code, show) {
    const box = el(code.place ? "button" : "span", "", `${code.cue}:`, el("strong", "", code.value), el("span", "percent", `${percent(code.probability)}`));
    if (code.place) {
      box.type = "button";
      box.title = "Show what in the text shows it best";
      box.addEventListener("click", () => show(code.place));
    }
    return el("li", "", box);
  }
  const notes = (cue) => [cue.status === "affirmed" ? "" : cue.status, cue.voice === "page" ? "" : cue.voice].filter(Boolean).map((word) => `(${word})`).join(" ");

  const heaviest = (ledgers, facet) => // one scale a facet, so that winner and runner-up compare
    Math.max(0.5, ...ledgers.filter((one) => one.facet === facet).flatMap((one) => one.lines.map((line) => Math.abs(line.weight))));
  function ledgerBox(ledger, most, show) {
    const lines = [...ledger.lines].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
    const list = el("ul", "lines", ...lines.slice(0, SHOWN_LINES).map((line) => lineItem(line, most, show)));
    const box = el("section", "ledger", el("h3", "", `${ledger.facet}: ${named(ledger.facet, ledger.code)} `, el("span", "soft", ledger.winner ? "proposed" : "runner-up")), list);
    const rest = lines.slice(SHOWN_LINES);
    if (rest.length) {
      const button = el("button", "small", `Show ${rest.length} smaller (together ${signed(rest.reduce((sum, line) => sum + line.weight, 0))})`);
      button.type = "button";
      button.addEventListener("click", () => { list.append(...rest.map((line) => lineItem(line, most, show))); button.remove(); });
      box.append(button);
    }
    box.append(el("div", "lines total", el("div", "head", el("span", "", `Sum of ${lines.length}`), el("span"), el("span", "weight", signed(ledger.score)))));
    return box;
  }
  function lineItem(line, most, show) {
    const fill = el("span", line.weight < 0 ? "minus" : "plus"), head = el(line.place ? "button" : "div", "head");
    fill.style.width = `${(50 * Math.abs(line.weight)) / most}%`;
    head.append(el("span", "", `${line.name} `, el("span", "kind", line.source)), el("span", "bar", fill), el("span", "weight", signed(line.weight)));
    if (line.place) {
      head.type = "button";
      head.title = "Show the place in the text";
      head.addEventListener("click", () => show(line.place));
    }
    const li = el("li", "line", head);
    if (line.criterion) li.append(el("p", "criterion", Object.hasOwn(run.criteria, line.criterion) ? `${line.criterion}: ${run.criteria[line.criterion]}` : line.criterion));
    return li;
  }
  function roleBox(role) {
    return el("p", "", el("strong", "", role.role), role.evidence.length ? ": " + role.evidence.map((cue) => `“${cue.plain || cue.text}” (${describe(cue)})`).join("; ") : "");
  }

  // ---- go
  summary();
  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 200); });
  for (const id of ["economy", "model", "status", "order"]) $(id).addEventListener("change", filter);
  $("filters").addEventListener("reset", () => setTimeout(filter));
  $("filters").addEventListener("submit", (event) => { event.preventDefault(); filter(); });
  $("more").addEventListener("click", () => { const at = shown; more(); $("cases").children[at].firstChild.focus(); });
  filter();
})();
