// Colleagues offered while one types @ and letters in a note.

import { each } from "./addressees.js";
import { Called } from "./called.js";

class Mentions extends Called {
  static CALLED = /(^|[\s([{"'„“])@([\p{L}\p{N}][\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)?$/u;
  static OFFERED = "people";

  written(option, after) {
    return `${option.dataset.written}${/^\s/.test(after) ? "" : " "}`;
  }
}

each("textarea[data-mentions]", (field) => new Mentions(field));
