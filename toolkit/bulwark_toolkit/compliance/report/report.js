"use strict";
(() => {
  const by = id => document.getElementById(id);
  const find = by("find"), framework = by("framework"), served = by("served"), shown = by("shown");
  const boxes = [...document.querySelectorAll("input[name=outcome]")];
  const controls = [...document.querySelectorAll(".control")].map(element => ({
    element,
    framework: element.closest("[data-framework]").dataset.framework,
    outcome: element.dataset.outcome,
    served: element.dataset.served,
    text: null, // read when it is first searched: there can be megabytes of it
  }));
  const total = controls.length;

  function matches(control, words) {
    if (!words.length) return true;
    control.text ??= control.element.textContent.toLowerCase();
    return words.every(word => control.text.includes(word));
  }

  function apply() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const outcomes = new Set(boxes.filter(box => box.checked).map(box => box.value));
    let count = 0;
    for (const control of controls) {
      const seen = (!framework.value || framework.value === control.framework)
        && (!served.value || served.value === control.served)
        && outcomes.has(control.outcome) && matches(control, words);
      control.element.hidden = !seen;
      if (seen) count++;
    }
    for (const part of document.querySelectorAll(".group, .framework"))
      part.hidden = !part.querySelector(".control:not([hidden])");
    shown.textContent = count === total ? `All ${total} controls are shown.`
      : `${count} of ${total} controls are shown${words.length ? `, with “${find.value.trim()}”` : ""}.`;
  }

  function reset() {
    find.value = framework.value = served.value = "";
    for (const box of boxes) box.checked = true;
    apply();
  }

  function all(open) {
    for (const {element} of controls) if (!element.hidden || !open) element.open = open;
  }

  function follow() {
    const target = by(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.classList.contains("control")) return;
    if (target.hidden) reset();
    target.open = true;
    target.scrollIntoView();
  }

  document.querySelector(".tools").hidden = false;
  for (const part of [find, framework, served, ...boxes]) part.addEventListener("input", apply);
  by("open").addEventListener("click", () => all(true));
  by("close").addEventListener("click", () => all(false));
  by("reset").addEventListener("click", reset);
  by("print").addEventListener("click", () => window.print());
  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-pick]");
    if (!link) return;
    reset();
    framework.value = link.dataset.pick;
    if (link.dataset.outcome) for (const box of boxes) box.checked = box.value === link.dataset.outcome;
    apply();
  });
  document.addEventListener("keydown", event => {
    const typing = /^(input|select|textarea)$/i.test(event.target.tagName) && event.target.type !== "checkbox";
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find.focus();
      find.select();
    } else if (event.key === "Escape" && event.target === find) {
      find.value = "";
      apply();
    }
  });
  window.addEventListener("hashchange", follow);
  apply();
  follow();
})();
