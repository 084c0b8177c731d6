// The bar of a replay: slider, keys, playing. Each moment is one request; the page works without any of this.

import type { Island } from "../../shared/island";
import { MOMENT, type PlotData } from "../room_map/data";
import { Asking } from "./asking";

interface ReplayProps {
  /** Gives the parts of the page of `?at=`. */
  url: string;
  page: string;
  from: string;
  first: string;
  last: string;
  at: string;
  text: { play: string; pause: string; lost: string };
}

const MINUTE_MS = 60_000;
/** How often the slider moves while the past plays. */
const TICK_MS = 100;

export function mount(element: HTMLElement, given: unknown): Island {
  const bar = new Bar(element, given as ReplayProps);
  return { destroy: () => bar.destroy() };
}

class Bar {
  readonly #props: ReplayProps;
  readonly #element: HTMLElement;
  readonly #first: number;
  readonly #last: number;
  readonly #slider: HTMLInputElement;
  readonly #typed: HTMLInputElement;
  readonly #play: HTMLButtonElement;
  readonly #speed: HTMLSelectElement;
  readonly #note: HTMLElement;
  readonly #asking: Asking<string>;
  readonly #stops: (() => void)[] = [];
  #at: number;
  #timer: number | undefined;
  #tickedAt = 0;

  constructor(element: HTMLElement, props: ReplayProps) {
    this.#element = element;
    this.#props = props;
    this.#first = Date.parse(props.first);
    this.#last = Date.parse(props.last);
    this.#at = Date.parse(props.at);
    this.#slider = this.#one<HTMLInputElement>("[name=second]");
    this.#typed = this.#one<HTMLInputElement>("input[name=at]");
    this.#play = this.#one<HTMLButtonElement>("[data-replay=play]");
    this.#speed = this.#one<HTMLSelectElement>("[data-replay=speed]");
    this.#note = this.#one<HTMLElement>("[data-replay=note]");
    this.#asking = new Asking(
      (at) => this.#ask(at),
      (at, answer) => this.#show(at, answer),
      (_at, error) => this.#failed(error),
    );
    for (const hidden of element.querySelectorAll<HTMLElement>("[data-replay][hidden]")) hidden.hidden = false;
    this.#one<HTMLElement>("[data-plain]").hidden = true;
    this.#on(this.#slider, "input", () => this.#go(this.#first + Number(this.#slider.value) * 1000));
    this.#on(this.#play, "click", () => this.#toggle());
    this.#on(element, "click", (event) => this.#clicked(event));
    for (const form of element.querySelectorAll("form")) this.#on(form, "submit", (event) => this.#submitted(event));
    this.#on(document, "keydown", (event) => this.#pressed(event as KeyboardEvent));
    this.#on(window, "popstate", () => location.reload());
    element.dataset["at"] = new Date(this.#at).toISOString();
  }

  destroy(): void {
    this.#pause();
    this.#asking.stop();
    for (const stop of this.#stops) stop();
  }

  #one<E extends Element>(selector: string): E {
    const found = this.#element.querySelector<E>(selector);
    if (!found) throw new Error(`the replay bar has no ${selector}`);
    return found;
  }

