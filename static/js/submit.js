// A form that is being sent can't be sent again from the same page. (The server pays once in any case.)
const sending = new Set();

function hold(form) {
  sending.add(form);
  for (const button of form.querySelectorAll("button:not([type='button']):not(:disabled)")) {
    button.disabled = true;
    button.dataset.held = "";
    button.setAttribute("aria-busy", "true");
  }
}

function free(form) {
  sending.delete(form);
  for (const button of form.querySelectorAll("[data-held]")) {
    button.disabled = false;
    button.removeAttribute("data-held");
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" && !form.hasAttribute("hx-post")) return;
  if (sending.has(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  // Later, when the pressed button's own value has been taken along.
  setTimeout(() => { if (!event.defaultPrevented || form.hasAttribute("hx-post")) hold(form); });
}, true);

document.addEventListener("htmx:afterRequest", (event) => { if (sending.has(event.detail.elt)) free(event.detail.elt); });
window.addEventListener("pageshow", (event) => { if (event.persisted) [...sending].forEach(free); });

// The first thing that is wrong gets the focus, also where the whole page came back.
(document.querySelector(".errors") || document.querySelector("[aria-invalid=true]"))?.focus();
