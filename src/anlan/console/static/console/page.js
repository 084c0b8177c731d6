// Keys of the desk: "/" focuses the command line, a key named by data-hotkey clicks or focuses its element.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  if (target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]")) {
    if (event.key === "Escape") target.blur();
    return;
  }
  for (const element of document.querySelectorAll("[data-hotkey]")) {
    if (element.dataset.hotkey !== event.key) continue;
    event.preventDefault();
    if (element instanceof HTMLInputElement) element.focus();
    else element.click();
    return;
  }
});
