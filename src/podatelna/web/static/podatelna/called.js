// What is called in the middle of a text by a sign and letters: offered while one types, chosen as addressees are.

import { Addressees } from "./addressees.js";

/** `CALLED` (static): the sign and what was typed behind it, at the caret; its second group is the words. */
export class Called extends Addressees {
  /** What stands behind the sign before the caret; null when none is being typed. */
  typed() {
    const { value, selectionStart: caret, selectionEnd } = this.field;
    const called = caret === selectionEnd ? value.slice(0, caret).match(this.constructor.CALLED) : null;
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
      if (response.status === 200) this.show((await response.json())[this.constructor.OFFERED]);
    } catch { /* no connection, or more was typed meanwhile */ }
  }

  show(offered) {
    if (document.activeElement !== this.field || !this.typed()) return this.close();
    this.box.replaceChildren(...offered.map(({ name, beside, written }, number) => this.option({ name, address: beside, written }, number)));
    this.box.hidden = !offered.length;
    this.choose(this.options()[0]);
  }

  key(event) {
    // Without a list the keys are the text's own.
    if (!this.box.hidden) super.key(event);
  }

  /** What is put in for a chosen option; `after` is what stands behind the caret. */
  written(option, after) {
    return option.dataset.written;
  }

  take(option) {
    const typed = this.typed();
    if (!typed) return this.close();
    const written = this.written(option, typed.after);
    this.field.value = `${typed.before}${written}${typed.after}`;
    const caret = typed.before.length + written.length;
    this.field.setSelectionRange(caret, caret);
    this.close();
    this.field.dispatchEvent(new Event("input", { bubbles: true })); // it is to be saved
  }
}
