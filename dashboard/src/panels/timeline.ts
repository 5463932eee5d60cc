/** Where planned runs stand on a time line. */

export interface Tick {
  /** From the left, in percent. */
  at: number;
  time: Date;
  /** Whether a day begins here. */
  day: boolean;
  /** Whether a label on its right has room before the end. */
  room: boolean;
}

const STEPS = [1, 2, 3, 6, 12, 24, 48, 168];

/** The width of the longest label, in percent of the room that each of the marks has. */
const LABEL = 75;

/** At most about `most` full hours of the browser's clock, evenly apart, with the days' beginnings among them. */
export function ticks(since: number, until: number, most: number): Tick[] {
  const hours = (until - since) / 3_600_000;
  const step = STEPS.find((each) => hours / each <= most) ?? 168;
  const found: Tick[] = [];
  const time = new Date(since);
  time.setHours(0, 0, 0, 0);
  while (time.getTime() <= until) {
    if (time.getTime() >= since) {
      const at = position(time.getTime(), since, until);
      found.push({ at, time: new Date(time), day: time.getHours() === 0, room: 100 - at >= LABEL / most });
    }
    // By the clock on the wall, so that a day of 23 or 25 hours ends at midnight too.
    time.setHours(time.getHours() + step);
  }
  return found;
}

export function position(time: number, since: number, until: number): number {
  return (100 * (time - since)) / (until - since);
}

/** By name, in the order in which each occurs first. */
export function byName<T>(items: readonly T[], name: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const list = found.get(name(item));
    if (list) list.push(item);
    else found.set(name(item), [item]);
  }
  return found;
}
