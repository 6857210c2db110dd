// What a screen reader would stumble over on this page, as a list of sentences. Evaluated by test_pages.py.
() => {
  const found = [];
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const all = (selector, root = document) => [...root.querySelectorAll(selector)].filter(seen);
  const shown = (element) => `<${element.tagName.toLowerCase()} id="${element.id}" class="${element.className}">`;

  if (!document.documentElement.lang) found.push("has no language");
  if (!/^\S.* · Podatelna$/s.test(document.title)) found.push(`is called “${document.title}”`);
  if (document.querySelectorAll("main").length !== 1) found.push("has not exactly one main landmark");

  const first = all("h1");
  if (first.length !== 1) found.push(`has ${first.length} first headings: ${first.map((one) => one.textContent.trim()).join(" | ")}`);
  for (const heading of all("h1, h2, h3, h4")) if (!heading.textContent.trim()) found.push(`${shown(heading)} is empty`);

  const ids = new Map();
  for (const { id } of document.querySelectorAll("[id]")) ids.set(id, (ids.get(id) ?? 0) + 1);
  for (const [id, times] of ids) if (times > 1) found.push(`has the id ${id} ${times} times`);
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "for", "list", "form"]) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) {
        if (!ids.has(id)) found.push(`${shown(element)}: ${attribute} names ${id}, which is not here`);
      }
    }
  }

  const text = (element) => element.textContent.trim() || element.querySelector("img[alt]")?.alt || "";
  const labelled = (element) => (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join("").trim();
  const named = (element) => element.getAttribute("aria-label")?.trim() || labelled(element)
    || [...(element.labels ?? [])].map(text).join("")
    || (element.matches("input, select, textarea") ? "" : text(element)) || element.title;
  const controls = "a[href], button, summary, input:not([type=hidden]), select, textarea, [role=button], [role=option], [tabindex='0']";
  for (const control of all(controls)) if (!named(control)) found.push(`${shown(control)} has no name`);
  for (const frame of all("iframe")) if (!frame.title) found.push("has a frame without a title");
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) found.push(`${shown(image)} has no alt`);
  for (const region of all("nav, aside, section[aria-label], dialog")) {
    if (region.matches("nav, aside, dialog") && !named(region)) found.push(`${shown(region)} has no name`);
  }
  for (const outer of all("a[href], button")) {
    if (outer.querySelector("a[href], button, input, select, textarea")) found.push(`${shown(outer)} holds another control`);
  }
  for (const inner of document.querySelectorAll("[aria-hidden=true] :is(a[href], button):not([tabindex='-1'])")) {
    if (seen(inner)) found.push(`${shown(inner)} is hidden from readers, and takes the focus`);
  }
  return found;
}
