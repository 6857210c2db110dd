// A conversation's row, dragged onto a case, is filed under it; onto "Cases", the case is chosen. By keyboard: Shift+F.

const TARGETS = '[data-drop="case"]';

let over = null;

const mark = (target) => {
  over?.classList.remove("drop-here");
  over = target;
  over?.classList.add("drop-here");
};

const dragged = (text) => {
  try {
    const url = new URL(text.split("\n")[0]);
    return url.origin === window.location.origin ? (url.pathname.match(/^\/conversations\/(\d+)\//)?.[1] ?? null) : null;
  } catch {
    return null;
  }
};

let row = null; // only rows of the list: a link of elsewhere is dropped as everywhere

document.addEventListener("dragstart", (event) => {
  const link = event.target.closest?.("a.row-link");
  row = link ? dragged(link.href) : null;
});

document.addEventListener("dragover", (event) => {
  const target = row ? event.target.closest?.(TARGETS) : null;
  mark(target ?? null);
  if (target) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const target = row ? event.target.closest?.(TARGETS) : null;
  mark(null);
  if (!target) return;
  event.preventDefault();
  const filing = `/conversations/${row}/filing`;
  const where = { target: "#conversation", source: target };
  if (target.dataset.case) window.htmx.ajax("POST", filing, { ...where, values: { case: target.dataset.case } });
  else if (document.getElementById("conversation")) window.htmx.ajax("GET", filing, where);
  else window.location.assign(filing);
});

document.addEventListener("dragend", () => {
  row = null;
  mark(null);
});
