// Toasts close by their button, by Escape, and good news by itself. Errors stay until closed.
(() => {
  const goodNewsMs = 6000;
  const toastOf = (node) => node.closest?.(".toast");

  const closeLater = (toast) => {
    if (toast.classList.contains("error") || toast.classList.contains("warning")) return;
    const close = () => (toast.matches(":hover, :focus-within") ? setTimeout(close, goodNewsMs) : toast.remove());
    setTimeout(close, goodNewsMs);
  };

  // A request without a usable answer must never look like one that worked.
  for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(failure, () => {
      const list = document.getElementById("toasts");
      const template = document.getElementById("toast-unanswered");
      if (list && template) list.replaceChildren(template.content.cloneNode(true));
    });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-toast-close]")) toastOf(event.target)?.remove();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") toastOf(document.activeElement)?.remove();
  });

  document.addEventListener("DOMContentLoaded", () => {
    const list = document.getElementById("toasts");
    if (!list) return;
    list.querySelectorAll(".toast").forEach(closeLater);
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) if (toastOf(node)) closeLater(node);
      }
    }).observe(list, { childList: true });
  });
})();
