// Choosing one of a list by typing or by arrows: the codes of a facet, or a cue with its value.
import { $, el, kbd } from "./dom.js";

/** How well an option fits what was typed: lower is better, Infinity not at all. */
export function fit(option, typed) {
  const id = option.id.toLowerCase(), label = option.label.toLowerCase();
  const inside = label.split(/[\s_=:]+/).some((word) => word.startsWith(typed));
  const tries = [id === typed, id.startsWith(typed), label.startsWith(typed), inside, id.includes(typed), label.includes(typed)];
  const at = tries.indexOf(true);
  return at < 0 ? Infinity : at;
}

export function found(options, typed) {
  const words = typed.trim().toLowerCase();
  if (!words) return options;
  const fits = options.map((option, n) => ({ option, n, at: fit(option, words) })).filter((one) => one.at < Infinity);
  return fits.sort((a, b) => a.at - b.at || a.n - b.n).map((one) => one.option);
}

/** The single key that brings an option to the top, '' where there is none. */
export function shortcut(options, option) {
  const keys = [...new Set(`${option.id}${option.label}`.toLowerCase().replace(/[^a-z0-9]/g, ""))];
  return keys.find((key) => found(options, key)[0] === option) || "";
}

/**
 * Ask for one of `options` ({ id, label, note }). `selected` is highlighted first; `entry(option)` gives nodes to show for it.
 * Resolves to { id, stay } (`stay`: chosen with Shift+Enter), or null.
 */
export function pick({ title, why = "", options, selected = "", hint, entry }) {
  const dialog = $("picker"), input = $("picker-input"), list = $("picker-list");
  let shown = options, at = Math.max(0, options.findIndex((option) => option.id === selected));
  const keys = new Map(options.map((option) => [option.id, shortcut(options, option)]));

  const draw = () => {
    list.replaceChildren(...shown.map((option, n) => {
      const key = keys.get(option.id), note = option.note ? el("span.soft", {}, option.note) : "";
      return el("li", { id: `pick-${n}`, role: "option", "aria-selected": String(n === at), data: { n } },
        el("span.key", { "aria-hidden": "true" }, key ? kbd(key) : ""), el("span", {}, option.name || option.label), note);
    }));
    if (!shown.length) list.append(el("li.soft", {}, "Nothing is called so."));
    input.setAttribute("aria-activedescendant", shown.length ? `pick-${at}` : "");
    list.children[at]?.scrollIntoView({ block: "nearest" });
    $("picker-entry").replaceChildren(...(shown[at] && entry ? entry(shown[at]) : []));
    $("picker-entry").scrollTop = 0;
  };

  return new Promise((resolve) => {
    const cleanup = new AbortController(), { signal } = cleanup;
    const finish = (picked) => { // at once, so that the next key finds it done
      cleanup.abort();
      input.blur(); // closing alone leaves it the focus until the next frame, and a key of that moment would be taken for typing
      dialog.close();
      resolve(picked);
    };
    const choose = (stay) => { if (shown[at]) finish({ id: shown[at].id, stay }); };
    const to = (place) => { at = place; draw(); };
    const step = (by) => to((at + by + shown.length) % Math.max(1, shown.length));
    const moves = { ArrowDown: () => step(1), ArrowUp: () => step(-1), Home: () => to(0), End: () => to(Math.max(0, shown.length - 1)) };
    input.addEventListener("input", () => { shown = found(options, input.value); at = 0; draw(); }, { signal });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Enter") choose(event.shiftKey);
      else if (Object.hasOwn(moves, event.key)) moves[event.key]();
      else return;
      event.preventDefault();
    }, { signal });
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[data-n]");
      if (!item) return;
      at = Number(item.dataset.n);
      choose(false);
    }, { signal });
    list.addEventListener("mousemove", (event) => {
      const item = event.target.closest("[data-n]");
      if (item && Number(item.dataset.n) !== at) to(Number(item.dataset.n));
    }, { signal });
    dialog.addEventListener("close", () => { if (!dialog.open) finish(null); }, { signal }); // Escape; what the picker before told late is not meant
    $("picker-title").textContent = title;
    $("picker-why").textContent = why;
    $("picker-why").hidden = !why;
    $("picker-hint").replaceChildren(...hint);
    input.value = "";
    dialog.showModal();
    input.focus();
    draw();
  });
}
