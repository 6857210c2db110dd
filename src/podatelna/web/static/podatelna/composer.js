// The composer: saves as one types, on the server and until then in this browser; files by button, drop and paste.

const AFTER_TYPING = 800; // ms
const RETRY = 5000; // ms
const IDLE = 8000; // ms without a key: not writing any more

/** The composer's form inside `root`, or null. */
export const composerIn = (root) => root?.querySelector("form.composer") ?? null;

const composers = new WeakMap();

class Composer {
  constructor(form) {
    this.form = form;
    this.key = `podatelna-draft-${form.dataset.draft}`;
    this.isNote = form.classList.contains("is-note");
    this.state = form.querySelector("[data-save-state]");
    this.dirty = false;
    this.saving = null; // the promise of the request under way
    this.blocked = false; // a conflict waits for its writer
    this.timer = null;
    form.classList.add("with-script");
    this.prepare();
    this.restore();
  }

  prepare() {
    const { form } = this;
    form.addEventListener("input", (event) => { 
      if (!event.target.name || event.target.type === "file") return;
      this.corrected(event.target);
      this.changed();
    });
    for (const button of form.querySelectorAll("[data-attach], [data-show-copies]")) button.hidden = false;
    form.querySelector("[data-attach]")?.addEventListener("click", () => form.querySelector("input[type=file]").click());
    form.addEventListener("change", (event) => {
      if (event.target.type === "file") { this.upload([...event.target.files]); event.target.value = ""; }
      if (event.target.name === "sender") this.showSignature();
    });
    form.addEventListener("click", (event) => {
      // It is of that kind already: the key or the click goes on writing.
      if (!event.target.closest('[name="kind"][aria-pressed="true"]')) return;
      event.preventDefault();
      event.stopPropagation();
      this.text.focus();
    }, true);
    this.prepareCopies();
    this.text = form.querySelector("textarea");
    this.text.addEventListener("input", () => this.grow());
    this.grow();
    // Taking a file away is no end of the writing: what is typed is still to be saved.
    const ends = (event) => !event.target.closest("#composer-files, #bad-addresses"); // the button itself may be gone by then
    // A save under way holds the revision that sending needs: wait for it, then send what stands here.
    form.addEventListener("htmx:confirm", (event) => {
      if (!ends(event)) return;
      clearTimeout(this.timer);
      if (!this.saving) return;
      event.preventDefault();
      this.saving.finally(() => event.detail.issueRequest());
    });
    form.addEventListener("htmx:beforeRequest", (event) => { if (ends(event)) clearTimeout(this.timer); });
    form.addEventListener("htmx:afterRequest", (event) => {
      if (!ends(event)) return;
      if (event.detail.successful) this.forget();
      else if (event.detail.elt === form) this.failed();
    });
  }

  /** What was wrong is being mended: the words about it go. */
  corrected(field) {
    if (field.getAttribute("aria-invalid") !== "true") return;
    field.removeAttribute("aria-invalid");
    document.getElementById(field.getAttribute("aria-describedby"))?.remove();
  }

  prepareCopies() {
    const opener = this.form.querySelector("[data-show-copies]");
    if (!opener) return;
    const rows = this.form.querySelectorAll("[data-copies]");
    for (const row of rows) row.hidden = true;
    opener.addEventListener("click", () => {
      for (const row of rows) row.hidden = false;
      opener.remove();
      this.form.querySelector("#cc").focus();
    });
  }

  // --- saving ---------------------------------------------------------------------------------------------

  values() {
    const data = new FormData(this.form);
    data.delete("files");
    return data;
  }

