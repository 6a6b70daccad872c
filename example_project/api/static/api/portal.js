// What pages of the portal do beside htmx: small comforts, none of which a page depends on.
"use strict";

// A form is sent once, however often somebody taps.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});

// How much of a photo has been sent.
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = event.target.querySelector?.("progress[hidden], progress[data-sending]");
  if (!bar || !event.detail.lengthComputable) return;
  bar.dataset.sending = "yes";
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});

// From now on messages come without a new page, wherever somebody is in this one.
document.addEventListener("htmx:beforeRequest", () => {
  document.documentElement.dataset.asked = "yes";
});

// A request that nobody answered is told of, as one that was refused is.
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    const words = document.getElementById("no-answer");
    document.getElementById("messages")?.replaceChildren(words.content.cloneNode(true));
  });
}

// Coming back by the browser's button shows the old page, whose forms may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
document.addEventListener("htmx:afterRequest", (event) => {
  delete event.detail.elt.dataset.sent;
});
