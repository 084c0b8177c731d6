// Beside the room map: the layers, the palette, and a list that says and does the same by keyboard and screen reader.

import { make } from "../../shared/dom";
import type { Mark, PlotData, RoomLayer, SceneFeature, SymbolFace, Words } from "./data";
import { holdOf, type Place } from "./drawing";

export function switches(words: Words, toggle: (name: RoomLayer, on: boolean) => void): HTMLElement {
  const box = make("details", "map__legend plotmap__layers");
  const group = make("div", "map__switches");
  for (const name of Object.keys(words.layers) as RoomLayer[]) {
    const label = make("label", "");
    const tick = make("input", "");
    tick.type = "checkbox";
    tick.checked = true;
    tick.addEventListener("change", () => toggle(name, tick.checked));
    label.append(tick, words.layers[name] ?? "");
    group.append(label);
  }
  box.append(make("summary", "", words.legend), group);
  return box;
}

/** The symbols as buttons, and the words that the next mark gets. */
export class Palette {
  readonly element = make("details", "plotmap__palette");
  readonly label = make("input", "");
  readonly #buttons = new Map<string, HTMLButtonElement>();

  constructor(faces: readonly SymbolFace[], words: Words, choose: (face: SymbolFace) => void) {
    this.label.type = "text";
    this.label.maxLength = 80;
    const label = make("label", "", words.label);
    label.append(this.label);
    const group = make("div", "plotmap__symbols");
    for (const face of faces) {
      const button = make("button", "");
      button.type = "button";
      button.title = `${face.word} · ${face.shapeWord}`;
      const picture = make("img", "");
      picture.src = face.picture;
      picture.alt = "";
      picture.width = picture.height = 24;
      button.append(picture, make("span", "", face.word));
      button.addEventListener("click", () => choose(face));
      this.#buttons.set(face.code, button);
      group.append(button);
    }
    this.element.append(make("summary", "", words.palette), label, group);
  }

  press(code: string): void {
    for (const [name, button] of this.#buttons) button.setAttribute("aria-pressed", String(name === code));
  }
}

interface ListActions {
  look: (centre: Place) => void;
  choose: (mark: Mark) => void;
  mayMove: (scene: SceneFeature) => boolean;
  chooseScene: (scene: SceneFeature) => void;
  remove: (mark: Mark) => void;
}

/** A moment in full, where "how long ago" would be a lie. */
export function stamp(at: string): string {
  return new Date(at).toLocaleString("zh-CN", { hour12: false, timeZone: "Asia/Shanghai" });
}

/** The same things as a list; focus survives a refresh. */
export class RoomList {
  readonly element = make("details", "map__list plotmap__list");
  readonly #rows = make("ul", "map__things");
  readonly #words: Words;
  readonly #mayDraw: boolean;
  readonly #isPast: boolean;
  readonly #do: ListActions;

  constructor(words: Words, mayDraw: boolean, isPast: boolean, actions: ListActions) {
    this.#isPast = isPast;
    this.#words = words;
    this.#mayDraw = mayDraw;
    this.#do = actions;
    this.element.append(make("summary", "", words.list), this.#rows);
  }

  show(data: PlotData): void {
    const active = document.activeElement;
    const focused = active instanceof HTMLElement ? active.dataset["thing"] : undefined;
    const rows = [
      ...data.scenes.features.map((scene) => this.#scene(scene)),
      ...data.teams.features.map(({ properties, geometry }) =>
        this.#row(`team:${properties.id}`, `${properties.name} · ${properties.state_text}`, holdOf(geometry), properties.read_at),
      ),
      ...data.marks.features.map((mark) => this.#mark(mark)),
    ];
    this.#rows.replaceChildren(...(rows.length > 0 ? rows : [make("li", "", this.#words.nothing)]));
    if (focused) this.#rows.querySelector<HTMLElement>(`[data-thing="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(key: string, text: string, centre: Place, at: string | null = null): HTMLLIElement {
    const item = make("li", "");
    item.append(this.#button(key, text, () => this.#do.look(centre)));
    if (at) {
      const time = make("time", "");
      time.dateTime = at;
      if (this.#isPast) time.textContent = stamp(at);
      else time.dataset["age"] = "";
      item.append(` ${this.#words.position} `, time);
    }
    return item;
  }

  #scene(scene: SceneFeature): HTMLLIElement {
    const { id, number, name, state_text } = scene.properties;
    const item = this.#row(`scene:${id}`, `${this.#words.layers.scenes} ${number} · ${name} · ${state_text}`, holdOf(scene.geometry));
    if (this.#do.mayMove(scene)) item.append(this.#button(`move:${id}`, this.#words.move, () => this.#do.chooseScene(scene)));
    return item;
  }

  #mark(mark: Mark): HTMLLIElement {
    const { id, word, label } = mark.properties;
    const item = this.#row(`mark:${id}`, label ? `${word} · ${label}` : word, holdOf(mark.geometry));
    if (this.#mayDraw) {
      item.append(
        this.#button(`move:${id}`, this.#words.move, () => this.#do.choose(mark)),
        this.#button(`remove:${id}`, this.#words.remove, () => this.#do.remove(mark)),
      );
    }
    return item;
  }

  #button(key: string, text: string, press: () => void): HTMLButtonElement {
    const button = make("button", "plain", text);
    button.type = "button";
    button.dataset["thing"] = key;
    button.addEventListener("click", press);
    return button;
  }
}
