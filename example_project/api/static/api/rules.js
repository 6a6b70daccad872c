// Puts a name into the text that somebody wrote in last; without it the names can be typed.
"use strict";

(() => {
  const texts = () => [...document.querySelectorAll("#id_title, #id_description")];
  let last = null;

  document.addEventListener("focusin", (event) => {
    if (texts().includes(event.target)) last = event.target;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const text = last || texts()[0];
    text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
    text.focus();
  });
})();
