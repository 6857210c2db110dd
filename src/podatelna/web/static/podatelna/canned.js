// Canned answers offered while one types / and letters at the beginning of a word.

import { each } from "./addressees.js";
import { Called } from "./called.js";

class Canned extends Called {
  static CALLED = /(^|\s)\/([\p{L}\p{N}][\p{L}\p{N} .-]*)?$/u;
  static OFFERED = "answers";

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

each("textarea[data-canned]", (field) => {
  const canned = new Canned(field);
  const button = field.form.querySelector("[data-insert-canned]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => canned.begin());
});
