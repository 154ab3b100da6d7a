// Runs before the first paint: the stored choice, or what the system prefers.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => localStorage.getItem("theme");
  const apply = () => {
    root.dataset.theme = stored() ?? (system.matches ? "dark" : "light");
    const colour = root.dataset.theme === "dark" ? "#131a27" : "#f7f8fb";
    document.querySelector("meta[name=theme-color]").content = colour;
  };
  const paint = (button) => {
    const dark = root.dataset.theme === "dark";
    button.setAttribute("aria-label", dark ? "Switch to light colours" : "Switch to dark colours");
    button.querySelector("use").setAttribute("href", dark ? "#i-sun" : "#i-moon");
  };
  apply();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    paint(button);
    system.addEventListener("change", () => { apply(); paint(button); });
    button.addEventListener("click", () => {
      const next = root.dataset.theme === "dark" ? "light" : "dark";
      const follows = next === (system.matches ? "dark" : "light");
      if (follows) localStorage.removeItem("theme"); else localStorage.setItem("theme", next);
      apply();
      paint(button);
    });
  });
})();
