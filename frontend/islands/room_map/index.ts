// The map of the incident room: everybody draws on one map, and sees where scenes and teams are.

import { Map as MapLibre, NavigationControl, Popup, ScaleControl, setWorkerUrl, type GeoJSONSource, type MapGeoJSONFeature, type MapMouseEvent, type MapTouchEvent } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import { fetchJson, make, useStyles } from "../../shared/dom";
import type { Island } from "../../shared/island";
import { refreshOn } from "../../shared/refresh";
import { onThemeChange, readTokens } from "../../shared/tokens";
import { boxOf, emptyData, type MapData } from "../map/data";
import "../map/map.css";
import { addSymbols, buildStyle, showData } from "../map/style";
import { emptyPlot, MOMENT, type Drawn, type Mark, type PlotData, type RoomLayer, type RoomProps, type SceneFeature, type SymbolFace } from "./data";
import { carried, draftOf, geometryOf, holdOf, type Place } from "./drawing";
import { Palette, RoomList, stamp, switches } from "./panel";
import "./room_map.css";
import { newKey, send, type Verb } from "./sending";
import { addPictures, addRoom, LAYERS_BY_NAME, MARK_LAYERS, showRoom } from "./style";

const GROUND = ["divisions", "rivers", "zones", "callout", "incidents"] as const;
const TOPICS: Record<(typeof GROUND)[number], readonly string[]> = {
  divisions: [],
  rivers: [],
  zones: ["warning", "reconnected"],
  callout: ["callout", "warning", "reconnected"],
  incidents: ["incident", "reconnected"],
};
/** Positions of teams are no entries of the journal, so nobody announces them. */
const POSITIONS_MS = 15_000;

export function mount(element: HTMLElement, given: unknown): Island {
  useStyles(import.meta.url, "room_map");
  const room = new RoomMap(element, given as RoomProps);
  return { destroy: () => room.destroy() };
}

class RoomMap {
  readonly #props: RoomProps;
  readonly #element: HTMLElement;
  readonly #note = make("p", "plotmap__note");
  readonly #tools = make("div", "plotmap__tools");
  readonly #cross = make("div", "plotmap__cross");
  readonly #ground: MapData = emptyData();
  readonly #list: RoomList;
  readonly #palette: Palette;
  readonly #stops: (() => void)[] = [];
  readonly #hidden = new Set<RoomLayer>();
  #plot: PlotData = emptyPlot();
  #map: MapLibre | undefined;
  #isDressed = false;
  #hasLooked = false;
  /** What is being drawn, its corners and its key. */
  #face: SymbolFace | null = null;
  #corners: Place[] = [];
  #key = "";
  /** The mark that is held, and where it would stand. */
  #held: Mark | null = null;
  /** The scene that is held instead; it is put down only after a yes. */
  #scene: SceneFeature | null = null;
  #isAsked = false;
  #carried: Drawn | null = null;
  #grip: Place | null = null;

