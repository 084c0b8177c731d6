// Asks for moments: one request at a time, and of what was wanted meanwhile only the last. Nothing in here knows the page.

/** Shortest time between two requests while somebody drags or the past plays. */
const REST_MS = 120;

export class Asking<T> {
  readonly #ask: (at: number) => Promise<T>;
  readonly #show: (at: number, answer: T) => void;
  readonly #failed: (at: number, error: unknown) => void;
  #wanted: number | null = null;
  #timer: number | undefined;
  #isBusy = false;
  #lastAt = 0;

  constructor(ask: (at: number) => Promise<T>, show: (at: number, answer: T) => void, failed: (at: number, error: unknown) => void) {
    this.#ask = ask;
    this.#show = show;
    this.#failed = failed;
  }

  /** Whether an answer is awaited. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** The moment that shall be shown; one that was wanted before and not yet asked for is forgotten. */
  want(at: number): void {
    this.#wanted = at;
    if (this.#isBusy || this.#timer !== undefined) return;
    this.#timer = window.setTimeout(() => void this.#run(), Math.max(0, this.#lastAt + REST_MS - performance.now()));
  }

  stop(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wanted = null;
  }

  async #run(): Promise<void> {
    this.#timer = undefined;
    const at = this.#wanted;
    if (at === null) return;
    this.#wanted = null;
    this.#isBusy = true;
    this.#lastAt = performance.now();
    try {
      this.#show(at, await this.#ask(at));
    } catch (error) {
      this.#failed(at, error);
    } finally {
      this.#isBusy = false;
      if (this.#wanted !== null) this.want(this.#wanted);
    }
  }
}
