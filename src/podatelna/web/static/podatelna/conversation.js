// The open conversation: frames as high as their mail, a timeline that takes news in without moving, who else is here.

import { composerIn } from "./composer.js";

const { body } = document;
// Looked up each time: going back in history replaces the section.
const section = () => document.getElementById("conversation");
const opened = () => section()?.querySelector("[data-conversation]");

// --- mail in its frame --------------------------------------------------------------------------------------

const HIGHEST = 20000; // px; longer mail scrolls inside

/** Make the frame as high as its document. No script runs in there; it is measured from here. */
function fit(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!root || !frame.isConnected || frame.isFixed || !frame.clientWidth) return;
  const scrollbar = root.scrollWidth > root.clientWidth ? 16 : 0;
  const height = Math.min(Math.ceil(root.getBoundingClientRect().height) + scrollbar, HIGHEST);
  if (Math.abs(height - frame.clientHeight) < 2) return;
  frame.style.height = `${height}px`;
  if (root.getBoundingClientRect().height > height + 1) {
    // Its height follows the frame's (units like vh), and both would grow for ever.
    frame.isFixed = true;
    frame.style.height = `${Math.round(window.innerHeight * 0.7)}px`;
  }
}

function watch(frame) {
  const page = frame.contentDocument;
  if (!page?.documentElement || page.URL === "about:blank" || page.watched) return;
  page.watched = true;
  frame.isFixed = false;
  fit(frame);
  new ResizeObserver(() => requestAnimationFrame(() => fit(frame))).observe(page.documentElement);
  // The keys of the desk work although the mail was clicked into.
  page.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, altKey, shiftKey } = event;
    const again = new KeyboardEvent("keydown", { key, ctrlKey, metaKey, altKey, shiftKey, bubbles: true, cancelable: true });
    if (!frame.dispatchEvent(again)) event.preventDefault();
  });
}

const frames = (root) => root.querySelectorAll("iframe.mail-frame");

// "load" does not bubble, but it can be caught on the way down.
document.addEventListener("load", (event) => { if (event.target.matches?.("iframe.mail-frame")) watch(event.target); }, true);
document.addEventListener("toggle", (event) => {
  for (const frame of frames(event.target)) fit(frame);
  // Opened by its key and not by a click into it: go on with the keyboard inside.
  if (event.target.matches(".assign[open]") && !event.target.contains(document.activeElement)) {
    event.target.querySelector(".menu-items button")?.focus();
  }
}, true);

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-show-images]");
  if (!link) return;
  event.preventDefault();
  const box = link.closest(".letter-content");
  // Replaced and not opened: Back leads to where the reader came from, not to the same mail without its images.
  box.querySelector("iframe.mail-frame").contentWindow.location.replace(link.href);
  box.querySelector(".blocked").remove();
});

// --- news ---------------------------------------------------------------------------------------------------

body.addEventListener("desk:conversation-changed", refresh);

async function refresh() {
  const pane = opened();
  if (!pane) return;
  const about = new URLSearchParams(window.location.search);
  if (pane.querySelector(".timeline")?.dataset.all) about.set("all", "");
  const url = `${pane.dataset.url}changed?${about}`;
  try {
    await window.htmx.ajax("GET", url, { source: pane, target: pane, swap: "none", headers: { "X-Quiet": "1" } });
  } catch { /* the next pulse tells again */ }
}

// The timeline is merged, entry by entry: what is being read, unfolded, or loaded in a frame stays as it is.
body.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.matches(".timeline")) {
    event.detail.shouldSwap = false;
    merge(target, fragment.querySelector(".timeline"));
  } else if (target.matches(".conversation-head") && target.querySelector("details[open]")) {
    event.detail.shouldSwap = false; // somebody is choosing from a menu in it
  }
});

