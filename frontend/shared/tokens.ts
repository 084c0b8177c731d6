// Colours come from the page's CSS custom properties; the fallbacks are the same tokens for pages without them.

export type LevelName = "red" | "orange" | "yellow" | "blue";

const LEVELS: Record<number, LevelName> = { 1: "red", 2: "orange", 3: "yellow", 4: "blue" };

const FALLBACK = {
  "--level-red": "#d4121a",
  "--level-orange": "#f07800",
  "--level-yellow": "#f5c400",
  "--level-blue": "#1668dc",
  "--state-done": "#2e8b57",
  "--state-lost": "#6b3fa0",
  "--state-unknown": "#8a8f98",
} as const;

const DAY = { "--paper": "#ffffff", "--ground": "#f4f6f8", "--ink": "#1b232c", "--ink-soft": "#5a6672", "--line": "#c4ccd4" };
const NIGHT = { "--paper": "#161b22", "--ground": "#0e1217", "--ink": "#e6ebf0", "--ink-soft": "#9aa6b2", "--line": "#39434e" };

export type TokenName = keyof typeof FALLBACK | keyof typeof DAY;
export type Tokens = Readonly<Record<TokenName, string>> & { readonly isNight: boolean };

export function levelName(level: number | null | undefined): LevelName | null {
  return level == null ? null : (LEVELS[level] ?? null);
}

/** The theme chosen on the page wins over the system's. */
export function isNight(): boolean {
  const chosen = document.documentElement.dataset["theme"];
  if (chosen) return chosen !== "light" && chosen !== "day";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

export function readTokens(): Tokens {
  const night = isNight();
  const style = getComputedStyle(document.documentElement);
  const defaults: Record<string, string> = { ...FALLBACK, ...(night ? NIGHT : DAY) };
  const entries = Object.entries(defaults).map(([name, value]) => [name, style.getPropertyValue(name).trim() || value]);
  return { ...Object.fromEntries(entries), isNight: night } as Tokens;
}

/** Calls back when the switch or the system changes between day and night; returns how to stop. */
export function onThemeChange(callback: () => void): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(callback);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  media.addEventListener("change", callback);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", callback);
  };
}
