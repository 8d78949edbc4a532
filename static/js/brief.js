// On a phone the long sections of a brief begin folded: their names are a table of contents.
(() => {
  const phone = window.matchMedia("(max-width: 719px)");

  const fold = (root) => {
    if (!phone.matches) return;
    for (const section of root.querySelectorAll("details[data-fold]")) section.open = false;
  };

  fold(document);
  document.addEventListener("htmx:load", (event) => fold(event.target));
})();
