import { EVENT, type AnlanEvent } from "./island";

/** Longest wait before a burst of events is shown, and the shortest time between two refreshes. */
const SETTLE_MS = 300;
const REST_MS = 2000;

/**
 * Runs `refresh` after events of the topics (no topics: after any), never more often than every two seconds
 * and never twice at once; a storm announces far more than a person can read.
 */
export function refreshOn(topics: readonly string[], refresh: () => Promise<void>): () => void {
  let timer: number | undefined;
  let last = 0;
  let running = false;
  const run = async (): Promise<void> => {
    timer = undefined;
    if (running) return plan();
    running = true;
    last = performance.now();
    try {
      await refresh();
    } catch (error) {
      console.error("refresh failed; the next event tries again", error);
    } finally {
      running = false;
    }
  };
  const plan = (): void => {
    const wait = Math.max(SETTLE_MS, last + REST_MS - performance.now());
    timer ??= window.setTimeout(() => void run(), wait);
  };
  const hear = (event: CustomEvent<AnlanEvent>): void => {
    if (topics.length === 0 || topics.includes(event.detail.topic)) plan();
  };
  document.addEventListener(EVENT, hear);
  return () => {
    document.removeEventListener(EVENT, hear);
    window.clearTimeout(timer);
  };
}
