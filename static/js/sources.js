// The keys of /sources/. Every key clicks a visible button, so that mouse, finger and keyboard do the same.
"use strict";

(() => {
  const items = () => [...document.querySelectorAll("[data-source]")];
  const selected = () => document.querySelector("[data-source].is-selected");

  function mark(item) {
    for (const other of items()) other.classList.toggle("is-selected", other === item);
  }

  function select(item) {
    if (!item) return;
    mark(item);
    item.focus({ preventScroll: true });
    item.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = items();
    const at = all.indexOf(selected());
    select(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
    return all.length > 0;
  }

  function press(button) {
    if (button) button.click();
    return Boolean(button);
  }

  function onKey(key) {
    const item = selected();
    if (key === "j") return step(1);
    if (key === "k") return step(-1);
    if (key === "z") return press(document.querySelector("[data-undo]"));
    if (!item) return false;
    if (key === "c") {
      item.querySelector("[data-choose]").focus();
      return true;
    }
    return /^[a-z]$/.test(key) && press(item.querySelector(`[data-key="${key}"]`));
  }

  function isTyping(target) {
    return target.closest("input:not([type=hidden]), textarea, select, [contenteditable]") !== null;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape" && isTyping(event.target)) return select(event.target.closest("[data-source]"));
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (onKey(event.key)) event.preventDefault();
  });

  // Once a lead is done the page goes on with the one below it.
  document.addEventListener("submit", (event) => {
    const item = event.target.closest("[data-source]");
    if (!item) return;
    const all = items();
    const then = all[all.indexOf(item) + 1] ?? all[all.indexOf(item) - 1];
    if (!then) return;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "then", value: then.dataset.source });
    event.target.append(field);
  });

  // Whoever comes from another page begins at its top.
  const next = document.getElementById(location.hash.slice(1));
  if (next) select(next);
  else mark(items()[0]);
})();
