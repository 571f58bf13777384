// The one dialog of every page. htmx puts a step's partial into #dialog; this opens it, and sees to it that Escape,
// the backdrop, [data-close] and the browser's back button close it and change nothing.
const dialog = document.getElementById("dialog");

// A step that was opened as a page stays one: in a dialog on top of itself every name and label would be there twice.
function keep_as_page() {
  for (const part of document.querySelectorAll("main .sheet [hx-target='#dialog']")) {
    part.removeAttribute("hx-get");
    part.removeAttribute("hx-post");
  }
}
keep_as_page();

// What gets the first focus: what is wrong, what the template names (Cancel, where it is about a yes), the first field
// of a dialog that is for typing, or else the way out.
const WORTHY = [
  ".errors", "[aria-invalid='true']", "[autofocus]",
  "input:not([type='hidden']), select, textarea", "[data-close]",
];

function show() {
  if (!dialog.open) {
    dialog.showModal();
    history.pushState({ dialog: true }, "");
  }
  const goal = WORTHY.map((what) => dialog.querySelector(what)).find(Boolean) || dialog;
  if (goal.matches(".errors, [aria-invalid='true']")) return goal.focus();
  goal.focus({ preventScroll: true });
  dialog.scrollTop = 0; // what it asks is read first, however low the window is
}

function close() {
  if (history.state?.dialog) history.back(); // the popstate below does the rest
  else put_away();
}

function put_away() {
  dialog.close(); // gives the focus back to what opened it
  dialog.replaceChildren();
}

document.addEventListener("htmx:afterSwap", (event) => {
  // Once htmx has settled what it put there: it gives the focus to [autofocus], and show() has the last word. (That it
  // settles at once, and not 20 ms later in the middle of somebody's typing, is defaultSettleDelay in base.html.)
  if (event.detail.target === dialog) queueMicrotask(() => dialog.childElementCount ? show() : close());
  else keep_as_page(); // htmx looks at what it swapped in only after this
});

// The receipt takes the place of the entry that the dialog made, so "back" leads to the page and not into the dialog.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const goal = event.detail.xhr.getResponseHeader("HX-Redirect");
  if (!goal || !history.state?.dialog) return;
  event.preventDefault();
  location.replace(goal);
});

// Before htmx hears of it (capture): it would fetch the page anew.
window.addEventListener("popstate", (event) => {
  if (!dialog.open) return;
  event.stopImmediatePropagation();
  put_away();
}, true);

dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
dialog.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-close]");
  if (closer) event.preventDefault();
  if (closer || event.target === dialog) close();
});