  #on(target: EventTarget, name: string, hear: (event: Event) => void): void {
    target.addEventListener(name, hear);
    this.#stops.push(() => target.removeEventListener(name, hear));
  }

  // Moving

  #go(at: number, keepPlaying = false): void {
    if (!keepPlaying) this.#pause();
    this.#at = Math.min(Math.max(at, this.#first), this.#last);
    this.#slider.value = String(Math.round((this.#at - this.#first) / 1000));
    this.#asking.want(this.#at);
  }

  #toggle(): void {
    if (this.#timer !== undefined) return this.#pause();
    if (this.#at >= this.#last) this.#at = this.#first;
    this.#tickedAt = performance.now();
    this.#timer = window.setInterval(() => this.#tick(), TICK_MS);
    this.#play.textContent = this.#props.text.pause;
    this.#element.dataset["playing"] = "yes";
  }

  #pause(): void {
    if (this.#timer === undefined) return;
    window.clearInterval(this.#timer);
    this.#timer = undefined;
    this.#play.textContent = this.#props.text.play;
    delete this.#element.dataset["playing"];
  }

  /** The past goes on by the chosen speed; while an answer is awaited it waits, too, so that nothing is passed over unseen. */
  #tick(): void {
    const now = performance.now();
    const passed = Math.min(now - this.#tickedAt, 2 * TICK_MS);
    this.#tickedAt = now;
    if (this.#asking.isBusy) return;
    this.#go(this.#at + passed * Number(this.#speed.value), true);
    if (this.#at >= this.#last) this.#pause();
  }

  // What people do

  #clicked(event: Event): void {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-step]") : null;
    const at = link ? momentOf(link) : null;
    if (at === null) return;
    event.preventDefault();
    this.#go(at);
  }

  #submitted(event: Event): void {
    event.preventDefault();
    if (event.target instanceof HTMLFormElement && event.target.contains(this.#typed)) {
      const at = Date.parse(`${this.#typed.value.slice(0, 19)}+08:00`);
      if (!Number.isNaN(at)) this.#go(at);
    }
  }

  #pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    if (target && target !== this.#slider && target.closest("input, textarea, select, summary, [contenteditable], .maplibregl-map")) return;
    if (event.key === " " && target?.closest("button, a")) return;
    if (event.key === " ") this.#toggle();
    else if (event.key === "ArrowLeft") event.shiftKey ? this.#step("before") : this.#go(this.#at - MINUTE_MS);
    else if (event.key === "ArrowRight") event.shiftKey ? this.#step("after") : this.#go(this.#at + MINUTE_MS);
    else if (event.key === "Home") this.#go(this.#first);
    else if (event.key === "End") this.#go(this.#last);
    else return;
    event.preventDefault();
  }

  #step(which: "before" | "after"): void {
    const link = this.#element.querySelector<HTMLAnchorElement>(`a[data-step=${which}]`);
    const at = link ? momentOf(link) : null;
    if (at !== null) this.#go(at);
  }

  // What is shown

  async #ask(at: number): Promise<string> {
    const answer = await fetch(`${this.#props.url}?${this.#query(at)}`, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(`the moment answered ${answer.status}`);
    return answer.text();
  }

  #query(at: number): string {
    const query = new URLSearchParams({ at: new Date(at).toISOString() });
    if (this.#props.from) query.set("from", this.#props.from);
    return query.toString();
  }

  #show(at: number, answer: string): void {
    const page = new DOMParser().parseFromString(answer, "text/html");
    for (const part of page.querySelectorAll<HTMLElement>("[data-part]")) {
      const place = document.querySelector(`main [data-part="${part.dataset["part"] ?? ""}"]`);
      if (place) place.replaceChildren(...part.childNodes);
    }
    const drawn = page.querySelector("[data-map] script")?.textContent;
    const data = drawn ? (JSON.parse(drawn) as PlotData | null) : null;
    if (data) document.dispatchEvent(new CustomEvent(MOMENT, { detail: data }));
    this.#note.textContent = "";
    this.#slider.setAttribute("aria-valuetext", document.querySelector(".replay__sign b.number")?.textContent ?? "");
    if (document.activeElement !== this.#typed) this.#typed.value = localMinute(at);
    history.replaceState(null, "", `${this.#props.page}?${this.#query(at)}`);
    this.#element.dataset["at"] = new Date(at).toISOString();
  }

  #failed(error: unknown): void {
    this.#pause();
    this.#note.textContent = this.#props.text.lost;
    console.error("a moment could not be read", error);
  }
}

function momentOf(link: HTMLAnchorElement): number | null {
  const at = Date.parse(new URL(link.href).searchParams.get("at") ?? "");
  return Number.isNaN(at) ? null : at;
}

/** As the field wants it, in the time of the duty room. */
function localMinute(at: number): string {
  return new Date(at + 8 * 60 * MINUTE_MS).toISOString().slice(0, 16);
}
