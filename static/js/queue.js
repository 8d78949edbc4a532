// The rep's keys. Every key clicks a visible button, so that the mouse, the finger and the keyboard do the same.
"use strict";

(() => {
  const brief = () => document.getElementById("brief") ?? document;
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const selected = () => document.querySelector(".queue-row.is-selected");
  const openAsk = () => document.querySelector("form.ask:not([hidden])");

  // While an answer of the server is on its way the brief is about to change: keys wait for it, in their order.
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

  function choose(row) {
    if (row) row.querySelector(".queue-link").click();
  }

  function step(by) {
    const all = rows();
    const at = all.indexOf(selected());
    choose(all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)]);
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

  function press(selector) {
    const button = document.querySelector(selector);
    if (button) button.click();
    return button !== null;
  }

  function pressDigit(digit) {
    const ask = openAsk();
    const button = ask && ask.querySelector(`[data-digit="${digit}"]`);
    if (button) button.click();
    return Boolean(button);
  }

  function pressUndo() {
    const all = document.querySelectorAll("[data-undo]");
    if (all.length > 0) all[all.length - 1].click();
    return all.length > 0;
  }

  function onKey(key) {
    if (key === "j") return step(1), true;
    if (key === "k") return step(-1), true;
    if (key === "z") return pressUndo();
    if (key === "?") return press("[data-opens=keys]");
    if (/^[0-9]$/.test(key)) return pressDigit(key);
    return /^[a-z]$/.test(key) && press(`[data-outcomes] [data-key="${key}"]`);
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape" && openAsk()) return show(null);
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (busy) waitingKeys.push(event.key);
    else if (onKey(event.key)) event.preventDefault();
  });

  document.addEventListener("htmx:beforeRequest", () => {
    busy = true;
  });

  function goOn() {
    busy = false;
    // Later, for an answer may itself begin the next request: the brief of the next lead.
    setTimeout(() => {
      while (!busy && waitingKeys.length > 0) onKey(waitingKeys.shift());
    });
  }

  for (const end of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(end, goOn);
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-asks]");
    const closer = event.target.closest("[data-close-ask]");
    if (!opener && !closer) return;
    event.preventDefault();
    show(opener ? document.getElementById(opener.dataset.asks) : null);
  });

  // A row's brief is on its way: the row is the selected one from now on.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest && event.target.closest("[data-row]");
    if (row && event.target.matches(".queue-link")) {
      mark(row);
      document.querySelector("[data-desk]").classList.add("has-brief");
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "brief") event.target.scrollTop = 0;
  });

  // What was said is recorded: go on to the next lead that still waits.
  document.addEventListener("lead-disposed", (event) => {
    const done = document.getElementById(`lead-${event.detail.lead}`);
    const all = [...document.querySelectorAll(".queue-row")];
    const next = all.slice(all.indexOf(done) + 1).find((row) => row.matches("[data-row]"));
    if (next) choose(next);
    else brief().replaceChildren();
  });
})();
