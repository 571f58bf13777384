// Arrow keys and Enter for a field with a list of links under it: [role=combobox] and the list it controls.
const options = (box) => [...document.querySelectorAll(`#${box.getAttribute("aria-controls")} a[role=option]`)];

function mark(box, index) {
  const all = options(box);
  all.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
  if (all[index]) {
    box.setAttribute("aria-activedescendant", all[index].id);
    all[index].scrollIntoView({ block: "nearest" });
  } else box.removeAttribute("aria-activedescendant");
}

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[role=combobox]");
  if (!box) return;
  const all = options(box);
  const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark(box, now < 0 && step < 0 ? all.length - 1 : (now + step + all.length) % all.length);
  } else if (event.key === "Enter" && now >= 0) {
    // Only what was marked: the list may still be the one for what was typed before. Otherwise the form is sent.
    event.preventDefault();
    all[now].click();
  }
});

document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[role=combobox]");
  if (!box) return;
  box.setAttribute("aria-expanded", "true");
  document.getElementById(box.getAttribute("aria-controls")).hidden = false;
  mark(box, -1);
  // What was chosen before is chosen no more: nobody shall pay one person under the name of another.
  document.getElementById("chosen")?.remove();
});
