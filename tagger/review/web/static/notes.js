// Writing a note.
import { $ } from "./dom.js";

/** Ask for a note; resolves to it, or to null where it is to stay as it was. */
export function askNote(before) {
  const dialog = $("note-box"), field = $("note");
  return new Promise((resolve) => {
    const cleanup = new AbortController(), { signal } = cleanup;
    const finish = (keep) => { // at once, so that the next key finds it done
      cleanup.abort();
      field.blur(); // see picker.js
      dialog.close();
      const note = field.value.trim();
      resolve(keep && note !== before ? note : null);
    };
    field.value = before;
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      finish(true);
    }, { signal });
    $("note-keep").addEventListener("click", () => finish(true), { signal });
    dialog.addEventListener("close", () => { if (!dialog.open) finish(false); }, { signal });
    dialog.showModal();
    field.focus();
  });
}
