// The list: which row is open, what is selected, and rows that refresh without moving under the reader.

const body = document.body;
const list = document.getElementById("list");
const rows = () => document.getElementById("rows");
const boxes = () => [...(rows()?.querySelectorAll(".pick input") ?? [])];

/** The id of the conversation in the address, or null. */
export function openConversation() {
  return window.location.pathname.match(/^\/conversations\/(\d+)\//)?.[1] ?? null;
}

// --- which row is open -------------------------------------------------------------------------------------

function markOpen() {
  const open = openConversation();
  for (const row of rows()?.querySelectorAll(".row-item[data-id]") ?? []) {
    const link = row.querySelector(".row-link");
    if (row.dataset.id === open) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  body.dataset.pane = window.location.pathname.match(/^\/(conversations|messages|drafts|compose)\//) ? "conversation" : "list";
  rankTitle();
}

/** The first heading of the page is that of what is open; the list's is the first only while nothing is. */
function rankTitle() {
  const title = document.getElementById("list-title");
  const wanted = body.dataset.pane === "conversation" ? "h2" : "h1";
  if (!title || title.localName === wanted) return;
  const heading = document.createElement(wanted);
  for (const { name, value } of title.attributes) heading.setAttribute(name, value);
  heading.append(...title.childNodes);
  title.replaceWith(heading);
}

body.addEventListener("htmx:pushedIntoHistory", () => {
  markOpen();
  last = openConversation();
  rows()?.querySelector(`.row-item[data-id="${last}"]`)?.classList.remove("unread");
});
body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "conversation") return;
  event.detail.target.scrollTop = 0;
  nameDocument();
  // One pane at a time: whoever opened it by keyboard or reader must find themselves in it.
  if (getComputedStyle(list).display === "none") document.getElementById("conversation").focus({ preventScroll: true });
});
for (const moved of ["htmx:historyRestore", "htmx:historyCacheMissLoad"]) {
  body.addEventListener(moved, () => { markOpen(); nameDocument(); });
}

function nameDocument() {
  const heading = document.querySelector("#conversation h1, #conversation h2");
  const name = openConversation() && heading ? heading.textContent.trim() : body.dataset.listTitle;
  document.title = `${name} · Podatelna`;
}

// --- one pane at a time: back to the list is the step back that opened it, so the list stands where it stood -----

let last = null; // the conversation that was opened last
let fromList = false; // whether the entry of the history before this one is the list

body.addEventListener("htmx:beforeHistoryUpdate", () => { fromList = body.dataset.pane === "list"; });
document.addEventListener("click", (event) => {
  const link = event.target.closest('#conversation a[data-key="u"]');
  if (!link || !fromList || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  window.history.back();
});
window.addEventListener("popstate", () => {
  markOpen(); // at once; what the pane holds comes from the server a moment later
  if (body.dataset.pane === "list" && last) document.getElementById(`row-${last}`)?.focus({ preventScroll: true });
  fromList = false;
});

// --- what is selected: x, a click on the box, Shift-click for a range ---------------------------------------

const selected = new Set();
let lastPicked = null;

function showSelection() {
  selected.clear();
  for (const box of boxes()) if (box.checked) selected.add(box.value);
  rows()?.classList.toggle("selecting", selected.size > 0);
  const count = document.getElementById("selected-count");
  if (count) count.textContent = selected.size ? count.dataset.words.replace("{count}", selected.size) : "";
}

list?.addEventListener("click", (event) => {
  const box = event.target.closest(".pick input");
  if (!box) {
    const link = event.target.closest(".row-link");
    if (link && event.shiftKey) pickRange(event, link.closest(".row-item").querySelector(".pick input"));
    return;
  }
  if (event.shiftKey && lastPicked) range(lastPicked, box, box.checked);
  lastPicked = box.value;
  showSelection();
});
// Shift-click on a row would open a new window.
function pickRange(event, box) {
  if (!box) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  box.checked = true;
  if (lastPicked) range(lastPicked, box, true);
  lastPicked = box.value;
  showSelection();
}

function range(from, to, checked) {
  const all = boxes();
  const ends = [all.findIndex((box) => box.value === from), all.indexOf(to)].sort((a, b) => a - b);
  if (ends[0] < 0) return;
  for (const box of all.slice(ends[0], ends[1] + 1)) box.checked = checked;
}

export function select(row) {
  const box = row?.querySelector(".pick input");
  if (!box) return;
  box.checked = !box.checked;
  lastPicked = box.value;
  showSelection();
}

export function unselect() {
  for (const box of boxes()) box.checked = false;
  showSelection();
}

list?.addEventListener("reset", () => setTimeout(showSelection));
list?.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches("[data-bulk]") && event.detail.successful) unselect();
});