  constructor(element: HTMLElement, props: RoomProps) {
    this.#element = element;
    this.#props = props;
    this.#note.setAttribute("role", "status");
    this.#cross.hidden = true;
    this.#palette = new Palette(props.palette, props.text, (face) => this.#draw(face));
    this.#list = new RoomList(props.text, props.mayDraw, props.past !== undefined, {
      look: (center) => this.#map?.easeTo({ center, essential: true }),
      choose: (mark) => this.#hold(mark),
      mayMove: (scene) => this.#mayMove(scene),
      chooseScene: (scene) => this.#holdScene(scene),
      remove: (mark) => void this.#send({ verb: "remove", mark: mark.properties.id, version: mark.properties.version }),
    });
    const canvas = make("div", "map__canvas");
    element.classList.add("map", "plotmap");
    element.append(canvas, this.#note, this.#tools);
    this.#map = this.#start(canvas);
    canvas.append(this.#cross);
    if (this.#map) {
      element.append(switches(props.text, (name, on) => this.#toggle(name, on)));
      if (props.mayDraw) element.append(this.#palette.element);
    }
    element.append(this.#list.element);
    this.#stops.push(onThemeChange(() => this.#restyle()));
    for (const name of GROUND) if (this.#props[`${name}Url`]) this.#follow(name);
    if (props.past) this.#replay(props.past);
    else this.#live();
  }

  #live(): void {
    const load = (): Promise<void> => this.#load();
    load().catch((error: unknown) => this.#failed(error));
    this.#stops.push(refreshOn(["plot", "command", "reconnected"], load));
    const timer = window.setInterval(() => void load().catch((error: unknown) => this.#failed(error)), POSITIONS_MS);
    this.#stops.push(() => window.clearInterval(timer));
  }

  destroy(): void {
    for (const stop of this.#stops) stop();
    this.#map?.remove();
  }

  // What is shown

  /** Of a past moment: the document came with the page, and each later one comes by event. */
  #replay(first: PlotData): void {
    const show = (data: PlotData): void => {
      this.#plot = data;
      this.#showPlot();
      this.#look();
    };
    const hear = (event: CustomEvent<PlotData>): void => show(event.detail);
    document.addEventListener(MOMENT, hear);
    this.#stops.push(() => document.removeEventListener(MOMENT, hear));
    show(first);
  }

  async #load(): Promise<void> {
    this.#plot = await fetchJson<PlotData>(this.#props.plotUrl);
    if (this.#note.textContent === this.#props.text.failed) this.#note.textContent = "";
    this.#showPlot();
    this.#look();
  }

  #showPlot(): void {
    if (this.#map && this.#isDressed) showRoom(this.#map, this.#plot);
    this.#list.show(this.#plot);
    this.#element.dataset["marks"] = String(this.#plot.marks.features.length);
  }

  #failed(error: unknown): void {
    this.#note.textContent = this.#props.text.failed;
    console.error("the room map could not be read", error);
  }

  #follow(name: (typeof GROUND)[number]): void {
    const load = async (): Promise<void> => {
      (this.#ground as unknown as Record<string, unknown>)[name] = await fetchJson(this.#props[`${name}Url`]);
      if (this.#map && this.#isDressed) showData(this.#map, name, this.#ground);
      this.#look();
    };
    load().catch((error: unknown) => this.#failed(error));
    if (TOPICS[name].length > 0) this.#stops.push(refreshOn(TOPICS[name], load));
  }

  /** The incident decides what is in sight, else what was drawn, else the county; later data moves nobody's view. */
  #look(): void {
    if (this.#hasLooked || !this.#map) return;
    const [lon, lat] = this.#props.focus ?? [null, null];
    if (lon !== null && lat !== null) {
      this.#hasLooked = true;
      this.#map.jumpTo({ center: [lon, lat], zoom: 12 });
      return;
    }
    const own = [...this.#plot.marks.features, ...this.#plot.scenes.features, ...this.#plot.teams.features];
    const box = boxOf(own.length > 0 ? own : this.#ground.divisions.features);
    if (!box || (own.length === 0 && !this.#plot.read_at)) return;
    this.#hasLooked = true;
    this.#map.fitBounds(box, { padding: 48, animate: false, maxZoom: 13 });
  }

  #toggle(name: RoomLayer, on: boolean): void {
    if (on) this.#hidden.delete(name);
    else this.#hidden.add(name);
    for (const layer of LAYERS_BY_NAME[name]) this.#map?.setLayoutProperty(layer, "visibility", on ? "visible" : "none");
  }

  // Drawing

  #draw(face: SymbolFace): void {
    this.#stop();
    this.#face = face;
    this.#key = newKey();
    this.#palette.press(face.code);
    const { text } = this.#props;
    this.#begin(face.shape === "point" ? text.hintPoint : text.hintLine);
    if (face.shape === "point") this.#tool(text.place, () => this.#enter());
    else {
      this.#tool(text.finish, () => this.#enter());
      this.#tool(text.undo, () => this.#undo());
    }
    this.#tool(text.cancel, () => this.#stop());
  }

  /** A mark is chosen: it can be carried, renamed and removed. */
  #hold(mark: Mark): void {
    this.#stop();
    this.#held = mark;
    this.#carried = mark.geometry;
    const { text } = this.#props;
    const { id, version } = mark.properties;
    this.#map?.easeTo({ center: holdOf(mark.geometry), essential: true });
    this.#begin(`${mark.properties.name} — ${text.hintMove}`);
    const label = make("input", "");
    label.type = "text";
    label.maxLength = 80;
    label.value = mark.properties.label;
    label.setAttribute("aria-label", text.label);
    this.#tools.append(label);
    this.#tool(text.relabel, () => void this.#send({ verb: "relabel", mark: id, version, label: label.value }));
    this.#tool(text.moveHere, () => this.#enter());
    this.#tool(text.remove, () => void this.#send({ verb: "remove", mark: id, version }));
    this.#tool(text.cancel, () => this.#stop());
  }

  #mayMove(scene: SceneFeature): boolean {
    return this.#props.mayDraw || this.#props.ownScenes.includes(scene.properties.id);
  }

  /** A scene is chosen: it can be carried, and is put down after a yes. */
  #holdScene(scene: SceneFeature): void {
    this.#stop();
    this.#scene = scene;
    this.#carried = scene.geometry;
    this.#map?.easeTo({ center: holdOf(scene.geometry), essential: true });
    this.#begin(`${scene.properties.name} — ${this.#props.text.hintMove}`);
    this.#tool(this.#props.text.moveHere, () => this.#enter());
    this.#tool(this.#props.text.cancel, () => this.#stop());
  }

  /** Where the scene would stand is shown; one more key puts it there, the other leaves it. */
  #ask(): void {
    if (!this.#scene) return;
    const { text } = this.#props;
    this.#isAsked = true;
    this.#note.textContent = text.moveScene.replace("%(name)s", this.#scene.properties.name);
    this.#tools.replaceChildren();
    this.#tool(text.confirm, () => this.#dropScene());
    this.#tool(text.cancel, () => this.#stop());
    this.#showDraft();
  }

  #dropScene(): void {
    if (!this.#scene || !this.#carried) return;
    const { id, version } = this.#scene.properties;
    void this.#send({ verb: "move_scene", scene: id, version, geometry: this.#carried });
  }

  #begin(hint: string): void {
    this.#note.textContent = hint;
    this.#cross.hidden = false;
    this.#map?.doubleClickZoom.disable();
    this.#map?.getCanvas().focus();
    this.#showDraft();
  }

  #tool(words: string, press: () => void): void {
    const button = make("button", "", words);
    button.type = "button";
    button.addEventListener("click", press);
    this.#tools.append(button);
  }

  #stop(): void {
    this.#face = this.#held = this.#scene = this.#carried = this.#grip = null;
    this.#isAsked = false;
    this.#corners = [];
    this.#note.textContent = "";
    this.#cross.hidden = true;
    this.#tools.replaceChildren();
    this.#palette.press("");
    this.#map?.doubleClickZoom.enable();
    this.#showDraft();
  }

  #showDraft(): void {
    if (!this.#isDressed) return;
    const draft = draftOf(this.#face?.shape ?? null, this.#corners, this.#carried);
    this.#map?.getSource<GeoJSONSource>("draft")?.setData(draft);
  }

  #add(at: Place): void {
    if (!this.#face) return;
    this.#corners = this.#face.shape === "point" ? [at] : [...this.#corners, at];
    this.#showDraft();
    if (this.#face.shape === "point") this.#finish();
  }

  #undo(): void {
    this.#corners = this.#corners.slice(0, -1);
    this.#showDraft();
  }

  #middle(): Place {
    const centre = this.#map?.getCenter();
    return centre ? [centre.lng, centre.lat] : [0, 0];
  }

  /** Enter: puts a point or the held mark under the cross; ends a line or an area. */
  #enter(): void {
    if (this.#face?.shape === "point") return this.#add(this.#middle());
    if (this.#face) return this.#finish();
    if (this.#scene) {
      if (this.#isAsked) return this.#dropScene();
      const [lon, lat] = holdOf(this.#scene.geometry);
      const middle = this.#middle();
      this.#carried = carried(this.#scene.geometry, middle[0] - lon, middle[1] - lat);
      return this.#ask();
    }
    if (!this.#held) return;
    const [from, to] = [holdOf(this.#held.geometry), this.#middle()];
    this.#carried = carried(this.#held.geometry, to[0] - from[0], to[1] - from[1]);
    this.#drop();
  }

  #finish(): void {
    const geometry = this.#face && geometryOf(this.#face.shape, this.#corners);
    if (!this.#face || !geometry) return;
    const label = this.#palette.label.value.trim();
    void this.#send({ verb: "place", key: this.#key, symbol: this.#face.code, label, geometry });
  }

  #drop(): void {
    if (!this.#held || !this.#carried) return;
    const { id, version } = this.#held.properties;
    void this.#send({ verb: "move", mark: id, version, geometry: this.#carried });
  }

  /** Refused, the sentence stays and the map shows what is true; without an answer the drawing stays to be sent again. */
  async #send(verb: Verb): Promise<void> {
    const { actUrl, csrf, text } = this.#props;
    try {
      const { refused } = await send(actUrl, csrf, verb);
      this.#stop();
      if (!refused && verb.verb === "place") this.#palette.label.value = "";
      this.#note.textContent = refused || text.stored;
      this.#element.dataset["said"] = refused ? "refused" : "stored";
    } catch (error) {
      console.error("not stored", error);
      this.#note.textContent = text.notStored;
      return;
    }
    await this.#load().catch((error: unknown) => this.#failed(error));
  }

  // The map

  /** Without WebGL the list is the map. */
  #start(canvas: HTMLElement): MapLibre | undefined {
    setWorkerUrl(new URL("./map-worker.js", import.meta.url).href);
    try {
      const map = new MapLibre({
        container: canvas,
        style: buildStyle(readTokens()),
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        maxZoom: 17,
        center: [104, 35],
        zoom: 3,
      });
      map.touchZoomRotate.disableRotation();
      map.addControl(new NavigationControl({ showCompass: false }), "top-right");
      map.addControl(new ScaleControl(), "bottom-right");
      map.on("style.load", () => this.#dress(map));
      map.on("idle", () => (this.#element.dataset["state"] = "drawn"));
      this.#listen(map);
      return map;
    } catch (error) {
      console.error("no map in this browser", error);
      canvas.hidden = true;
      this.#note.textContent = this.#props.text.noWebgl;
      this.#list.element.open = true;
      this.#element.dataset["state"] = "list";
      return undefined;
    }
  }

  #dress(map: MapLibre): void {
    const tokens = readTokens();
    addSymbols(map, tokens);
    addRoom(map, tokens, this.#props.palette);
    addPictures(map, this.#props.palette);
    this.#isDressed = true;
    for (const name of GROUND) showData(map, name, this.#ground);
    this.#showPlot();
    this.#showDraft();
    for (const name of this.#hidden) this.#toggle(name, false);
  }

  #restyle(): void {
    this.#isDressed = false;
    this.#map?.setStyle(buildStyle(readTokens()), { diff: false });
  }

  #listen(map: MapLibre): void {
    map.on("click", (event) => this.#clicked(map, event));
    map.on("dblclick", (event) => {
      if (!this.#face) return;
      event.preventDefault();
      this.#corners = this.#corners.slice(0, -1); // both clicks of the double click set a corner at the same place
      this.#finish();
    });
    const press = (event: MapMouseEvent | MapTouchEvent): void => {
      const isHeld = this.#held && this.#markAt(map, event)?.properties.id === this.#held.properties.id;
      const isScene = this.#scene && (this.#sceneAt(map, event)?.properties.id === this.#scene.properties.id || this.#isOnDraft(map, event));
      if (!isHeld && !isScene) return;
      event.preventDefault();
      this.#grip = [event.lngLat.lng, event.lngLat.lat];
    };
    const move = (event: MapMouseEvent | MapTouchEvent): void => {
      if (!this.#grip) return;
      if (this.#scene) this.#carried = { type: "Point", coordinates: [event.lngLat.lng, event.lngLat.lat] };
      else if (this.#held) this.#carried = carried(this.#held.geometry, event.lngLat.lng - this.#grip[0], event.lngLat.lat - this.#grip[1]);
      this.#showDraft();
    };
    const release = (): void => {
      const from = this.#scene?.geometry ?? this.#held?.geometry;
      const hasMoved = this.#grip && from && this.#carried !== from;
      this.#grip = null;
      if (!hasMoved) return;
      if (this.#scene) this.#ask();
      else this.#drop();
    };
    map.on("mousedown", press);
    map.on("touchstart", press);
    map.on("mousemove", move);
    map.on("touchmove", move);
    map.on("mouseup", release);
    map.on("touchend", release);
    map.getCanvas().addEventListener("keydown", (event) => this.#typed(event));
  }

  #typed(event: KeyboardEvent): void {
    if (!this.#face && !this.#held && !this.#scene) return;
    if (event.key === "Escape") this.#stop();
    else if (event.key === "Enter") this.#enter();
    else if (event.key === "Backspace") this.#undo();
    else if (event.key === " " && this.#face) this.#add(this.#middle());
    else return;
    event.preventDefault();
  }

  #markAt(map: MapLibre, event: MapMouseEvent | MapTouchEvent): Mark | undefined {
    const id: unknown = this.#hit(map, event, MARK_LAYERS)?.properties["id"];
    return this.#plot.marks.features.find((mark) => mark.properties.id === id);
  }

  #sceneAt(map: MapLibre, event: MapMouseEvent | MapTouchEvent): SceneFeature | undefined {
    const id: unknown = this.#hit(map, event, ["scenes"])?.properties["id"];
    return this.#plot.scenes.features.find((scene) => scene.properties.id === id);
  }

  /** A scene that was carried once is taken up again where it would stand. */
  #isOnDraft(map: MapLibre, event: MapMouseEvent | MapTouchEvent): boolean {
    return this.#hit(map, event, ["draft-corners"]) !== undefined;
  }

  #hit(map: MapLibre, event: MapMouseEvent | MapTouchEvent, wanted: readonly string[]): MapGeoJSONFeature | undefined {
    const { x, y } = event.point;
    const layers = wanted.filter((layer) => map.getLayer(layer));
    return map.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers })[0];
  }

  #clicked(map: MapLibre, event: MapMouseEvent): void {
    if (this.#face) return this.#add([event.lngLat.lng, event.lngLat.lat]);
    if (this.#scene) return;
    const mark = this.#markAt(map, event);
    if (mark && this.#props.mayDraw) return this.#held ? undefined : this.#hold(mark);
    const scene = mark ? undefined : this.#sceneAt(map, event);
    if (scene && !this.#held && this.#mayMove(scene)) return this.#holdScene(scene);
    const layers = ["teams", "scenes", "incidents", "callout"].filter((layer) => map.getLayer(layer));
    const properties = mark?.properties ?? map.queryRenderedFeatures(event.point, { layers })[0]?.properties;
    if (properties) this.#popup(map, event, properties as Record<string, unknown>);
  }

  #popup(map: MapLibre, event: MapMouseEvent, properties: Record<string, unknown>): void {
    const box = make("div", "map__popup");
    box.append(make("strong", "", String(properties["name"] ?? "")));
    const drawn = properties["by"] ? this.#props.text.drawn.replace("%(name)s", String(properties["by"])) : "";
    box.append(make("p", "", [properties["word"], properties["state_text"], drawn].filter(Boolean).join(" · ")));
    const at = properties["read_at"] ?? properties["at"];
    if (at) {
      const time = make("time", "");
      time.dateTime = String(at);
      if (this.#props.past) time.textContent = stamp(String(at));
      else time.dataset["age"] = "";
      box.append(time);
    }
    if (properties["url"]) {
      const link = make("a", "", this.#props.text.open);
      link.href = String(properties["url"]);
      box.append(link);
    }
    new Popup({ maxWidth: "280px" }).setLngLat(event.lngLat).setDOMContent(box).addTo(map);
  }
}
