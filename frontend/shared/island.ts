/** What an island may give back so that it can be taken off the page again. */
export interface Island {
  destroy?(): void;
}

export interface IslandModule {
  mount(element: HTMLElement, props: unknown): Island | undefined;
}

/** Something new as the live stream announces it: a sealed journal entry, new readings, or a gap ("reconnected"). */
export interface AnlanEvent {
  topic: string;
  seq?: number;
  kind?: string;
  id?: string;
  at?: string;
}

export const EVENT = "anlan:event";

declare global {
  interface DocumentEventMap {
    "anlan:event": CustomEvent<AnlanEvent>;
  }
}
