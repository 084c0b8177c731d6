// Map symbols drawn on a canvas in the colours of the page; shape and sign say the same as the colour.

import type { Tokens } from "../../shared/tokens";
import { levelName } from "../../shared/tokens";
import type { IncidentProperties, IncidentSign, SeatState, StationProperties } from "./data";

/** Drawn at twice the size for sharp screens. */
export const PIXEL_RATIO = 2;
const SIZE = 24;

const SEAT_SIGNS: Record<SeatState, string> = {
  waiting: "…",
  answered: "✓",
  acting: "➜",
  done: "★",
  unanswered: "!",
  lost: "?",
};

export function seatColour(state: SeatState, tokens: Tokens): string {
  const colours: Record<SeatState, string> = {
    waiting: tokens["--level-yellow"],
    answered: tokens["--level-blue"],
    acting: tokens["--level-blue"],
    done: tokens["--state-done"],
    unanswered: tokens["--level-red"],
    lost: tokens["--state-lost"],
  };
  return colours[state];
}

export function stationColour(station: Pick<StationProperties, "level" | "state">, tokens: Tokens): string {
  if (station.state === "silent") return tokens["--state-unknown"];
  const name = levelName(station.level);
  return name ? tokens[`--level-${name}`] : tokens["--state-done"];
}

export function seatSymbol(state: SeatState, tokens: Tokens): ImageData {
  return draw(SIZE, (pen) => {
    const colour = seatColour(state, tokens);
    const isOpen = state === "waiting" || state === "unanswered";
    pen.beginPath();
    pen.roundRect(3, 3, 18, 18, isOpen ? 2 : 9);
    outlined(pen, colour, tokens);
    sign(pen, SEAT_SIGNS[state], state === "waiting" ? "#1b232c" : "#ffffff", 14);
  });
}

export function stationSymbol(station: Pick<StationProperties, "kind" | "level" | "state">, tokens: Tokens): ImageData {
  return draw(SIZE, (pen) => {
    pen.beginPath();
    if (station.kind === "rain") drop(pen);
    else if (station.kind === "river") triangle(pen);
    else if (station.kind === "other") square(pen);
    else diamond(pen);
    outlined(pen, stationColour(station, tokens), tokens);
    const ink = station.level === 3 && station.state !== "silent" ? "#1b232c" : "#ffffff";
    if (station.state === "silent") sign(pen, "×", ink, 13);
    else if (station.state === "uncertain") sign(pen, "~", ink, 13);
    else if (station.level !== null) sign(pen, "ⅠⅡⅢⅣ".charAt(station.level - 1), ink, 9);
  });
}

const INCIDENT_SIGNS: Record<IncidentSign, string> = { natural: "▲", accident: "✱", health: "✚", security: "◆" };

/** A shield with the sign of the class; the grade is its colour, and a grade has a heavier edge than none. */
export function incidentSymbol(incident: Pick<IncidentProperties, "sign" | "level">, tokens: Tokens): ImageData {
  return draw(SIZE, (pen) => {
    const name = levelName(incident.level);
    pen.beginPath();
    pen.moveTo(3, 3);
    pen.lineTo(21, 3);
    pen.lineTo(21, 14);
    pen.lineTo(12, 22.5);
    pen.lineTo(3, 14);
    pen.closePath();
    outlined(pen, name ? tokens[`--level-${name}`] : tokens["--ink-soft"], tokens);
    sign(pen, INCIDENT_SIGNS[incident.sign], incident.level === 3 ? "#1b232c" : "#ffffff", 11);
  });
}

/** A lorry from the side; a position that is old has no fresh colour and a cross. */
export function vehicleSymbol(state: StationProperties["state"], tokens: Tokens): ImageData {
  return draw(SIZE, (pen) => {
    const colour = state === "ok" ? tokens["--level-blue"] : tokens["--state-unknown"];
    pen.beginPath();
    pen.roundRect(2, 6, 13, 10, 1.5);
    outlined(pen, colour, tokens);
    pen.beginPath();
    pen.roundRect(15, 9, 7, 7, 1.5);
    outlined(pen, colour, tokens);
    for (const x of [7, 18]) {
      pen.beginPath();
      pen.arc(x, 17, 2.6, 0, 2 * Math.PI);
      outlined(pen, colour, tokens);
    }
    if (state !== "ok") sign(pen, "×", "#ffffff", 11);
  });
}

/** Diagonal lines in a level's colour; the steeper and denser, the graver. */
export function hatch(level: number | null, tokens: Tokens): ImageData {
  const name = levelName(level);
  const colour = name ? tokens[`--level-${name}`] : tokens["--ink-soft"];
  const size = 16;
  return draw(size, (pen) => {
    pen.strokeStyle = colour;
    pen.lineWidth = level === 1 ? 3 : level === 2 ? 2 : 1.2;
    pen.beginPath();
    const starts = level === null ? [0] : [-size, -size / 2, 0, size / 2];
    for (const start of starts) {
      pen.moveTo(start, size);
      pen.lineTo(start + size, 0);
    }
    pen.stroke();
  });
}

/** The symbol as an address for the legend. */
export function pictureOf(image: ImageData): string {
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function draw(size: number, paint: (pen: CanvasRenderingContext2D) => void): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * PIXEL_RATIO;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser draws no canvas");
  pen.scale(PIXEL_RATIO, PIXEL_RATIO);
  paint(pen);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function outlined(pen: CanvasRenderingContext2D, colour: string, tokens: Tokens): void {
  pen.fillStyle = colour;
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = tokens["--paper"];
  pen.stroke();
}

function sign(pen: CanvasRenderingContext2D, text: string, colour: string, size: number): void {
  pen.fillStyle = colour;
  pen.font = `bold ${size}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, 12, 12.5);
}

function drop(pen: CanvasRenderingContext2D): void {
  pen.moveTo(12, 1.5);
  pen.bezierCurveTo(15, 6, 20, 9, 20, 14);
  pen.arc(12, 14, 8, 0, Math.PI);
  pen.bezierCurveTo(4, 9, 9, 6, 12, 1.5);
  pen.closePath();
}

function triangle(pen: CanvasRenderingContext2D): void {
  pen.moveTo(2, 4);
  pen.lineTo(22, 4);
  pen.lineTo(12, 22.5);
  pen.closePath();
}

function square(pen: CanvasRenderingContext2D): void {
  pen.roundRect(3, 3, 18, 18, 4);
}

function diamond(pen: CanvasRenderingContext2D): void {
  pen.moveTo(12, 1);
  pen.lineTo(23, 12);
  pen.lineTo(12, 23);
  pen.lineTo(1, 12);
  pen.closePath();
}
