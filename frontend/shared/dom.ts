/** Makes an element with text; class names only, since the page's policy allows no inline style. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/** Loads the style sheet that was built beside an island, once. */
export function useStyles(moduleUrl: string, name: string): void {
  const address = new URL(`./${name}.css${new URL(moduleUrl).search}`, moduleUrl).href;
  if (document.querySelector(`link[href="${address}"]`)) return;
  const link = make("link", "");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
}

export async function fetchJson<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return (await answer.json()) as T;
}
