// A long bulk change goes to the server in pieces of 25 leads, with a bar; without a script it goes in one.
"use strict";

(() => {
  const PIECE = 25;
  const dialog = document.getElementById("bulk-progress");
  if (!dialog) return;
  const part = (name) => dialog.querySelector(`[data-progress${name}]`);
  let running = false;
  let stopped = false;

  function chosen(form) {
    const inputs = form.querySelectorAll("input[name=lead]:is([type=hidden], :checked)");
    return [...inputs].map((input) => input.value);
  }

  function bodyOf(form, ids) {
    const body = new FormData(form);
    body.delete("lead");
    for (const id of ids) body.append("lead", id);
    return body;
  }

  async function send(form, ids) {
    const answer = await fetch(form.action, {
      method: "POST",
      body: bodyOf(form, ids),
      headers: { "HX-Request": "true" },
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(String(answer.status));
    const rows = document.createElement("template");
    rows.innerHTML = text;
    part("-rows").append(rows.content);
  }

  function say(text) {
    part("-text").textContent = text;
  }

  function counts() {
    const rows = part("-rows");
    const done = rows.querySelectorAll(".is-done").length;
    return { done, failed: rows.querySelectorAll(".is-failed").length };
  }

  async function run(form, ids) {
    running = true;
    stopped = false;
    for (const name of ["-retry", "-close"]) part(name).hidden = true;
    part("-stop").hidden = false;
    part("").max = ids.length;
    part("").value = 0;
    if (!dialog.open) dialog.showModal();
    let problem = "";
    let at = 0;
    while (at < ids.length && !stopped && !problem) {
      part("-title").textContent = `Working… ${at} of ${ids.length}`;
      try {
        await send(form, ids.slice(at, at + PIECE));
        at += PIECE;
      } catch {
        problem = "LeadFlow did not answer as it should: reload the list to see what was done, then try the rest. ";
      }
      part("").value = Math.min(at, ids.length);
    }
    running = false;
    finish(problem, Math.max(ids.length - at, 0));
  }

  function finish(problem, left) {
    const { done, failed } = counts();
    part("-title").textContent = left > 0 ? "Stopped" : "Finished";
    const parts = [`Done for ${done}`, failed > 0 ? `not for ${failed}` : "", left > 0 ? `${left} not tried` : ""];
    say(`${problem}${parts.filter(Boolean).join(", ")}.`);
    part("-stop").hidden = true;
    part("-close").hidden = false;
    part("-retry").hidden = dialog.querySelector("[data-failed]") === null;
    part("-close").focus();
  }

  let form = null;

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-bulk]") || event.submitter?.matches("[data-no-progress]")) return;
    const ids = chosen(event.target);
    if (ids.length <= PIECE || !event.target.checkValidity()) return;
    event.preventDefault();
    form = event.target;
    part("-rows").replaceChildren();
    say("");
    run(form, ids);
  });

  part("-stop").addEventListener("click", () => {
    stopped = true;
  });

  part("-retry").addEventListener("click", () => {
    const failed = [...dialog.querySelectorAll("[data-failed]")];
    const ids = failed.map((row) => row.dataset.failed);
    for (const row of failed) row.remove();
    run(form, ids);
  });

  function leave() {
    const query = new FormData(form).get("query");
    location.assign(`/leads/${query ? `?${query}` : ""}`);
  }

  part("-close").addEventListener("click", leave);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault(); // Escape stops a run before it closes anything
    if (running) stopped = true;
    else leave();
  });
})();
