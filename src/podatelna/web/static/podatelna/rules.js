// Rules are put into another order by dragging them; the buttons of each do the same by keyboard.

let dragged = null;

const items = (list) => [...list.querySelectorAll("li[data-rule]")];

const unmark = () => document.querySelectorAll(".ordered li.before, .ordered li.after").forEach((item) => item.classList.remove("before", "after"));

const over = (event) => {
  const item = event.target.closest?.(".ordered li[data-rule]");
  return item && dragged && item !== dragged && item.parentElement === dragged.parentElement ? item : null;
};

const isBelow = (event, item) => {
  const box = item.getBoundingClientRect();
  return event.clientY > box.top + box.height / 2;
};

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".ordered li[data-rule]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.rule);
  dragged.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const item = over(event);
  unmark();
  if (!item) return;
  event.preventDefault();
  item.classList.add(isBelow(event, item) ? "after" : "before");
});

document.addEventListener("drop", (event) => {
  const item = over(event);
  unmark();
  if (!item) return;
  event.preventDefault();
  const others = items(item.parentElement).filter((one) => one !== dragged);
  const position = others.indexOf(item) + (isBelow(event, item) ? 1 : 0);
  window.htmx.ajax("POST", item.parentElement.dataset.order, {
    values: { rule: dragged.dataset.rule, position },
    target: "#rules",
    select: "#rules",
    swap: "outerHTML",
    source: item.parentElement,
  });
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  unmark();
});
