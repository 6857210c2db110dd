// The editor of a rule comes again from the server when what is asked or done is changed; what is written meanwhile is kept.

let written = null;

const isEditor = (event) => event.detail.target?.id === "rule-editor";

const isTicked = (field) => field.matches("[type=checkbox], [type=radio]");

const place = (field) => `#rule-form [name="${CSS.escape(field.name)}"]` + (isTicked(field) ? `[value="${CSS.escape(field.value)}"]` : "");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isEditor(event)) written = new Map();
});

document.addEventListener("input", ({ target: field }) => {
  if (written && field.form?.id === "rule-form" && !field.hasAttribute("hx-post")) written.set(place(field), field);
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!isEditor(event)) return;
  // Taking a row away gives the others new numbers: then what stands where is the server's to say.
  const kept = event.detail.requestConfig?.elt.name === "away" ? [] : [...(written ?? [])];
  written = null;
  for (const [selector, old] of kept) {
    const field = document.querySelector(selector);
    if (!field || field === old || field.type !== old.type) continue;
    if (isTicked(field)) field.checked = old.checked;
    else if (!field.options || [...field.options].some((option) => option.value === old.value)) field.value = old.value;
  }
});
