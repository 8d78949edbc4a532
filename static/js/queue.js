// The rep's keys. Every key clicks a visible button, so that the mouse, the finger and the keyboard do the same.
"use strict";

(() => {
  const brief = () => document.getElementById("brief");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const selected = () => document.querySelector(".queue-row.is-selected[data-row]");
  const openAsk = () => document.querySelector("form.ask:not([hidden])");
  const nameIn = (row) => row.querySelector(".queue-name").textContent;

  // While an answer of the server is on its way the brief is about to change: keys wait for it, in their order.
  let busy = false;
  const waitingKeys = [];
  let focusBrief = false; // the brief that comes next gets the focus that the one before it had
  let place = 0; // of the selected row, for when it has gone

  const DOUBLE_TAP = 400;
  const desk = () => document.querySelector("[data-desk]");

  function isTyping(target) {
    const field = "input:not([type=hidden], [type=checkbox], [type=radio], [type=submit]), textarea, select";
    return target.isContentEditable || target.closest?.(field) != null;
  }

  /** Told politely to who cannot see it. */
  function say(text) {
    const live = document.getElementById("desk-says");
    if (live) live.textContent = text;
  }

  function mark(row) {
    for (const other of rows()) {
      other.classList.toggle("is-selected", other === row);
      const link = other.querySelector(".queue-link");
      if (other === row) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    place = rows().indexOf(row);
    row.scrollIntoView({ block: "nearest" });
  }

  function choose(row) {
    if (!row) return;
    const link = row.querySelector(".queue-link");
    // Whoever stands in the list stays in it; whoever stands in the brief goes on in the next one.
    if (document.activeElement?.closest(".queue-row")) link.focus({ preventScroll: true });
    focusBrief ||= Boolean(brief()?.contains(document.activeElement));
    link.click();
  }

  function step(by) {
    const all = rows();
    const at = all.indexOf(selected());
    const next = at < 0 ? place : at + by;
    choose(all[Math.min(Math.max(next, 0), all.length - 1)]);
  }

  function show(ask, opener) {
    const before = openAsk();
    for (const form of document.querySelectorAll("form.ask")) form.hidden = form !== ask;
    for (const link of document.querySelectorAll("[data-asks]")) {
      link.setAttribute("aria-expanded", String(ask !== null && link.dataset.asks === ask.id));
    }
    if (ask === null) {
      const back = opener ?? (before && document.querySelector(`[data-asks="${before.id}"]`));
      back?.focus({ preventScroll: true });
      return;
    }
    ask.scrollIntoView({ block: "nearest" });
    const fields = "input:not([type=hidden]), select, textarea";
    (ask.querySelector("[data-digit]") ?? ask.querySelector(fields) ?? ask.querySelector("button"))?.focus();
  }

  function press(selector) {
    const button = document.querySelector(selector);
    if (button) button.click();
    return button !== null;
  }

  /** With shift: the same outcome with all that can be told of it. */
  function pressWithDetails(letter) {
    const outcome = document.querySelector(`[data-outcomes] [data-key="${letter}"]`)?.value;
    return Boolean(outcome) && press(`[data-asks="ask-${outcome}"]`);
  }

  function pressDigit(digit) {
    const button = openAsk()?.querySelector(`[data-digit="${digit}"]`);
    if (button) button.click();
    return Boolean(button);
  }

  function pressUndo() {
    const all = document.querySelectorAll("[data-undo]");
    const last = document.querySelector("[data-undo][data-last]") ?? all[all.length - 1];
    if (last) last.click();
    return Boolean(last);
  }

  function pressAdd() {
    const last = [...document.querySelectorAll("[data-adds]")].pop();
    last?.click();
    return Boolean(last);
  }

  function search() {
    const field = [...document.querySelectorAll("[data-search]")].find((one) => one.offsetWidth > 40); // not the rail's
    if (field?.matches("input")) field.focus();
    else field?.click();
    return Boolean(field);
  }

  function onKey(key) {
    if (key === "j") return step(1), true;
    if (key === "k") return step(-1), true;
    if (key === "z") return pressUndo();
    if (key === "d") return pressAdd();
    if (key === "/") return search();
    if (key === "?") return press("[data-opens=keys]");
    if (/^[0-9]$/.test(key)) return pressDigit(key);
    if (/^[A-Z]$/.test(key)) return pressWithDetails(key.toLowerCase());
    return /^[a-z]$/.test(key) && press(`[data-outcomes] [data-key="${key}"]`);
  }

  /** The key that was meant, also under caps lock. */
  function keyOf(event) {
    return /^[A-Z]$/.test(event.key) && !event.shiftKey ? event.key.toLowerCase() : event.key;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && openAsk()) return show(null);
    if (event.key === "Escape" && event.target.matches("[data-search]")) return event.target.blur();
    if (isTyping(event.target) || event.target.closest?.("details.menu[open]")) return;
    if (busy) waitingKeys.push(keyOf(event));
    else if (onKey(keyOf(event))) event.preventDefault();
  });

  // Meanwhile no finger reaches the outcomes either: they may be those of the lead before.
  document.addEventListener("htmx:beforeRequest", () => {
    busy = true;
    desk()?.classList.add("is-busy");
  });

  function goOn() {
    busy = false;
    desk()?.classList.remove("is-busy");
    // Later, for an answer may itself begin the next request: the brief of the next lead.
    setTimeout(() => {
      while (!busy && waitingKeys.length > 0) onKey(waitingKeys.shift());
    });
  }

  for (const end of ["htmx:afterSettle", "htmx:responseError", "htmx:sendError", "htmx:timeout", "htmx:swapError"]) {
    document.addEventListener(end, goOn);
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-asks]");
    const closer = event.target.closest("[data-close-ask]");
    if (!opener && !closer) return;
    event.preventDefault();
    show(opener ? document.getElementById(opener.dataset.asks) : null);
  });

  // On a phone the brief covers the list: the way back leads to the row that was chosen.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-back]")) return;
    event.preventDefault();
    desk().classList.remove("has-brief");
    const row = selected() ?? rows()[place];
    row?.querySelector(".queue-link").focus();
    row?.scrollIntoView({ block: "center" });
  });

  // A row's brief is on its way: the row is the selected one from now on.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (row && event.target.matches(".queue-link")) {
      mark(row);
      desk().classList.add("has-brief");
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id !== "brief") return;
    const pane = event.target.closest(".desk-brief");
    pane.scrollTop = 0;
    if (pane.getBoundingClientRect().top < 0) pane.scrollIntoView({ block: "start" });
    const asked = openAsk(); // what could not be recorded comes back with its panel open
    if (asked) return show(asked);
    const heading = event.target.querySelector("h2");
    if (focusBrief && heading) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    focusBrief = false;
  });

  /** The second tap of two was meant for the lead that has just gone. */
  function rest() {
    desk()?.classList.add("is-resting");
    setTimeout(() => desk()?.classList.remove("is-resting"), DOUBLE_TAP);
  }

  /** Nobody waits any more among the rows at hand. */
  function clear() {
    const empty = document.getElementById("desk-clear");
    if (brief() && empty) brief().replaceChildren(empty.content.cloneNode(true));
    document.dispatchEvent(new CustomEvent("desk-clear"));
  }

  // What was said is recorded: go on to the next lead that still waits.
  document.addEventListener("lead-disposed", (event) => {
    const done = document.getElementById(`lead-${event.detail.lead}`);
    const all = [...document.querySelectorAll(".queue-row")];
    const next = all.slice(all.indexOf(done) + 1).find((row) => row.matches("[data-row]") && !isDone(row));
    for (const undo of document.querySelectorAll("[data-last]")) delete undo.dataset.last;
    const undo = done?.querySelector("[data-undo]");
    if (undo) undo.dataset.last = "";
    const said = done?.querySelector("[data-said]")?.textContent ?? "Recorded";
    say(next ? `${said}. Next: ${nameIn(next)}.` : `${said}. No more leads here.`);
    // The button that was pressed goes with its brief.
    focusBrief = document.activeElement === document.body || Boolean(brief()?.contains(document.activeElement));
    rest();
    if (next) choose(next);
    else clear();
  });

  document.addEventListener("lead-taken-back", (event) => {
    const row = document.getElementById(`lead-${event.detail.lead}`);
    if (row?.matches("[data-row]")) choose(row);
  });

  const isDone = (row) => row.querySelector(".queue-done") !== null;
})();
