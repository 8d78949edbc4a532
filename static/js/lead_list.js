// The list of leads: arrows go from the search into the results and back, ticks are counted.
"use strict";

(() => {
  const field = () => document.querySelector("[data-lead-search]");
  const results = () => [...document.querySelectorAll("[data-result]")];
  const form = () => document.querySelector("#lead-results [data-bulk]");

  function move(from, by) {
    const all = results();
    const next = all.indexOf(from) + by;
    if (next < 0) field()?.focus();
    else all[Math.min(next, all.length - 1)]?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inField = event.target.matches("[data-lead-search]");
    const onResult = event.target.matches("[data-result]");
    if ((inField || onResult) && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      if (inField && event.key === "ArrowUp") return;
      event.preventDefault();
      move(event.target, event.key === "ArrowDown" ? 1 : -1);
    } else if (inField && event.key === "Enter" && results().length === 1) {
      event.preventDefault(); // the only one that is left
      results()[0].click();
    } else if (event.key === "/" && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      field()?.select();
    }
  });

  // --- ticks ---

  const boxes = () => [...(form()?.querySelectorAll("[data-choose]") ?? [])];

  function count() {
    const all = boxes();
    const ticked = all.filter((box) => box.checked).length;
    const beyond = form()?.querySelectorAll("input[type=hidden][name=lead]").length ?? 0;
    const shown = form()?.querySelector("[data-chosen-count]");
    if (shown) shown.textContent = String(ticked + beyond);
    const every = form()?.querySelector("[data-choose-all]");
    if (!every) return;
    every.checked = ticked > 0 && ticked === all.length;
    every.indeterminate = ticked > 0 && ticked < all.length;
  }

  let last = null;

  document.addEventListener("click", (event) => {
    if (!event.target.matches("[data-choose]")) return;
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((one, other) => one - other);
      for (const box of all.slice(from, to + 1)) box.checked = event.target.checked;
    }
    last = event.target;
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose-all]")) for (const box of boxes()) box.checked = event.target.checked;
    if (event.target.matches("[data-choose], [data-choose-all]")) count();
  });

  document.addEventListener("htmx:afterSwap", count);
  window.addEventListener("pageshow", count);
})();
