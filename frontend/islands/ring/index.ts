// Sounds while anything on the page rings, until a person confirms it and the server takes the mark away.

import { make } from "../../shared/dom";
import type { Island } from "../../shared/island";

interface RingProps {
  text: {
    /** "Sound is blocked by the browser. Click to enable it." */
    blocked: string;
  };
}

const PATTERN_S = 1.6;
/** Two tones, the higher one first: heard across a room without being mistaken for a telephone. */
const TONES = [
  { hertz: 880, at: 0, length: 0.22 },
  { hertz: 660, at: 0.28, length: 0.34 },
] as const;

export function mount(element: HTMLElement, given: unknown): Island {
  const props = given as RingProps;
  const audio = new AudioContext();
  const notice = make("button", "ring-blocked", props.text.blocked);
  notice.type = "button";
  notice.hidden = true;
  element.append(notice);

  const enable = (): void => void audio.resume().then(update);
  const update = (): void => {
    const rings = document.querySelector("[data-ringing]") !== null;
    const blocked = audio.state !== "running";
    notice.hidden = !(rings && blocked);
    element.dataset["ring"] = !rings ? "quiet" : blocked ? "blocked" : "sounding";
    if (rings && !blocked) sound(audio);
  };
  notice.addEventListener("click", enable);
  document.addEventListener("pointerdown", enable);
  document.addEventListener("keydown", enable);
  const timer = window.setInterval(update, PATTERN_S * 1000);
  update();

  return {
    destroy() {
      window.clearInterval(timer);
      document.removeEventListener("pointerdown", enable);
      document.removeEventListener("keydown", enable);
      void audio.close();
    },
  };
}

function sound(audio: AudioContext): void {
  for (const tone of TONES) {
    const start = audio.currentTime + tone.at;
    const oscillator = new OscillatorNode(audio, { type: "square", frequency: tone.hertz });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setTargetAtTime(0.18, start, 0.01);
    gain.gain.setTargetAtTime(0, start + tone.length, 0.03);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(start + tone.length + 0.3);
  }
}
