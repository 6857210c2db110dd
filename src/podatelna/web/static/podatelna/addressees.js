// Suggestions while one types into To, Cc or Bcc: the field keeps the focus, arrows choose (WAI-ARIA combobox).

const AFTER_TYPING = 120; // ms
const ENOUGH = 2; // letters; one alone is in every name

export class Addressees {
  constructor(field) {
    this.field = field;
    this.home = field.closest("[data-suggestions]");
    this.box = document.createElement("ul");
    this.box.id = `${field.id}-suggestions`;
    this.box.className = "suggestions";
    this.box.hidden = true;
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", this.home.dataset.suggested);
    field.closest(".address, .mentioning").append(this.box);
    const about = { "aria-autocomplete": "list", "aria-controls": this.box.id };
    for (const [name, value] of Object.entries(about)) field.setAttribute(name, value);
    if (field.localName === "input") field.setAttribute("role", "combobox");
    this.expanded(false);
    this.listen();
  }

  /** Said of a combobox only: a field of several lines is none (ARIA in HTML). */
  expanded(open) {
    if (this.field.localName === "input") this.field.setAttribute("aria-expanded", String(open));
  }

  listen() {
    const { field, box } = this;
    field.addEventListener("input", (event) => { if (event.isTrusted) this.later(); });
    field.addEventListener("keydown", (event) => this.key(event));
    field.addEventListener("blur", () => this.close());
    // Not by click: the field would have lost the focus, and with it the list.
    box.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option && event.button === 0) this.take(option);
    });
  }

  // --- what is being typed: the last address before the caret, as long as nothing but blanks follows --------------

  typed() {
    const { value, selectionStart: caret, selectionEnd } = this.field;
    if (caret !== selectionEnd || !/^\s*(?:[,;]|$)/.test(value.slice(caret))) return null;
    let start = 0;
    let quoted = false;
    for (let at = 0; at < caret; at += 1) {
      if (value[at] === '"' && value[at - 1] !== "\\") quoted = !quoted;
      else if (!quoted && (value[at] === "," || value[at] === ";")) start = at + 1;
    }
    return { before: value.slice(0, start), words: value.slice(start, caret).trim(), after: value.slice(caret) };
  }

  later() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.timer = setTimeout(() => this.ask(), AFTER_TYPING);
  }

  async ask() {
    const words = this.typed()?.words.replace(/^"|"$/g, "");
    if (!words || words.length < ENOUGH) return this.close();
    this.asking = new AbortController();
    try {
      const url = `${this.home.dataset.suggestions}?${new URLSearchParams({ q: words })}`;
      const response = await fetch(url, { signal: this.asking.signal, headers: { Accept: "application/json" }, redirect: "manual" });
      if (response.status === 200) this.show((await response.json()).addresses, words);
    } catch { /* no connection, or more was typed meanwhile: whoever writes knows the address anyway */ }
  }

  show(found, words) {
    if (document.activeElement !== this.field) return;
    const here = `${this.typed()?.before ?? ""}${this.typed()?.after ?? ""}`.toLowerCase();
    const fresh = found.filter(({ address }) => !here.includes(address.toLowerCase()) && address.toLowerCase() !== words.toLowerCase());
    this.box.replaceChildren(...fresh.map((one, number) => this.option(one, number)));
    this.box.hidden = !fresh.length;
    this.expanded(!this.box.hidden);
    // A whole address may be one that is not known yet: then Tab must not put another one in its place.
    this.choose(words.includes("@") ? null : this.options()[0]);
  }

  option({ name, address, written }, number) {
    const item = document.createElement("li");
    item.id = `${this.box.id}-${number}`;
    item.setAttribute("role", "option");
    item.dataset.written = written;
    for (const [className, words] of [["suggested-name", name], ["suggested-address", address]]) {
      if (!words) continue;
      const part = document.createElement("span");
      part.className = className;
      part.textContent = words;
      item.append(part, " ");
    }
    return item;
  }

  // --- choosing ----------------------------------------------------------------------------------------------------

  options() {
    return [...this.box.children];
  }

  chosen() {
    return this.options().find((option) => option.getAttribute("aria-selected") === "true");
  }

  choose(option) {
    for (const other of this.options()) other.setAttribute("aria-selected", String(other === option));
    if (option) this.field.setAttribute("aria-activedescendant", option.id);
    else this.field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.box.hidden) {
      if (event.key === "ArrowDown") this.ask();
      return;
    }
    const all = this.options();
    const at = all.indexOf(this.chosen());
    if (event.key === "ArrowDown") this.choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") this.choose(all[(at <= 0 ? all.length : at) - 1]);
    else if (event.key === "Escape") this.close();
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && at >= 0) this.take(all[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take(option) {
    const { before, after } = this.typed() ?? { before: this.field.value, after: "" };
    const begun = before && !/\s$/.test(before) ? `${before} ` : before;
    const rest = after.trim() ? after : ", ";
    this.field.value = `${begun}${option.dataset.written}${rest}`;
    const caret = this.field.value.length - (after.trim() ? after.length : 0);
    this.field.setSelectionRange(caret, caret);
    this.close();
    this.field.dispatchEvent(new Event("input", { bubbles: true })); // it is to be saved
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.box.hidden = true;
    this.expanded(false);
    this.choose(null);
  }
}

/** Have `begin` called with each such field once, also with those that come later. */
export function each(selector, begin) {
  const known = new WeakSet();
  const find = () => {
    for (const field of document.querySelectorAll(selector)) {
      if (known.has(field)) continue;
      known.add(field);
      begin(field);
    }
  };
  find();
  for (const moved of ["htmx:afterSettle", "htmx:historyRestore"]) document.body.addEventListener(moved, find);
}

each("input[data-addresses]", (field) => new Addressees(field));
