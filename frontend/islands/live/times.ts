// <time data-age datetime="…"> says how long ago, <time data-deadline datetime="…"> counts down.

/** Words from the server, with {n} where a number stands. */
export interface TimeWords {
  /** "{n} s ago" */
  secondsAgo: string;
  minutesAgo: string;
  hoursAgo: string;
  daysAgo: string;
  /** "overdue by {time}" */
  overdue: string;
}

const SOON_S = 60;

export function tickTimes(root: ParentNode, now: Date, words: TimeWords): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-age]")) {
    write(time, age(secondsBetween(time, now), words));
  }
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-wait]")) {
    write(time, clockFace(secondsBetween(time, now)));
  }
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-deadline]")) {
    const left = -secondsBetween(time, now);
    time.dataset["deadline"] = left < 0 ? "overdue" : left < SOON_S ? "soon" : "ahead";
    write(time, left < 0 ? words.overdue.replace("{time}", clockFace(-left)) : clockFace(left));
  }
}

/** <time data-clock> shows the time in the duty room, with seconds. */
export function tickClocks(root: ParentNode, now: Date): void {
  const text = now.toLocaleTimeString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-clock]")) write(time, text);
}

function write(time: HTMLTimeElement, text: string): void {
  if (time.textContent !== text) time.textContent = text;
}

function secondsBetween(time: HTMLTimeElement, now: Date): number {
  return (now.getTime() - Date.parse(time.dateTime)) / 1000;
}

export function age(seconds: number, words: TimeWords): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return words.secondsAgo.replace("{n}", String(whole));
  if (whole < 3600) return words.minutesAgo.replace("{n}", String(Math.floor(whole / 60)));
  if (whole < 48 * 3600) return words.hoursAgo.replace("{n}", String(Math.floor(whole / 3600)));
  return words.daysAgo.replace("{n}", String(Math.floor(whole / 86400)));
}

/** mm:ss, or h:mm:ss from one hour on. */
export function clockFace(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number): string => String(n).padStart(2, "0");
  const tail = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? tail : `${Math.floor(whole / 3600)}:${tail}`;
}
