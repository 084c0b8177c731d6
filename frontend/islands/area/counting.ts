// Asks how many villages and people lie inside while somebody drags: one question at a time, the newest one wins.

import type { MultiPolygon, Polygon } from "geojson";

export interface Question {
  geometry?: Polygon | MultiPolygon;
  circle?: { lon: number; lat: number; km: number };
  codes?: string[];
  divisions?: string[];
  zones?: string[];
  saved?: string;
  downstream?: string;
  hour?: number;
}

export type Answer = Record<string, unknown> & { refused?: { sentence: string; next_step: string } };

export class Counter {
  readonly #url: string;
  readonly #csrf: string;
  readonly #show: (answer: Answer | null, took: number) => void;
  #isAsking = false;
  #next: Question | null = null;

  constructor(url: string, csrf: string, show: (answer: Answer | null, took: number) => void) {
    this.#url = url;
    this.#csrf = csrf;
    this.#show = show;
  }

  ask(question: Question): void {
    this.#next = question;
    if (!this.#isAsking) void this.#go();
  }

  async #go(): Promise<void> {
    this.#isAsking = true;
    while (this.#next) {
      const question = this.#next;
      this.#next = null;
      const started = performance.now();
      try {
        const answer = await fetch(this.#url, {
          method: "POST",
          credentials: "same-origin",
          headers: { "Content-Type": "application/json", "X-CSRFToken": this.#csrf },
          body: JSON.stringify(question),
        });
        const isJson = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
        this.#show(isJson ? ((await answer.json()) as Answer) : null, performance.now() - started);
      } catch {
        this.#show(null, performance.now() - started);
      }
    }
    this.#isAsking = false;
  }
}