// --- refreshing: same rows under the eyes, same focus, same selection ---------------------------------------

let refreshing = false;
let again = false;

document.addEventListener("desk:changed", () => { refreshRows(); refreshRail(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) refreshRows(); });

async function refreshRows() {
  const target = rows();
  if (!target?.dataset.refresh) return;
  if (refreshing) { again = true; return; }
  refreshing = true;
  const size = target.querySelectorAll(".row-item").length;
  await quietly(`${target.dataset.refresh}?size=${size}`, target);
  refreshing = false;
  if (again) { again = false; refreshRows(); }
}

async function refreshRail() {
  const target = document.getElementById("rail-lists");
  if (!target) return;
  const current = new URLSearchParams({ slug: body.dataset.slug ?? "", family: body.dataset.family ?? "" });
  await quietly(`${target.dataset.refresh}?${current}`, target);
}

/** GET through htmx into `target`; a failure says nothing, the next pulse tries again. */
async function quietly(url, target) {
  try {
    await window.htmx.ajax("GET", url, { source: target, target, swap: "innerHTML", headers: { "X-Quiet": "1" } });
  } catch { /* said by nobody, tried again by the next pulse */ }
}

let anchor = null;
let known = [];
let stood = null; // the row that one was at before the rows came anew
const idsOf = (box) => [...box.querySelectorAll(".row-item[data-id]")].map((row) => row.dataset.id);
body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "rows") return;
  anchor = anchorOf(rows());
  known = idsOf(rows());
  const at = currentLink()?.closest(".row-item").dataset.id;
  if (at) stood = { at, order: known };
});

/** The link of the row that has the focus, else of the open one. */
export const currentLink = () => document.activeElement?.closest?.("#rows .row-item")?.querySelector(".row-link")
  ?? document.querySelector('#rows .row-link[aria-current="true"]');

/** When the row one was at has left the list (closed, taken): what stands after or before its place. */
export function beside(by) {
  if (!stood) return null;
  const place = stood.order.indexOf(stood.at);
  const way = by > 0 ? stood.order.slice(place + 1) : stood.order.slice(0, place).reverse();
  const left = way.map((id) => rows().querySelector(`.row-item[data-id="${id}"] .row-link`));
  return left.find(Boolean) ?? null;
}

body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "rows" && !event.detail.target?.closest?.("#rows")) return;
  for (const box of boxes()) box.checked = selected.has(box.value);
  markOpen();
  showSelection();
  if (event.detail.target.id !== "rows") return;
  hold(rows(), anchor);
  for (const row of rows().querySelectorAll(".row-item[data-id]")) if (!known.includes(row.dataset.id)) row.classList.add("fresh");
});

/** The first row in sight and where it stands; at the very top nothing is held, so that new mail comes into sight. */
function anchorOf(box) {
  if (!box.scrollTop) return null;
  const top = box.getBoundingClientRect().top;
  const row = [...box.querySelectorAll(".row-item[data-id]")].find((item) => item.getBoundingClientRect().bottom > top);
  return row && { id: row.dataset.id, offset: row.getBoundingClientRect().top - top };
}

function hold(box, held) {
  const row = held && box.querySelector(`.row-item[data-id="${held.id}"]`);
  if (row) box.scrollTop += row.getBoundingClientRect().top - box.getBoundingClientRect().top - held.offset;
}

// A conversation opened by its address may stand far down in its list.
rows()?.querySelector('[aria-current="true"]')?.closest(".row-item")?.scrollIntoView({ block: "nearest" });
