// Canned answers offered while one types / and letters at the beginning of a word; chosen as addressees are.

import { Addressees } from "./addressees.js";

const CALLED = /(^|\s)\/([\p{L}\p{N}][\p{L}\p{N} .-]*)?$/u;

class Canned extends Addressees {
  /** What stands behind the last / before the caret; null when none is being typed. */
  typed() {
    const { value, selectionStart: caret, selectionEnd } = this.field;
    const called = caret === selectionEnd ? value.slice(0, caret).match(CALLED) : null;
    if (!called) return null;
    const words = called[2] ?? "";
    return { before: value.slice(0, caret - words.length - 1), words, after: value.slice(caret) };
  }

  async ask() {
    const typed = this.typed();
    if (!typed) return this.close();
    this.asking = new AbortController();
    try {
      const url = `${this.home.dataset.suggestions}?${new URLSearchParams({ q: typed.words })}`;
      const response = await fetch(url, { signal: this.asking.signal, headers: { Accept: "application/json" }, redirect: "manual" });
      if (response.status === 200) this.show((await response.json()).answers);
    } catch { /* no connection, or more was typed meanwhile */ }
  }

  show(answers) {
    if (document.activeElement !== this.field || !this.typed()) return this.close();
    this.box.replaceChildren(...answers.map(({ name, beside, written }, number) => this.option({ name, address: beside, written }, number)));
    this.box.hidden = !answers.length;
    this.choose(this.options()[0]);
  }

  key(event) {
    // Without a list the keys are the text's own.
    if (!this.box.hidden) super.key(event);
  }

  take(option) {
    const typed = this.typed();
    if (!typed) return this.close();
    const { written } = option.dataset;
    this.field.value = `${typed.before}${written}${typed.after}`;
    const caret = typed.before.length + written.length;
    this.field.setSelectionRange(caret, caret);
    this.close();
    this.field.dispatchEvent(new Event("input", { bubbles: true })); // it is to be saved
  }

  /** The button types the / for whoever does not know it. */
  begin() {
    const { field } = this;
    field.focus();
    if (!this.typed()) {
      const before = field.value.slice(0, field.selectionStart);
      field.setRangeText(before && !/\s$/.test(before) ? " /" : "/", field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.ask();
  }
}

const known = new WeakSet();

function find() {
  for (const field of document.querySelectorAll("textarea[data-canned]")) {
    if (known.has(field)) continue;
    known.add(field);
    const canned = new Canned(field);
    const button = field.form.querySelector("[data-insert-canned]");
    if (!button) continue;
    button.hidden = false;
    button.addEventListener("click", () => canned.begin());
  }
}

find();
for (const moved of ["htmx:afterSettle", "htmx:historyRestore"]) document.body.addEventListener(moved, find);
