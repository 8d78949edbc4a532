// Light, dark, or as the system has it. Loaded in <head> without defer, so the first paint is already right.
(() => {
  const root = document.documentElement;
  const key = "leadflow-theme";

  const stored = () => {
    try {
      return localStorage.getItem(key) ?? "system";
    } catch {
      return "system"; // storage is blocked: follow the system
    }
  };

  const store = (theme) => {
    try {
      localStorage.setItem(key, theme);
    } catch {
      // storage is blocked: the choice holds for this page
    }
  };

  const apply = (theme) => {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
    }
  };

  root.dataset.scripted = "";
  apply(stored());

  document.addEventListener("DOMContentLoaded", () => apply(stored()));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    store(button.dataset.themeChoice);
    apply(button.dataset.themeChoice);
  });
  window.addEventListener("storage", (event) => {
    if (event.key === key) apply(stored());
  });
})();
