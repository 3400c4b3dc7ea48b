// Talking to our own server, and to nobody else.
const HEADERS = { "X-Tagger": "1", Accept: "application/json" };
const PATIENCE = 15000; // milliseconds

/** What went wrong: `offline` (no answer at all), or the status with what the server said. */
export class ApiError extends Error {
  constructor(message, status, data) {
    super(message);
    this.status = status;
    this.data = data;
    this.offline = status === 0;
  }
}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", redirect: "error", signal: AbortSignal.timeout(PATIENCE), ...options });
  } catch (error) {
    throw new ApiError("The server does not answer.", 0, null);
  }
  let data = null;
  try {
    data = await answer.json();
  } catch (error) {
    if (answer.ok) throw new ApiError("The server's answer broke off.", 0, null);
  }
  if (!answer.ok) throw new ApiError((data && (data.error || data.message)) || `The server refused this (${answer.status}).`, answer.status, data);
  return data;
}

export function get(path, params = {}) {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  return ask(query.size ? `${path}?${query}` : path, { headers: HEADERS });
}

export function post(path, body) {
  return ask(path, { method: "POST", headers: { ...HEADERS, "Content-Type": "application/json" }, body: JSON.stringify(body) });
}
