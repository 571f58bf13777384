// Asks every now and then whether there is news, while somebody looks at the page: the bell's number changes, and the
// newest sentence is told (toast.js). Whatever goes wrong, it is quiet and asks again; signed out, it asks no more.
const bell = document.getElementById("bell");
const PAUSE = 25_000; // milliseconds
let asked = Date.now();
let over = !bell;

function show({ unread, label, newest, words, url }) {
  bell.dataset.unread = unread;
  bell.dataset.newest = Math.max(newest, bell.dataset.newest);
  const count = bell.querySelector(".count");
  count.firstChild.data = label;
  count.hidden = !unread;
  if (words) document.dispatchEvent(new CustomEvent("news", { detail: { words, url } }));
}

async function ask() {
  asked = Date.now();
  const { news, newest, unread } = bell.dataset;
  try {
    // A redirect leads to the sign-in page: the session is over.
    const answer = await fetch(`${news}?seen=${newest}&unread=${unread}`, { redirect: "manual" });
    if (answer.type === "opaqueredirect") over = true;
    else if (answer.status === 200) show(await answer.json());
  } catch {
    // No line, or a page that is being left.
  }
}

function ask_if_due() {
  if (!over && document.visibilityState === "visible" && Date.now() - asked >= PAUSE) ask();
}

if (!over) {
  setInterval(ask_if_due, PAUSE / 5);
  document.addEventListener("visibilitychange", ask_if_due);
}
