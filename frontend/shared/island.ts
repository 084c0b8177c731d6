/** What an island may give back so that it can be taken off the page again. */
export interface Island {
  destroy?(): void;
}

export interface IslandModule {
  mount(element: HTMLElement, props: unknown): Island | undefined;
}

/** A sealed journal entry as the live stream announces it; `type` is the kind of its subject. */
export interface AnlanEvent {
  type: string;
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
