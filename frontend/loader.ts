// Finds [data-island] elements, reads their props and mounts them; pages are complete without it.

import type { Island, IslandModule } from "./shared/island";

declare const BUILD: string;

const mounted = new Map<Element, Island | null>();

/** Props come from a JSON script child, else from the data-props attribute. */
function readProps(element: HTMLElement): unknown {
  const script = element.querySelector(':scope > script[type="application/json"]');
  const text = script?.textContent ?? element.dataset["props"] ?? "{}";
  return JSON.parse(text);
}

async function mountOne(element: HTMLElement): Promise<void> {
  const name = element.dataset["island"] ?? "";
  if (mounted.has(element) || !/^[a-z_]+$/.test(name)) return;
  mounted.set(element, null);
  try {
    const address = new URL(`./${name}.js?v=${BUILD}`, import.meta.url).href;
    const module = (await import(address)) as IslandModule;
    const island = module.mount(element, readProps(element));
    mounted.set(element, island ?? null);
    element.dataset["mounted"] = "yes";
  } catch (error) {
    element.dataset["mounted"] = "failed";
    console.error(`island ${name} did not start`, error);
  }
}

function mountAll(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-island]")) void mountOne(element);
}

/** What a refreshed fragment has thrown away gives back its timers, sockets and drawing contexts. */
function forgetRemoved(): void {
  for (const [element, island] of mounted) {
    if (element.isConnected) continue;
    island?.destroy?.();
    mounted.delete(element);
  }
}

document.addEventListener("htmx:afterSettle", () => {
  forgetRemoved();
  mountAll(document);
});
mountAll(document);
