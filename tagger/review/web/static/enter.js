// Log in: by the one-time token of the address (which is taken out of the address at once), or by hand.
import { $ } from "./dom.js";
import { post } from "./net.js";

const TROUBLE = "The token was not taken: it may be used up, or the server was started anew. Start the command again, or ask for a new token.";

function tokenOfAddress() {
  const given = new URLSearchParams(location.search).get("token") || new URLSearchParams(location.hash.slice(1)).get("token");
  history.replaceState(null, "", "/open"); // not in the history, nor in what is shared by copying the address
  return given;
}

async function login(token) {
  try {
    await post("/api/login", { token });
    location.replace("/");
  } catch (error) {
    $("problem").textContent = error.offline ? "The server does not answer. Is it running?" : error.message || TROUBLE;
    $("problem").hidden = false;
    if ($("again")) $("again").hidden = false;
    if ($("token")) $("token").select();
  }
}

if (document.body.dataset.page === "open") {
  const token = tokenOfAddress();
  if (token) login(token);
  else location.replace("/");
} else {
  $("token").focus();
  $("login").addEventListener("submit", (event) => {
    event.preventDefault();
    login($("token").value.trim());
  });
}