function merge(old, fresh) {
  const box = section();
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const wanted = [...fresh.children];
  for (const entry of [...old.children]) if (!wanted.some((other) => other.id === entry.id)) entry.remove();
  let place = old.firstElementChild;
  for (const entry of wanted) {
    const here = [...old.children].find((other) => other.id === entry.id);
    if (here && here.dataset.version === entry.dataset.version) {
      place = here.nextElementSibling;
      continue;
    }
    const stood = here?.contains(document.activeElement);
    if (here) here.replaceWith(entry);
    else old.insertBefore(entry, place);
    if (stood) { entry.tabIndex = -1; entry.focus({ preventScroll: true }); }
    place = entry.nextElementSibling;
    entry.classList.add("fresh");
    window.htmx.process(entry);
  }
  if (fresh.dataset.all) old.dataset.all = fresh.dataset.all;
  if (atEnd && !composerIn(box)) box.scrollTop = box.scrollHeight;
  tick();
}

// What I do shows in the lists at once, not with the next pulse.
body.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful } = event.detail;
  if (!successful || requestConfig.verb === "get") return;
  if (!/^\/(conversations|sendings|drafts)\//.test(requestConfig.path)) return;
  document.dispatchEvent(new CustomEvent("desk:changed", { detail: { conversations: [] } }));
});

// --- where one stands when a composer is done with: the focus was in it, and would be nowhere ----------------

let finished = ""; // the path that the composer was sent to, until the focus has its new place

body.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest?.("form.composer");
  if (form && !event.target.closest("#composer-files")) finished = event.detail.requestConfig.path;
});
body.addEventListener("htmx:afterSettle", (event) => {
  if (!finished || !/^(composer-|conversation$)/.test(event.detail.target?.id ?? "")) return;
  const place = composerIn(document) ? null : standAt(finished); // it may be here still: something stood in the way
  finished = "";
  if (place && [body, section()].includes(document.activeElement)) stand(place);
});

function stand(place) {
  if (!place.matches("a, button")) place.tabIndex = -1;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
}

/** Sent: just before the letter's Undo, which is one Tab away. A note: the note. Discarded: the button to begin anew. */
function standAt(path) {
  const last = (selector) => [...section().querySelectorAll(selector)].at(-1);
  if (path.endsWith("/sending")) return last(".sending:has([data-countdown])") ?? last(".entry-outgoing");
  if (path.endsWith("/notes")) return last(".entry-note");
  return section().querySelector(".composer-buttons .button");
}

// --- where one begins to read -------------------------------------------------------------------------------

function begin() {
  if (window.location.hash) return;
  const pane = opened();
  const entries = pane?.querySelectorAll(".entry-message, .entry-outgoing, .entry-note");
  if (!entries?.length) return;
  const first = pane.querySelector("[data-first-unread]") ?? entries[entries.length - 1];
  if (first !== entries[0]) first.scrollIntoView({ block: "start" });
}

begin();
body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "conversation") return;
  tick();
  begin();
});
body.addEventListener("htmx:historyRestore", () => { tick(); begin(); });

// --- sending in … seconds -----------------------------------------------------------------------------------

let ticking = null;
function tick() {
  clearTimeout(ticking);
  const waiting = [...document.querySelectorAll("[data-countdown]")];
  for (const words of waiting) {
    const seconds = Math.ceil((new Date(words.dataset.countdown) - Date.now()) / 1000);
    words.textContent = seconds > 0 ? words.dataset.words.replace("%(seconds)s", seconds) : words.dataset.after;
    const button = words.parentElement.querySelector("button");
    if (button) button.hidden = seconds <= 0;
  }
  if (waiting.length) ticking = setTimeout(tick, 500);
}
tick();

// --- who else is here ---------------------------------------------------------------------------------------

document.addEventListener("desk:presence", (event) => {
  const region = section()?.querySelector("[data-presence]");
  if (!region) return;
  const words = event.detail.people.map(({ name, writing }) => [
    (writing ? region.dataset.writes : region.dataset.looks).replace("%(name)s", name), writing,
  ]);
  const said = words.map(([text]) => text).join("\n");
  if (region.said === said) return; // or a screen reader would say it again and again
  region.said = said;
  region.replaceChildren(...words.map(([text, writing]) => {
    const item = document.createElement("span");
    item.textContent = text;
    if (writing) item.className = "writing";
    return item;
  }));
});

for (const frame of frames(document)) watch(frame);
