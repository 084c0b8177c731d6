// Keys of the desk: "/" focuses the command line, a key named by data-hotkey clicks or focuses its element. Ctrl+Enter saves a form
// that says so by data-save-keys, also from inside a text of several lines.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") {
    const form = event.target instanceof Element ? event.target.closest("form[data-save-keys]") : null;
    if (form) {
      event.preventDefault();
      form.requestSubmit(); // the first button of the form, as Enter in a line does
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  if (target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  // "R" is Shift+R, and r as well where nothing is called r: an alarm that rings keeps its key.
  const named = [...document.querySelectorAll("[data-hotkey]")];
  const element = named.find((one) => one.dataset.hotkey === event.key) ?? named.find((one) => one.dataset.hotkey === event.key.toUpperCase());
  if (!element) return;
  event.preventDefault();
  if (element instanceof HTMLInputElement) element.focus();
  else element.click();
});
