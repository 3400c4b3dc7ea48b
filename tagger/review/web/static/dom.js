// Making nodes. Whatever comes from the data goes through append(), which makes text nodes of strings: never markup.
export const $ = (id) => document.getElementById(id);

/** Make an element: el("button.quiet", { type: "button", onclick: f }, "words", node, null). */
export function el(name, given = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export const kbd = (key) => el("kbd", {}, key);

/** Show or hide a section by whether it has anything to say. */
export function fill(id, children, section = id) {
  $(id).replaceChildren(...children);
  $(section).hidden = !children.length;
}

let fading = 0;

/** Tell what has happened: read out by a screen reader, seen by the others for a few seconds. */
export function say(words) {
  $("live").textContent = words;
  $("live").classList.add("seen");
  clearTimeout(fading);
  fading = setTimeout(() => $("live").classList.remove("seen"), 4000);
}

export const percent = (share) => `${Math.round(100 * share)} %`;
export const signed = (number) => (number < 0 ? "−" : "+") + Math.abs(number).toFixed(2);
export const plural = (n, one, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;

/** A length of time for people: 41 s, 6 min, 4 h 20 min. */
export function lasting(seconds) {
  if (seconds < 90) return `${seconds < 9.95 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${Math.round((minutes % 60) / 10) * 10} min`.replace(" 60 min", " 59 min").replace(" 0 min", "");
}
