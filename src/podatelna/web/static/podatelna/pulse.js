// Asks every few seconds what has changed, while somebody looks; tells the page by events, never by touching it.
//
//   desk:changed               on document, {conversations: [id]}
//   desk:conversation-changed  on #conversation, when the open conversation is among them
//   desk:presence              on document, {people: [{name, writing}]}: who else is in the open conversation
// and listens to desk:writing on document, {writing: true|false}, which the composer sends.

import { openConversation } from "./list.js";

const SECONDS = 3;
const MOST_SECONDS = 60;
const { body } = document;
let cursor = body.dataset.cursor;
let writing = false;
let failures = 0;
let timer = null;
let inFlight = false;

async function pulse() {
  if (document.hidden || inFlight) return;
  inFlight = true;
  const about = new URLSearchParams({ since: cursor, open: openConversation() ?? "", writing: writing ? "1" : "0" });
  try {
    // A session that has ended answers with a redirect to the sign-in page, which is no answer to this.
    const response = await fetch(`${body.dataset.pulse}?${about}`, { redirect: "manual", cache: "no-store" });
    if (response.type === "opaqueredirect") return expired();
    failures = response.ok ? 0 : failures + 1;
    if (response.status === 200) tell(await response.json());
  } catch {
    failures += 1;
  } finally {
    inFlight = false;
  }
  next();
}

function next() {
  // One failure can be a restart; from the second on it is said.
  const line = document.getElementById("offline");
  const words = failures > 1 ? line.dataset.words : "";
  if (line.textContent !== words) line.textContent = words;
  clearTimeout(timer);
  timer = setTimeout(pulse, Math.min(SECONDS * 2 ** failures, MOST_SECONDS) * 1000);
}

function expired() {
  const region = document.getElementById("toasts");
  document.body.dispatchEvent(new CustomEvent("desk:toast", { detail: { text: region.dataset.expired, kind: "error" } }));
}

function tell(news) {
  cursor = news.cursor;
  if (news.gone) gone();
  if (news.conversations.length) {
    emit("desk:changed", { conversations: news.conversations });
  }
  emit("desk:presence", { people: news.presence });
}

// What is open is not here any more, or no longer for whoever looks at it: nothing of it stays on the screen.
function gone() {
  const text = document.getElementById("toasts").dataset.gone;
  const place = document.createElement("div");
  place.className = "empty";
  place.append(Object.assign(document.createElement("p"), { textContent: text }));
  document.getElementById("conversation").replaceChildren(place);
  document.getElementById("side").replaceChildren();
  document.body.dispatchEvent(new CustomEvent("desk:toast", { detail: { text, kind: "error" } }));
  emit("desk:changed", { conversations: [] }); // its row leaves the list
}

function emit(name, detail) {
  document.dispatchEvent(new CustomEvent(name, { detail }));
}

document.addEventListener("desk:changed", (event) => {
  const open = Number(openConversation());
  if (event.detail.conversations?.includes(open)) window.htmx.trigger("#conversation", "desk:conversation-changed");
});

// --- being seen ----------------------------------------------------------------------------------------------

function say(state, conversation) {
  if (!conversation) return;
  const headers = JSON.parse(body.getAttribute("hx-headers"));
  const form = new URLSearchParams({ conversation, state, csrfmiddlewaretoken: headers["X-CSRFToken"] });
  navigator.sendBeacon(body.dataset.presence, form);
}

let shown = openConversation();
function turnedTo(conversation) {
  if (conversation === shown) return;
  say("gone", shown);
  writing = false;
  shown = conversation;
  emit("desk:presence", { people: [] });
  pulse();
}

for (const moved of ["htmx:pushedIntoHistory", "htmx:historyRestore"]) {
  body.addEventListener(moved, () => turnedTo(openConversation()));
}
document.addEventListener("desk:writing", (event) => {
  if (writing === Boolean(event.detail.writing)) return;
  writing = Boolean(event.detail.writing);
  say(writing ? "writing" : "here", openConversation());
});
window.addEventListener("pagehide", () => say("gone", openConversation()));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) clearTimeout(timer);
  else pulse();
});

pulse();
