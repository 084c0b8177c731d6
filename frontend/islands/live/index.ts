// The live stream of the page: tells htmx and the other islands what has happened, shows when it is cut,
// and keeps ages and countdowns moving.

import { make } from "../../shared/dom";
import { EVENT, type AnlanEvent, type Island } from "../../shared/island";
import { ExerciseClock, type ClockProps } from "./clock";
import { Stream } from "./stream";
import { tickClocks, tickTimes, type TimeWords } from "./times";

interface LiveProps {
  /** Address of the stream, usually /rt/events. */
  url: string;
  /** Sequence of the last journal entry that the page already shows. */
  lastEventId?: string;
  /** Clock of the exercise that the page shows; absent on a real day. */
  clock?: ClockProps;
  text: TimeWords & {
    /** "Connection lost, data stopped at {time}" */
    lost: string;
  };
}

declare global {
  interface Window {
    htmx?: { trigger(element: Element, name: string, detail?: unknown): void };
  }
}

/** Bursts of one topic become one refresh of its fragments. */
const COALESCE_MS = 250;
/** Refreshes of one topic are at least this far apart; what comes between is shown by the next one, never dropped. */
const LEAST_BETWEEN_MS = 700;
/** A storm announces stations far faster than a person reads. */
const LEAST_BETWEEN_BY_TOPIC_MS: Record<string, number> = { station: 5000, crossing: 5000, journal: 2000 };

export function mount(element: HTMLElement, given: unknown): Island {
  const props = given as LiveProps;
  const clock = new ExerciseClock(props.clock);
  const strip = make("div", "strip strip--lost");
  strip.setAttribute("role", "status");
  strip.hidden = true;
  element.append(strip);
  const pending = new Map<string, number>();
  const refreshedAt = new Map<string, number>();

  // Not htmx's own throttle: that one drops what comes within its time, and the last answer of a burst would not be shown.
  const refreshFragments = (topic: string): void => {
    if (pending.has(topic)) return;
    const apart = LEAST_BETWEEN_BY_TOPIC_MS[topic] ?? LEAST_BETWEEN_MS;
    const next = (refreshedAt.get(topic) ?? -apart) + apart - performance.now();
    const timer = window.setTimeout(() => {
      pending.delete(topic);
      refreshedAt.set(topic, performance.now());
      window.htmx?.trigger(document.body, `anlan:${topic}`);
    }, Math.max(COALESCE_MS, next));
    pending.set(topic, timer);
  };

  const stream = new Stream(props.url, props.lastEventId ? Number(props.lastEventId) : undefined, {
    heard(event: AnlanEvent) {
      document.dispatchEvent(new CustomEvent<AnlanEvent>(EVENT, { detail: event }));
      refreshFragments(event.topic);
    },
    joined() {
      strip.hidden = true;
      document.documentElement.dataset["connection"] = "live";
    },
    serverTime: (at) => clock.follow(at),
    lost(since: Date) {
      const time = clock.at(since).toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
      strip.textContent = props.text.lost.replace("{time}", time);
      strip.hidden = false;
      document.documentElement.dataset["connection"] = "lost";
    },
  });
  const tick = (): void => {
    tickTimes(document, clock.now(), props.text);
    tickClocks(document, clock.now());
  };
  const ticking = window.setInterval(tick, 1000);
  tick();

  return {
    destroy() {
      stream.close();
      window.clearInterval(ticking);
      for (const timer of pending.values()) window.clearTimeout(timer);
    },
  };
}
