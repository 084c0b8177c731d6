// Answers that cannot be sent wait in the phone and are sent again; each carries a key, so one that arrives twice counts once.
"use strict";
(() => {
  const NAME = "anlan-queue";
  const AGAIN_MS = 5000;
  const bar = document.getElementById("queue");
  if (!bar || !window.fetch || !window.localStorage) return;
  let sending = false;

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(NAME) || "[]");
    } catch {
      return [];
    }
  };
  const show = (count, words) => {
    bar.hidden = count === 0 && !words;
    bar.textContent = words || bar.dataset.waiting.replace("{n}", String(count));
  };
  const write = (items) => {
    localStorage.setItem(NAME, JSON.stringify(items));
    show(items.length);
  };

  async function send(item) {
    const answer = await fetch(item.url, {
      method: "POST",
      body: new URLSearchParams(item.fields),
      headers: { "X-Anlan-Queue": "1", ...(item.run === undefined ? {} : { "X-Anlan-Run": item.run }) },
      credentials: "same-origin",
    });
    if (answer.status === 204) return "taken";
    return answer.status >= 400 && answer.status < 500 && answer.status !== 429 ? "refused" : "later";
  }

  async function flush() {
    if (sending) return;
    sending = true;
    let taken = 0;
    try {
      for (let items = read(); items.length > 0; items = read()) {
        const result = await send(items[0]);
        if (result === "later") break;
        write(read().filter((item) => item.key !== items[0].key));
        if (result === "refused") return show(0, bar.dataset.refused);
        taken += 1;
      }
    } catch {
      show(read().length); // no network: the next round tries again
    } finally {
      sending = false;
    }
    if (taken > 0 && read().length === 0) location.reload();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    for (const input of form.querySelectorAll("[data-now]")) input.value = new Date().toISOString();
    if (!form.matches("[data-queue]")) return;
    const given = [...new FormData(form)];
    const isFile = ([, value]) => value instanceof File;
    // A picture goes the plain way; without a network the words go first and the picture is sent later.
    if (navigator.onLine && given.some((field) => isFile(field) && field[1].size > 0)) return;
    const fields = given.filter((field) => !isFile(field)).map(([name, value]) => [name, String(value)]);
    const pressed = event.submitter;
    if (pressed && pressed.name) fields.push([pressed.name, pressed.value]);
    const key = (fields.find(([name]) => name === "key") || [])[1];
    if (!key) return;
    event.preventDefault();
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    const items = read().filter((item) => item.key !== key);
    try {
      // For reality ("") or for the drill that this page belongs to: it is taken there and nowhere else.
      write([...items, { key, url: form.action, fields, run: document.body.dataset.run || "" }]);
    } catch {
      form.submit(); // the phone keeps nothing; the plain way still works
      return;
    }
    flush();
  });
  window.addEventListener("online", flush);
  window.setInterval(flush, AGAIN_MS);
  show(read().length);
  flush();
})();
