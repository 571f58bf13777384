// The conversation: what an answer has brought at the end comes into sight, a hidden tab does not ask, and
// Ctrl+Enter (or Cmd+Enter) sends. All of it works without, only less comfortably.
const scroller = document.querySelector(".chat-scroll");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.hasAttribute("data-asks")) event.preventDefault();
});

// Who has sent something sees it. Who reads further up is left there: the list grows below.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.requestConfig?.elt.hasAttribute("data-chat-form")) scroller.scrollTop = scroller.scrollHeight;
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-chat-form]");
  if (!form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit();
});
