// Sends where this phone is while a job runs, only after the button was pressed. Positions wait without a network; it stops
// by itself when the server says that the job is over.
"use strict";
(() => {
  const box = document.getElementById("place");
  if (!box || !navigator.geolocation || !window.fetch || !window.localStorage) return;
  const button = box.querySelector("button");
  const words = box.querySelector("p");
  const NAME = "anlan-places:" + box.dataset.url;
  const EVERY_MS = 30000;
  const MOST = 400;
  let watch = null;
  let timer = null;
  let last = 0;
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(NAME) || "[]");
    } catch {
      return [];
    }
  };
  const write = (list) => localStorage.setItem(NAME, JSON.stringify(list.slice(-MOST)));

  async function send() {
    const list = read();
    if (list.length === 0) return;
    const headers = { "Content-Type": "application/json" };
    if (box.dataset.token) headers["X-CSRFToken"] = box.dataset.token;
    try {
      const answer = await fetch(box.dataset.url, {
        method: "POST",
        headers,
        body: JSON.stringify(list),
        credentials: "same-origin",
      });
      if (answer.status === 410) return over();
      if (!answer.ok) return;
      write(read().slice(list.length));
      words.textContent = box.dataset.sent + " " + new Date().toLocaleTimeString();
    } catch {
      // no network: the positions wait for the next round
    }
  }
  function stop() {
    if (watch !== null) navigator.geolocation.clearWatch(watch);
    clearInterval(timer);
    watch = null;
    button.textContent = box.dataset.off;
  }
  function over() {
    stop();
    localStorage.removeItem(NAME);
    button.hidden = true;
    words.textContent = box.dataset.over;
  }
  function start() {
    button.textContent = box.dataset.on;
    last = 0;
    watch = navigator.geolocation.watchPosition(
      (found) => {
        if (Date.now() - last < EVERY_MS) return;
        last = Date.now();
        const at = found.coords;
        write([...read(), { lon: at.longitude, lat: at.latitude, accuracy: at.accuracy, at: new Date().toISOString() }]);
        send();
      },
      () => {
        words.textContent = box.dataset.failed;
      },
      { enableHighAccuracy: true, maximumAge: 20000 },
    );
    timer = setInterval(send, EVERY_MS);
  }
  button.hidden = false;
  button.addEventListener("click", () => (watch === null ? start() : stop()));
})();
