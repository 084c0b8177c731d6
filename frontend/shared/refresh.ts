import { EVENT, type AnlanEvent } from "./island";

/** Longest wait before a burst of events is shown, and the shortest time between two refreshes. */
const SETTLE_MS = 300;
const REST_MS = 2000;

/** Runs `refresh` at this pace while the page is in sight; a hidden page asks again when it is looked at. */
export function refreshEvery(seconds: number, refresh: () => Promise<void>): () => void {
  const run = (): void => {
    if (document.hidden) return;
    refresh().catch((error: unknown) => console.error("refresh failed; the next round tries again", error));
  };
  const timer = window.setInterval(run, seconds * 1000);
  document.addEventListener("visibilitychange", run);
  return () => {
    window.clearInterval(timer);
    document.removeEventListener("visibilitychange", run);
  };
}

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
    if (topics.length === 0 || topics.includes(event.detail.type)) plan();
  };
  document.addEventListener(EVENT, hear);
  return () => {
    document.removeEventListener(EVENT, hear);
    window.clearTimeout(timer);
  };
}
