// Messages: read out once the page is there, put away after a while unless they are errors or somebody points at them.
const region = document.getElementById("toasts");
const LASTS = 7000; // milliseconds

function tend(toast) {
  let timer = null;
  const start = () => { timer = toast.dataset.stays === undefined && setTimeout(() => toast.remove(), LASTS); };
  const pause = () => clearTimeout(timer);
  toast.querySelector("button").addEventListener("click", () => toast.remove());
  for (const [event, act] of [["mouseenter", pause], ["focusin", pause], ["mouseleave", start], ["focusout", start]]) {
    toast.addEventListener(event, act);
  }
  start();
}

function tell(words) {
  const dialog = document.querySelector("dialog[open]");
  const toast = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  toast.querySelector("p").textContent = words;
  toast.classList.add("toast--error");
  toast.dataset.stays = "";
  // Beside the region, since it is an alert of its own: inside it would be read twice. An open dialog covers all else.
  (dialog || region.parentElement).prepend(toast);
  tend(toast);
}

// A screen reader hears what changes in the region, not what was there from the start.
const waiting = [...region.children];
region.replaceChildren();
setTimeout(() => waiting.forEach((toast) => { region.append(toast); tend(toast); }), 100);

// What a page asks by itself every few seconds may be lost: it asks again.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    if (!event.target.hasAttribute?.("data-asks")) tell(region.dataset.lost);
  });
}
document.addEventListener("allauth.error", () => tell(region.dataset.passkey));

// What the bell has heard. An open dialog has its reader's attention, and would cover this: it waits for its end.
document.addEventListener("news", ({ detail }) => {
  const show = () => {
    const toast = document.getElementById("news").content.firstElementChild.cloneNode(true);
    const link = toast.querySelector("a");
    [link.textContent, link.href] = [detail.words, detail.url];
    region.append(toast);
    tend(toast);
  };
  const dialog = document.querySelector("dialog[open]");
  if (dialog) dialog.addEventListener("close", show, { once: true });
  else show();
});
