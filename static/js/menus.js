// <details class="menu"> and <dialog>: close on a click outside and on Escape, open by [data-opens].
(() => {
  const openMenus = () => document.querySelectorAll("details.menu[open]");

  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;

    const opener = event.target.closest?.("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (event.target.closest?.("[data-closes]")) event.target.closest("dialog")?.close();
    if (event.target.matches?.("dialog.dialog")) event.target.close(); // the backdrop
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
      event.stopPropagation();
    }
  });

  // Filters apply as they are chosen; without a script their form has a button.
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("form[data-autosubmit]")) event.target.form.requestSubmit();
  });
})();
