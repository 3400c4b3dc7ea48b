// What a coder holds of a case: what the server told, and what still waits to be sent.

/** The coder's coding, note and markings of `given`, counting `waiting` events too; what is undone or about another text does not count. */
export function held(given, waiting) {
  const known = new Set(given.history.map((event) => event.id));
  const gone = new Set(given.history.filter((event) => event.undone).map((event) => event.id));
  const coming = waiting.filter((event) => !known.has(event.id));
  for (const event of coming) if (event.kind === "undo") gone.add(event.undoes);
  const counting = [...given.history, ...coming].filter((event) => event.kind !== "undo" && !gone.has(event.id));
  const last = (kind) => counting.findLast((event) => event.kind === kind) || null;
  const coding = last("coding"), noted = last("note");
  return {
    coding,
    stale: Boolean(coding && coding.sha256 && coding.sha256 !== given.sha256),
    skipped: Boolean(last("skip")) && !coding,
    note: (noted || coding || {}).note || "",
    markings: counting.filter((event) => event.kind === "mention" && event.sha256 === given.sha256),
  };
}

/** Whether two codings say the same. */
export function same(one, other) {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => (one[name] || "") === (other[name] || ""));
}
