// The keys of marketing's desk. Every key clicks a visible button, so that mouse, finger and keyboard do the same.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const selected = () => document.querySelector(".queue-row.is-selected");
  const openAsk = () => document.querySelector("form.ask:not([hidden])");

  // While an answer is on its way the desk is about to change: keys wait for it, in their order.
  let busy = false;
  const waitingKeys = [];

  function isTyping(target) {
    return target.closest("input:not([type=hidden], [type=checkbox]), textarea, select, [contenteditable]") !== null;
  }

  function mark(row) {
    for (const other of rows()) {
      other.classList.toggle("is-selected", other === row);
      const link = other.querySelector(".queue-link");
      if (other === row) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    row.scrollIntoView({ block: "nearest" });
  }

  function neighbour(by) {
    const all = rows();
    const at = all.indexOf(selected());
    return all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  }

  function press(selector) {
    const found = document.querySelectorAll(selector);
    const button = found[found.length - 1];
    if (button) button.click();
    return Boolean(button);
  }

  function step(by) {
    const row = neighbour(by);
    if (row) row.querySelector(".queue-link").click();
    return true;
  }

  function show(ask) {
    for (const form of document.querySelectorAll("form.ask")) form.hidden = form !== ask;
    for (const link of document.querySelectorAll("[data-asks]")) {
      link.setAttribute("aria-expanded", String(ask !== null && link.dataset.asks === ask.id));
    }
    if (ask === null) return;
    ask.scrollIntoView({ block: "nearest" });
    const first = ask.querySelector("[data-digit]") ?? ask.querySelector("input:not([type=hidden])");
    if (first) first.focus();
  }

  function onKey(key) {
    if (key === "j") return step(1);
    if (key === "k") return step(-1);
    if (key === "z") return press("[data-undo]");
    if (key === "?") return press("[data-opens=keys]");
    if (/^[0-9]$/.test(key)) return openAsk() !== null && press(`form.ask:not([hidden]) [data-digit="${key}"]`);
    return /^[a-z]$/.test(key) && press(`[data-actions] [data-key="${key}"]`);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape" && openAsk()) return show(null);
    if (event.key === "Escape" && isTyping(event.target)) return event.target.blur();
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (busy) waitingKeys.push(event.key);
    else if (onKey(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-asks]");
    const closer = event.target.closest("[data-close-ask]");
    if (!opener && !closer) return;
    event.preventDefault();
    show(opener ? document.getElementById(opener.dataset.asks) : null);
  });

  // Written down at once: the first field of what was learned.
  document.addEventListener("toggle", (event) => {
    if (event.target.id === "learned" && event.target.open) event.target.querySelector("input, textarea").focus();
  }, true);

  document.addEventListener("htmx:beforeRequest", (event) => {
    busy = true;
    const row = event.target.closest && event.target.closest("[data-row]");
    if (!row || !event.target.matches(".queue-link")) return;
    mark(row);
    document.querySelector("[data-desk]").classList.add("has-brief");
  });

  // What was done is kept: go on to the lead below the one that is open now, else to the one above.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "post" || !event.target.closest("[data-actions]")) return;
    const next = [neighbour(1), neighbour(-1)].find((row) => row && row !== selected());
    if (next) event.detail.parameters.set("then", next.dataset.row);
  });

  function goOn() {
    busy = false;
    setTimeout(() => {
      while (!busy && waitingKeys.length > 0) onKey(waitingKeys.shift());
    });
  }

  for (const end of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(end, goOn);
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "brief") event.target.scrollTop = 0;
  });
})();
