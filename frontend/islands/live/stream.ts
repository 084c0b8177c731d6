import type { AnlanEvent } from "../../shared/island";

interface Listener {
  heard(event: AnlanEvent): void;
  joined(): void;
  serverTime(at: Date): void;
  /** The stream is cut; nothing newer than `since` has arrived. */
  lost(since: Date): void;
}

/** The server sends something, at least a `beat`, every 5 s. */
const SILENCE_MS = 16_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A first short cut is mended before anybody needs to know. */
const GRACE_MS = 1500;

/**
 * One EventSource at a time, joined again by hand: browsers give up on some errors, cannot see a half-open
 * connection, and all come back in the same second. The sequence of the last event travels as `last_event_id`,
 * because a new EventSource cannot set the Last-Event-ID header.
 */
export class Stream {
  readonly #url: string;
  readonly #listener: Listener;
  #after: number | undefined;
  #source: EventSource | undefined;
  #attempt = 0;
  #lastHeard = new Date();
  #isLost = false;
  #wait: number | undefined;
  #notice: number | undefined;
  readonly #watch: number;
  readonly #wake = (): void => {
    if (!document.hidden && !this.#source) this.#join();
  };

  constructor(url: string, after: number | undefined, listener: Listener) {
    this.#url = url;
    this.#after = after;
    this.#listener = listener;
    this.#watch = window.setInterval(() => this.#checkSilence(), 5000);
    window.addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wake);
    this.#join();
  }

  close(): void {
    window.clearInterval(this.#watch);
    window.clearTimeout(this.#wait);
    window.clearTimeout(this.#notice);
    window.removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wake);
    this.#source?.close();
  }

  #join(): void {
    window.clearTimeout(this.#wait);
    const address = new URL(this.#url, location.href);
    if (this.#after !== undefined) address.searchParams.set("last_event_id", String(this.#after));
    const source = new EventSource(address);
    this.#source = source;
    source.onopen = () => this.#opened();
    source.onerror = () => this.#cut();
    source.onmessage = (message) => this.#receive(message);
    source.addEventListener("beat", (message: MessageEvent<string>) => this.#beat(message));
  }

  #opened(): void {
    this.#note();
    this.#attempt = 0;
    window.clearTimeout(this.#notice);
    this.#notice = undefined;
    this.#listener.joined();
    this.#isLost = false;
  }

  #receive(message: MessageEvent<string>): void {
    this.#note();
    const event = JSON.parse(message.data) as AnlanEvent;
    this.#after = event.seq ?? this.#after;
    this.#listener.heard(event);
  }

  /** A beat names the newest entry, seen or not, so that a quiet page knows where to go on. */
  #beat(message: MessageEvent<string>): void {
    this.#note();
    const { seq, at } = JSON.parse(message.data) as { seq: number; at: number };
    this.#after ??= seq;
    this.#listener.serverTime(new Date(at * 1000));
  }

  #note(): void {
    this.#lastHeard = new Date();
  }

  #checkSilence(): void {
    if (this.#source && Date.now() - this.#lastHeard.getTime() > SILENCE_MS) this.#cut();
  }

  #cut(): void {
    this.#source?.close();
    this.#source = undefined;
    this.#notice ??= window.setTimeout(() => {
      this.#isLost = true;
      this.#listener.lost(this.#lastHeard);
    }, this.#isLost ? 0 : GRACE_MS);
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    window.clearTimeout(this.#wait);
    this.#wait = window.setTimeout(() => this.#join(), ceiling * (0.5 + Math.random() / 2));
  }
}
