// What every page does: toasts with Undo, menus that close, dialogs, the pane that is shown on a narrow screen.

const region = document.getElementById("toasts");
const SECONDS = 10;

/** Say `text` for a moment; with `undo_url` an Undo stands beside it. Also from the server: HX-Trigger desk:toast. */
export function toast({ text, undo_url: undo = "", kind = "" }) {
  const box = document.createElement("div");
  box.className = `toast ${kind}`.trim();
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  if (undo) box.append(button(region.dataset.undo, "undo", () => takeBack(box, undo)));
  box.append(dismissal(box));
  region.append(box);
  expire(box);
}

function dismissal(box) {
  const cross = button("×", "dismiss", () => box.remove());
  cross.setAttribute("aria-label", region.dataset.dismiss);
  return cross;
}

function button(words, className, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

/** Gone after a while, but never while somebody points at it or stands in it with the keyboard (WCAG 2.2.1). */
function expire(box) {
  let timer;
  const start = () => { clearTimeout(timer); timer = setTimeout(() => box.remove(), SECONDS * 1000); };
  const stop = () => clearTimeout(timer);
  for (const [event, react] of [["mouseenter", stop], ["focusin", stop], ["mouseleave", start], ["focusout", start]]) {
    box.addEventListener(event, react);
  }
  start();
}

async function takeBack(box, url) {
  box.remove();
  const source = document.body;
  await window.htmx.ajax("POST", url, { source, swap: "none" });
}

document.body.addEventListener("desk:toast", (event) => toast(event.detail));
for (const box of region.querySelectorAll(".toast")) {
  box.append(dismissal(box));
  expire(box);
}

// --- what goes wrong on the way ---------------------------------------------------------------------------

document.body.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (event.detail.requestConfig.headers["X-Quiet"]) return;
  // Who may only read is told so in words; other answers of errors are pages.
  const told = status === 403 && /^text\/plain/.test(event.detail.xhr.getResponseHeader("Content-Type") ?? "");
  const words = told ? event.detail.xhr.responseText : status === 404 ? region.dataset.gone : region.dataset.failed;
  toast({ text: words, kind: "error" });
});
document.body.addEventListener("htmx:sendError", (event) => {
  if (!event.detail.requestConfig.headers["X-Quiet"]) toast({ text: region.dataset.offline, kind: "error" });
});
// After the session has ended the answer is the sign-in page: do not put that into a pane.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.responseURL && /^\/(account\/login|demo)\//.test(new URL(xhr.responseURL).pathname)) {
    event.detail.shouldSwap = false;
    window.location.reload();
  }
});

// While one waits for an answer, news may have replaced what asked for it (a row, a button) or what it was for.
// Who asked is put aside unseen, so that the answer still has its toast and finds its places in the page; what it was for
// is not filled when one went back meanwhile and another conversation stands there. Events of what is not in the page
// do not reach the body, so they are heard where they happen.
const heard = { "htmx:beforeOnLoad": new WeakSet(), "htmx:beforeSwap": new WeakSet() };
const aside = document.createElement("div");
aside.hidden = true;
document.body.append(aside);

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, target, requestConfig } = event.detail;
  requestConfig.pane = pane();
  once(elt, "htmx:beforeOnLoad", (answer) => {
    if (elt.isConnected || answer.detail.requestConfig.headers["X-Quiet"]) return;
    aside.append(elt);
    setTimeout(() => elt.remove(), 2000);
  });
  once(target, "htmx:beforeSwap", (answer) => {
    const { requestConfig: asked } = answer.detail;
    const elsewhere = aside.contains(asked.elt) && asked.pane !== pane();
    if (!target.isConnected || elsewhere) answer.detail.shouldSwap = false;
  });
});

/** Which conversation stands in the pane. */
function pane() {
  return document.querySelector("#conversation [data-conversation]")?.dataset.conversation ?? "";
}

function once(element, name, react) {
  if (!element || heard[name].has(element)) return;
  heard[name].add(element);
  element.addEventListener(name, react);
}

// --- menus: a <details class="menu"> closes when one looks elsewhere ---------------------------------------

const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("pointerdown", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  } else if (event.target.matches("input[list], select, input[type=date]")) {
    return; // the arrows are the field's own
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    step(menu, event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
  }
});

function step(menu, by) {
  const items = [...menu.querySelectorAll(".menu-items :is(a[href], button:not(:disabled), input)")];
  const at = items.indexOf(document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}

document.addEventListener("click", (event) => {
  const menu = event.target.closest(".menu-items :is(a, button)")?.closest("details.menu");
  if (menu) setTimeout(() => { menu.open = false; });
});

// What htmx has put into the address since the page was loaded counts too.
document.addEventListener("submit", (event) => {
  const next = event.target.querySelector("input[data-here]");
  if (next) next.value = window.location.pathname + window.location.search;
});

// --- dialogs: data-open="id" opens one, a click on the backdrop closes it ----------------------------------

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  if (event.target.matches("[data-close]")) event.target.closest("dialog")?.close();
  if (event.target.matches("dialog.dialog") && outside(event, event.target)) event.target.close();
});

function outside(event, dialog) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

// --- panes: the rail as a drawer, the side panel over the conversation -------------------------------------

document.addEventListener("click", (event) => {
  const rail = document.getElementById("rail");
  if (event.target.closest("a[data-rail]")) { // the body carries data-rail too: whether it is open
    event.preventDefault();
    setRail(document.body.dataset.rail !== "open");
  } else if (document.body.dataset.rail === "open" && !rail?.contains(event.target)) {
    setRail(false);
  }
  if (event.target.closest("[data-side-toggle]")) toggleSide();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (document.body.dataset.rail === "open") setRail(false);
  else if (document.body.dataset.side === "open") toggleSide();
});

function setRail(open) {
  document.body.dataset.rail = open ? "open" : "";
  document.querySelector(".rail-opener")?.setAttribute("aria-expanded", String(open));
  document.querySelector(open ? ".rail-closer" : ".rail-opener")?.focus();
}

function toggleSide() {
  const side = document.getElementById("side");
  const shown = side && getComputedStyle(side).display !== "none";
  document.body.dataset.side = shown ? "closed" : "open";
}
