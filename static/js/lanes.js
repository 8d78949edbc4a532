// The list keeps itself up to date while the desk is open. Focus, selection, an open form and what can still be undone
// stay as they are.
"use strict";

(() => {
  const EVERY = 45_000;
  const lanes = () => document.getElementById("lanes");
  const openLead = () => document.querySelector("#brief [data-lead]")?.dataset.lead;
  const busy = () => document.querySelector(".desk.is-busy") !== null;
  let asking = false;
  let wanted = false; // once more, as soon as what is at hand is done
  let acts = 0; // of the rep: an answer from before the last of them is out of date

  async function refresh() {
    if (document.hidden || !lanes()) return;
    wanted = asking || busy();
    if (wanted) return;
    asking = true;
    const before = acts;
    try {
      const { rows, seen } = lanes().dataset;
      const answer = await fetch(`${rows}&seen=${seen}&lead=${openLead() ?? ""}`, { headers: { "HX-Request": "true" } });
      // 204: all is as it was. Redirected: signed out meanwhile, which the next click says.
      const html = answer.status === 200 && !answer.redirected ? await answer.text() : "";
      if (before !== acts || busy()) wanted = true;
      else if (html) merge(html);
    } catch {
      // Offline for a moment: the next round tells.
    } finally {
      asking = false;
    }
    if (wanted) refresh();
  }

  function merge(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const next = fresh.getElementById("lanes");
    const pills = fresh.getElementById("queue-pills");
    if (!next) return;
    const before = lanes();
    const known = new Map([...before.querySelectorAll(".queue-row[id]")].map((row) => [row.id, row]));
    const focused = document.activeElement?.closest?.(".queue-row")?.id;
    const scroller = before.closest(".desk-list");
    const at = scroller.scrollTop;
    const added = [...next.querySelectorAll("[data-row]")].filter((row) => !known.has(row.id));

    keepDone(known, next);
    next.querySelectorAll("[data-row]").forEach((row) => keepSame(known.get(row.id), row));
    before.replaceWith(document.adoptNode(next));
    htmx.process(next);
    if (pills && !document.activeElement?.closest("#queue-pills")) {
      document.getElementById("queue-pills").replaceWith(document.adoptNode(pills));
    }
    scroller.scrollTop = at;
    if (focused) document.getElementById(focused)?.querySelector(".queue-link")?.focus({ preventScroll: true });
    tell(added);
    warnOfChange();
    if (!openLead()) showFirst();
  }

  /** Nothing was left to do; now there may be. */
  function showFirst() {
    const waiting = [...document.querySelectorAll("#lanes [data-row]")].find((row) => !row.querySelector(".queue-done"));
    waiting?.querySelector(".queue-link").click();
  }

  /** A row that looks the same stays the very element that it was. */
  function keepSame(old, row) {
    if (old && !old.querySelector(".queue-done") && old.innerHTML === row.innerHTML) row.replaceWith(old);
  }

  /** What was just recorded stays where it was, with its undo, whether the lead is still in the queue or not. */
  function keepDone(known, next) {
    for (const [id, old] of known) {
      const done = old.querySelector(".queue-done");
      if (!done) continue;
      const row = next.querySelector(`#${id}`);
      if (row) row.append(done);
      else putBack(old, next);
    }
  }

  function putBack(old, next) {
    const lane = next.querySelector(`#${old.parentElement.id || "none"}`);
    const above = next.querySelector(`#${old.previousElementSibling?.id || "none"}`);
    if (above) above.after(old);
    else if (lane) lane.prepend(old);
    else next.prepend(Object.assign(document.createElement("ol"), { className: "queue" }));
    if (!above && !lane) next.firstElementChild.append(old);
  }

  function tell(added) {
    if (added.length === 0) return;
    for (const row of added) row.classList.add("is-new");
    const names = added.slice(0, 3).map((row) => row.querySelector(".queue-name").textContent);
    const more = added.length > 3 ? ` and ${added.length - 3} more` : "";
    document.getElementById("desk-says").textContent = `New in your queue: ${names.join(", ")}${more}.`;
  }

  /** The open brief is left alone: somebody may be writing in it. */
  function warnOfChange() {
    const brief = document.querySelector("#brief [data-version]");
    const row = brief && document.querySelector(`#lead-${brief.dataset.lead}[data-row]`);
    if (!row || row.dataset.row === brief.dataset.version || document.querySelector(".desk-changed")) return;
    const notice = document.getElementById("desk-changed").content.cloneNode(true);
    brief.prepend(notice);
    brief.querySelector("[data-show-now]").addEventListener("click", () => row.querySelector(".queue-link").click());
  }

  document.addEventListener("htmx:beforeRequest", () => {
    acts += 1;
  });
  // Afterwards: by then the desk is not busy any more.
  document.addEventListener("htmx:afterSettle", () => queueMicrotask(() => wanted && refresh()));
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
  document.addEventListener("desk-clear", refresh);
})();
