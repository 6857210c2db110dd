// The keys of ui.md, and the palette. A button that carries data-key="r" is what the key r presses.

import { beside, currentLink, select } from "./list.js";

// Single keys can be turned off (WCAG 2.2 2.1.4): whoever dictates would press them all the time.
const SWITCH = "podatelna.single-keys";
const singleKeys = document.getElementById("single-keys");
if (singleKeys) {
  singleKeys.checked = localStorage.getItem(SWITCH) !== "off";
  singleKeys.addEventListener("change", () => localStorage.setItem(SWITCH, singleKeys.checked ? "on" : "off"));
}

const PAGES = { i: "/desk/mine/", m: "/desk/unassigned/", a: "/desk/all/" };
let going = false;

const visible = (element) => element.checkVisibility({ visibilityProperty: true });
const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]");
const inDialog = () => document.querySelector("dialog[open]");

/** Press the first visible button for `key`; false when there is none. */
export function press(key) {
  const button = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
  button?.click();
  if (button?.matches("summary")) setTimeout(() => button.parentElement.querySelector(".menu-items :is(a, button, input:not([type=hidden]))")?.focus());
  return Boolean(button);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (withControl(event)) event.preventDefault();
    return;
  }
  if (event.altKey || inDialog()) return;
  if (typing(event.target)) {
    if (event.key === "Escape") leave(event.target);
    return;
  }
  if (singleKeys?.checked && act(event.key)) event.preventDefault();
});

function withControl(event) {
  if (event.key.toLowerCase() === "k") return openPalette();
  if (event.key !== "Enter") return false;
  const composer = event.target.closest?.("form");
  const send = composer && [...composer.querySelectorAll('[data-key="Ctrl-Enter"]')].find(visible);
  if (send) send.click();
  return Boolean(send) || press("Ctrl-Enter");
}

/** Escape takes one out of the search box, back to the rows; the composer keeps the focus, it has its own keys. */
function leave(field) {
  if (field.id === "search") (currentLink() ?? field).focus();
  if (field.id === "search") field.blur();
}

function act(key) {
  if (going) {
    going = false;
    if (PAGES[key]) window.location.assign(PAGES[key]);
    return key in PAGES;
  }
  switch (key) {
    case "j": return move(1);
    case "k": return move(-1);
    case "o": return open();
    case "x": return pick();
    case "u": return back();
    case "/": return search();
    case "?": return openDialog("keys-dialog");
    case "z": return undo();
    case "g":
      going = true;
      setTimeout(() => { going = false; }, 1500);
      return true;
    default: return key.length === 1 && press(key);
  }
}

// --- the list ----------------------------------------------------------------------------------------------

const links = () => [...document.querySelectorAll("#rows .row-link")];

function move(by) {
  const all = links();
  if (!all.length) return false;
  const at = all.indexOf(currentLink());
  const next = at < 0 ? beside(by) ?? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next.focus();
  next.closest(".row-item").scrollIntoView({ block: "nearest" });
  return true;
}

function open() {
  const link = currentLink();
  link?.click();
  return Boolean(link);
}

function pick() {
  const row = currentLink()?.closest(".row-item");
  if (row) select(row);
  return Boolean(row);
}

/** Back to the list: where one pane is shown its link leads there; beside the list it is the row's focus. */
function back() {
  if (press("u")) return true;
  const link = currentLink() ?? links()[0];
  link?.focus();
  return Boolean(link);
}

function search() {
  const field = document.getElementById("search");
  if (!field || !visible(field)) window.location.assign("/search/");
  field?.focus();
  field?.select();
  return true;
}

/** The Undo of the newest toast; when the toasts are gone, that of the letter which still waits. */
function undo() {
  const waiting = [...document.querySelectorAll("#toasts .undo, #conversation .sending:has([data-countdown]) button")];
  const newest = waiting.filter(visible).at(-1);
  newest?.click();
  return Boolean(newest);
}

function openDialog(id) {
  document.getElementById(id)?.showModal();
  return true;
}

// --- the palette: the input keeps the focus, arrows choose (WAI-ARIA combobox with a listbox) ----------------

const palette = document.getElementById("palette");
const field = palette?.querySelector("input");
const found = document.getElementById("palette-found");
const options = () => [...found.querySelectorAll('[role="option"]')].filter((option) => !option.hidden);

function openPalette() {
  if (!palette || palette.open) return Boolean(palette);
  palette.showModal();
  field.value = "";
  window.htmx.trigger(field, "palette:opened");
  return true;
}

found?.addEventListener("htmx:afterSwap", () => {
  // Offered is what can be done now: its button is on the page.
  for (const option of found.querySelectorAll("[data-press]")) {
    option.hidden = ![...document.querySelectorAll(`[data-key="${CSS.escape(option.dataset.press)}"]`)].some(visible);
  }
  for (const section of found.querySelectorAll(".palette-section")) {
    section.hidden = ![...section.querySelectorAll('[role="option"]')].some((option) => !option.hidden);
  }
  choose(options()[0]);
});

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  field.setAttribute("aria-activedescendant", option?.id ?? "");
  option?.scrollIntoView({ block: "nearest" });
}

field?.addEventListener("keydown", (event) => {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
  } else if (event.key === "Enter") {
    all[at]?.click();
  } else {
    return;
  }
  event.preventDefault();
});

found?.addEventListener("click", (event) => {
  const option = event.target.closest("[data-press]");
  if (!option) return;
  palette.close();
  press(option.dataset.press);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]")) openPalette();
});
