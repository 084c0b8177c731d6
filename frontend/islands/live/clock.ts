/** The clock of an exercise as the server described it when it made the page (ISO 8601 with zone). */
export interface ClockProps {
  /** Time on the exercise's clock at the moment `wall`. */
  now: string;
  wall: string;
  /** Exercise seconds per wall second. */
  speed: number;
}

const TOLERATED_MS = 2000;

/** The time that the page's facts are measured against: the wall's, or an exercise's own. */
export class ExerciseClock {
  readonly #props: ClockProps | undefined;
  /** How far this machine's clock is behind the server's. */
  #behindMs = 0;

  constructor(props: ClockProps | undefined) {
    this.#props = props;
  }

  /** The server has just said what time it is; small differences are the way the message took. */
  follow(server: Date): void {
    const behindMs = server.getTime() - Date.now();
    this.#behindMs = Math.abs(behindMs) < TOLERATED_MS ? 0 : behindMs;
  }

  now(): Date {
    return this.at(new Date());
  }

  at(here: Date): Date {
    const wall = new Date(here.getTime() + this.#behindMs);
    if (!this.#props) return wall;
    const passed = wall.getTime() - Date.parse(this.#props.wall);
    return new Date(Date.parse(this.#props.now) + passed * this.#props.speed);
  }
}
