// Clocks go on while the page is open: <time data-due datetime="…">, in the words of dispositions/countdown.py.
"use strict";

(() => {
  const MINUTE = 60_000;
  const SOON = 120 * MINUTE;
  const STATES = ["ok", "soon", "late"];

  function spell(span) {
    const minutes = Math.floor(span / MINUTE);
    if (minutes < 60) return `${Math.max(minutes, 1)} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} h`;
    const days = Math.floor(hours / 24);
    if (days < 60) return `${days} d`;
    return days < 730 ? `${Math.floor(days / 30)} mo` : `${Math.floor(days / 365)} y`;
  }

  function mark(element, state) {
    for (const one of STATES) element.classList.toggle(`is-${one}`, one === state);
  }

  function tick() {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-due]")) {
      const left = new Date(time.dateTime) - now;
      const text = left > 0 ? `${spell(left)} left` : `${spell(-left)} late`;
      if (time.textContent === text) continue;
      const state = left <= 0 ? "late" : left <= SOON ? "soon" : "ok";
      time.textContent = text;
      mark(time, state);
      const row = time.closest(".queue-row");
      if (row) mark(row, state);
    }
  }

  setInterval(tick, MINUTE / 4);
  document.addEventListener("visibilitychange", () => document.hidden || tick());
})();
