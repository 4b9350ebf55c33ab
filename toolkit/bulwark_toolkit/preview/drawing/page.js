"use strict";
(() => {
  const sheet = document.getElementById("sheet");
  const body = document.getElementById("sheet-body");
  const heading = document.getElementById("sheet-title");
  const figure = document.querySelector("figure");
  const picture = document.querySelector("svg.picture");
  let home = null; // where the details on show belong

  const wide = () => getComputedStyle(figure).display !== "none";

  function putBack() {
    if (home) home.append(...body.childNodes);
    home = null;
  }

  function reveal(target) {
    for (let at = target; at; at = at.parentElement) if (at.localName === "details") at.open = true;
  }

  function show(id) {
    const target = document.getElementById(id);
    const group = target && target.closest("details[data-title]")
      || (target && sheet.contains(target) ? home : null);
    if (!group) return false;
    if (!wide()) {
      reveal(target);
      return false; // the browser goes there
    }
    if (group !== home) {
      putBack();
      home = group;
      heading.textContent = group.dataset.title;
      body.append(group.querySelector(".sheet"));
    }
    if (target !== group) reveal(target);
    if (!sheet.open) sheet.showModal();
    if (target === group) sheet.scrollTop = 0;
    else {
      target.scrollIntoView({block: "center"});
      const summary = target.querySelector("summary");
      if (summary) summary.focus();
    }
    return true;
  }

  document.addEventListener("click", event => {
    const link = event.target.closest("a[href^='#']");
    if (link && show(link.getAttribute("href").slice(1))) event.preventDefault();
    if (event.target === sheet) sheet.close(); // beside the details
  });
  document.getElementById("close").addEventListener("click", () => sheet.close());
  sheet.addEventListener("close", putBack);

  function light(number) {
    const lines = [...picture.querySelectorAll("[data-from]")];
    const near = new Set([number]);
    for (const line of lines) {
      const {from, to} = line.dataset;
      const lit = number !== null && (from === number || to === number);
      line.classList.toggle("lit", lit);
      if (lit) near.add(from).add(to);
    }
    picture.classList.toggle("asked", number !== null);
    for (const card of picture.querySelectorAll(".whole"))
      card.classList.toggle("near", near.has(card.dataset.group));
  }
  // On the figure: a listener of its own would make an element of the picture a tab stop.
  const under = event => event.target.closest(".whole");
  figure.addEventListener("pointerover", event => light(under(event)?.dataset.group ?? null));
  figure.addEventListener("pointerleave", () => light(null));
  figure.addEventListener("focusin", event => {
    if (under(event) && event.target.matches(":focus-visible")) light(under(event).dataset.group);
  });
  figure.addEventListener("focusout", () => light(null));

  const find = document.getElementById("find");
  const found = document.getElementById("found");
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    let count = 0;
    for (const group of document.querySelectorAll("details[data-title]")) {
      let here = 0;
      for (const resource of group.querySelectorAll(".resource")) {
        const fits = resource.dataset.name.toLowerCase().includes(wanted);
        resource.hidden = !fits;
        here += fits;
      }
      group.parentElement.hidden = wanted !== "" && here === 0;
      group.open = wanted !== "" && here > 0;
      count += here;
    }
    found.textContent = wanted ? `${count} found` : "";
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    if (sheet.open) sheet.close();
    putBack();
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const details of closed) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of closed) details.open = false;
  });

  if (location.hash) show(location.hash.slice(1));
})();
