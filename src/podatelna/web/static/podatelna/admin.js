// The administration: the tab one is on in sight, copying a link, testing a connection step by step, fields that depend on a choice.

document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// --- one-time links -------------------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => copy(button));
}
for (const input of document.querySelectorAll("[data-select]")) {
  input.addEventListener("focus", () => input.select());
}

async function copy(button) {
  const input = button.parentElement.querySelector("input");
  input.select();
  try {
    await navigator.clipboard.writeText(input.value);
  } catch {
    // Without HTTPS there is no clipboard interface; the selected text is copied the old way.
    document.execCommand("copy");
  }
  button.querySelector("span").textContent = button.dataset.copied;
}

// --- fields that depend on a choice -----------------------------------------------------------------------

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
for (const part of document.querySelectorAll("[data-shown-by]")) {
  const choice = part.closest("form").elements[part.dataset.shownBy];
  const show = () => { part.hidden = choice.value !== part.dataset.shownFor; };
  choice.addEventListener("change", show);
  show();
}

// --- the test of a connection -----------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-test]")) {
  button.addEventListener("click", () => test(button));
}

async function test(button) {
  const list = document.getElementById("test-steps");
  list.replaceChildren();
  list.hidden = false;
  list.setAttribute("aria-busy", "true");
  button.disabled = true;
  try {
    const response = await fetch(button.dataset.test, { method: "POST", body: new FormData(button.form), redirect: "error" });
    if (!response.ok && response.status !== 422) throw new Error(response.status);
    await append(list, response.body.pipeThrough(new TextDecoderStream()));
  } catch {
    const item = document.createElement("li");
    item.className = "failed";
    item.textContent = list.dataset.broken;
    list.append(item);
  } finally {
    list.setAttribute("aria-busy", "false");
    button.disabled = false;
  }
}

/** Each line of the answer is a finished <li> of ours; a piece that ends within a line waits for its rest. */
async function append(list, stream) {
  let rest = "";
  const reader = stream.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop();
    for (const line of lines) list.insertAdjacentHTML("beforeend", line);
  }
  list.insertAdjacentHTML("beforeend", rest);
}
