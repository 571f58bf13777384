// Menus open by CSS alone. This adds what only a script can: Escape, tapping to close, and aria-expanded.
for (const menu of document.querySelectorAll(".menu")) {
  const button = menu.querySelector("button");
  const panel = menu.querySelector(".menu-panel");
  const tell = () => button.setAttribute("aria-expanded", String(getComputedStyle(panel).visibility === "visible"));
  const reset = () => { delete menu.dataset.closed; tell(); };
  menu.addEventListener("mouseleave", reset);
  menu.addEventListener("focusout", (event) => { if (!menu.contains(event.relatedTarget)) setTimeout(reset); });
  menu.addEventListener("mouseenter", tell);
  menu.addEventListener("focusin", tell);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.dataset.closed = "";
    button.focus();
    tell();
  });
  // The pointer that comes to press has opened it by pointing; pressing then keeps it open.
  button.addEventListener("click", () => {
    if (menu.dataset.closed !== undefined) delete menu.dataset.closed;
    tell();
  });
  tell();
}