  changed() {
    this.dirty = true;
    this.keepHere();
    this.say(this.form.dataset.saving);
    writing(true);
    if (this.blocked) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), AFTER_TYPING);
  }

  async save() {
    if (this.saving || !this.form.isConnected) return;
    this.dirty = false;
    this.saving = this.post();
    try { await this.saving; } finally { this.saving = null; }
    if (this.dirty && !this.blocked && this.form.isConnected) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), this.lost ? RETRY : AFTER_TYPING);
    }
  }

  async post() {
    let response;
    try {
      response = await fetch(this.form.dataset.url, {
        method: "POST", body: this.values(), headers: { Accept: "application/json" }, redirect: "manual",
      });
    } catch {
      return this.failed();
    }
    if (response.status === 409) return this.conflict(await response.json());
    if (response.status === 404) return this.gone();
    if (response.status !== 200) return this.failed();
    const saved = await response.json();
    this.form.elements.revision.value = saved.revision;
    this.warn(saved.bad ?? "");
    this.lost = false;
    if (!this.dirty) { this.forget(); this.say(this.form.dataset.saved); }
  }

  /** About addresses that mail came back from; said again only when it is something else. */
  warn(html) {
    const box = this.form.querySelector("#bad-addresses");
    if (!box || this.warned === html) return;
    this.warned = html;
    box.innerHTML = html;
    window.htmx.process(box);
  }

  failed() {
    this.dirty = true;
    this.lost = true;
    this.keepHere();
    this.say(this.form.dataset.unsaved, true);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), RETRY);
  }

  gone() {
    this.blocked = true;
    this.keepHere();
    this.say(this.form.dataset.gone, true);
  }

  say(words, loud = false) {
    if (!this.state) return;
    // Read out only when something is wrong: "saved" after every pause would talk over the writer.
    if (loud) this.state.setAttribute("role", "alert");
    else this.state.removeAttribute("role");
    if (this.state.textContent !== words) this.state.textContent = words;
    this.state.classList.toggle("loud", loud);
  }

  // --- the copy in this browser -----------------------------------------------------------------------------

  keepHere() {
    const values = Object.fromEntries([...this.values()].filter(([name]) => name !== "csrfmiddlewaretoken"));
    try { localStorage.setItem(this.key, JSON.stringify({ values, at: Date.now() })); } catch { /* full, or forbidden */ }
  }

  forget() {
    try { localStorage.removeItem(this.key); } catch { /* forbidden */ }
  }

  /** What had not reached the server when the page went away; nothing when the server has a later revision. */
  restore() {
    let kept;
    try { kept = JSON.parse(localStorage.getItem(this.key)); } catch { return; }
    if (!kept) return;
    if (Number(kept.values.revision) < Number(this.form.elements.revision.value)) {
      if (kept.values.text && kept.values.text !== this.text.value) this.offer(kept.values.text, { theirsIsHere: true });
      else this.forget();
      return;
    }
    let differs = false;
    for (const name of ["sender", "to", "cc", "bcc", "subject", "text"]) {
      const element = this.form.elements[name];
      if (!element || kept.values[name] === undefined || element.value === kept.values[name]) continue;
      element.value = kept.values[name];
      differs = true;
    }
    if (!differs) return this.forget();
    this.grow();
    this.changed();
  }

  // --- two windows ------------------------------------------------------------------------------------------

  conflict(theirs) {
    this.blocked = true;
    this.form.elements.revision.value = theirs.revision;
    this.offer(theirs.text);
  }

  /** Both texts: this window's in the field, `text` beside it; its writer says which one stays. */
  offer(text) {
    this.blocked = true;
    const notice = this.form.querySelector("template[data-conflict]").content.cloneNode(true).firstElementChild;
    notice.querySelector("[data-stale-text]").textContent = text;
    const settle = (take) => {
      if (take) { this.text.value = text; this.grow(); }
      notice.remove();
      this.blocked = false;
      this.changed();
      this.text.focus();
    };
    notice.querySelector("[data-keep-mine]").addEventListener("click", () => settle(false));
    notice.querySelector("[data-take-theirs]").addEventListener("click", () => settle(true));
    this.form.querySelector("[data-notices]").replaceChildren(notice);
  }

  // --- looks ------------------------------------------------------------------------------------------------

  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, window.innerHeight * 0.6)}px`;
  }

  showSignature() {
    const chosen = this.form.elements.sender.value;
    for (const box of this.form.querySelectorAll("[data-signature-of]")) box.hidden = box.dataset.signatureOf !== chosen;
  }

  focus() {
    const notice = this.form.querySelector("[data-look-here]");
    const wrong = this.form.querySelector("[aria-invalid=true]");
    const to = this.form.elements.to;
    const field = wrong ?? (to && !to.value ? to : this.text);
    this.form.scrollIntoView({ block: "nearest" });
    if (notice) { notice.scrollIntoView({ block: "nearest" }); notice.focus(); } else field.focus({ preventScroll: true });
    if (field === this.text && !notice) this.text.setSelectionRange(this.text.value.length, this.text.value.length);
    this.form.querySelector(".composer-actions").scrollIntoView({ block: "nearest" });
  }

  // --- files ------------------------------------------------------------------------------------------------

  async upload(files) {
    if (this.isNote || !files.length) return;
    const box = this.form.querySelector("#composer-files");
    const there = [...box.querySelectorAll("[data-size]")].reduce((sum, item) => sum + Number(item.dataset.size), 0);
    const total = files.reduce((sum, file) => sum + file.size, there);
    if (total > Number(this.form.dataset.limit)) return this.complain(this.form.dataset.tooLarge);
    for (const file of files) await this.uploadOne(file, box);
  }

  uploadOne(file, box) {
    const item = this.progress(file, box);
    const request = new XMLHttpRequest();
    request.open("POST", `${this.form.dataset.url}files`);
    request.setRequestHeader("HX-Request", "true"); // the answer is the list of files
    request.upload.addEventListener("progress", (event) => { item.bar.value = event.loaded / event.total; });
    const data = new FormData();
    data.append("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    data.append("files", file, file.name || "image.png");
    return new Promise((resolve) => {
      request.addEventListener("loadend", () => {
        item.remove();
        if (request.status === 200 || request.status === 413) {
          box.innerHTML = request.responseText;
          window.htmx.process(box);
        } else {
          this.complain(this.form.dataset.failed.replace("%(name)s", file.name));
        }
        resolve();
      });
      request.send(data);
    });
  }

  progress(file, box) {
    const item = document.createElement("li");
    item.className = "file uploading";
    const name = document.createElement("span");
    name.className = "file-name";
    name.textContent = file.name;
    item.bar = document.createElement("progress");
    item.bar.setAttribute("aria-label", file.name);
    item.bar.max = 1;
    item.append(name, item.bar);
    box.querySelector(".files").append(item);
    return item;
  }

  complain(words) {
    const box = this.form.querySelector("#composer-files");
    box.querySelector(".error")?.remove();
    const error = document.createElement("p");
    error.className = "error";
    error.setAttribute("role", "alert");
    error.textContent = words;
    box.append(error);
  }
}

// --- who is writing --------------------------------------------------------------------------------------------

let idle = null;
function writing(on) {
  clearTimeout(idle);
  if (on) idle = setTimeout(() => writing(false), IDLE);
  document.dispatchEvent(new CustomEvent("desk:writing", { detail: { writing: on } }));
}

// --- one composer on the page, come by page load or by htmx -----------------------------------------------------

function find(focus) {
  const form = composerIn(document);
  if (form && !composers.has(form)) {
    composers.set(form, new Composer(form));
    if (focus) composers.get(form).focus();
  }
  if (!form) writing(false);
  return form && composers.get(form);
}

find(window.location.hash === "#composer" || Boolean(document.getElementById("composer-new")));
document.body.addEventListener("htmx:afterSettle", (event) => {
  const { target } = event.detail;
  find(target?.id?.startsWith("composer-"));
});
document.body.addEventListener("htmx:historyRestore", () => find(false));
window.addEventListener("online", () => find(false)?.save());
window.addEventListener("beforeunload", (event) => {
  const composer = find(false);
  if (composer?.lost && composer.dirty) event.preventDefault();
});

// Files dropped beside the composer would be opened by the browser in place of the desk.
const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  const form = composerIn(document);
  const open = form && !form.classList.contains("is-note");
  event.dataTransfer.dropEffect = open ? "copy" : "none";
  form?.classList.toggle("dropping", Boolean(open));
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) composerIn(document)?.classList.remove("dropping"); });
document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  composerIn(document)?.classList.remove("dropping");
  find(false)?.upload([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  const form = event.target.closest?.("form.composer");
  const files = [...(event.clipboardData?.files ?? [])];
  // Text copied from an office program carries a picture of itself: then it is the text that is meant.
  if (!form || !files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  composers.get(form)?.upload(files);
});
