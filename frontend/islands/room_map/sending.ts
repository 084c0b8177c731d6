// Drawing is stored at once: one verb, one request. A refusal comes back as a sentence, with the mark as it is now.

import type { Drawn, Mark } from "./data";

export type Verb =
  | { verb: "place"; key: string; symbol: string; label: string; geometry: Drawn }
  | { verb: "move"; mark: string; version: number; geometry: Drawn }
  | { verb: "relabel"; mark: string; version: number; label: string }
  | { verb: "remove"; mark: string; version: number }
  | { verb: "move_scene"; scene: string; version: number; geometry: Drawn };

export interface Answer {
  mark: Mark | null;
  /** Empty when it was stored. */
  refused: string;
}

/** Throws when nobody answered; the same `key` sent again draws one mark. */
export async function send(url: string, csrf: string, verb: Verb): Promise<Answer> {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
    body: JSON.stringify(verb),
  });
  if (!(answer.headers.get("Content-Type") ?? "").startsWith("application/json")) throw new Error(`answered ${answer.status}`);
  const told = (await answer.json()) as { mark: Mark | null; refused?: { sentence: string; next_step: string } };
  return { mark: told.mark, refused: told.refused ? `${told.refused.sentence} ${told.refused.next_step}` : "" };
}

/** A key of a new mark; random, for a page that is not served over https has no `randomUUID`. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
