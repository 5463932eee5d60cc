/** Places of a run, with the Regions of an account together that went the same way. */
import type { Schemas } from "../api/client";

export type Place = Schemas["PlaceOutcome"];

export interface Group extends Omit<Place, "region"> {
  key: string;
  regions: string[];
}

/** Those that somebody has to look at or that are under way, those in which nothing has begun, and the rest. */
export function gathered(places: readonly Place[]): { troubled: Place[]; waiting: Place[]; well: Place[] } {
  return {
    troubled: places.filter(({ state }) => state === "failed" || state === "running"),
    waiting: places.filter(({ state }) => state === "not_started"),
    well: places.filter(({ state }) => state === "done"),
  };
}

/** Regions of an account in one row where state, cause and advice are the same; counts are added up. */
export function grouped(places: readonly Place[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { region, ...place } of places) {
    const cause = said(place, region);
    const key = JSON.stringify([place.account, place.state, place.error, cause]);
    const known = groups.get(key);
    if (known) {
      known.regions.push(region);
      known.counts = added(known.counts, place.counts);
    } else groups.set(key, { ...place, cause, key, regions: [region] });
  }
  return [...groups.values()];
}

/** A cause without the place it begins with, which stands beside it. */
function said({ account, name, cause }: Omit<Place, "region">, region: string): string | null {
  const whose = `${name} (${account})`;
  const start = [`${whose}, ${region}: `, `${whose}: `, `${region}: `].find((text) => cause?.startsWith(text));
  return cause && start ? cause.slice(start.length) : cause;
}

function added(one: Place["counts"], other: Place["counts"]): Place["counts"] {
  return {
    matched: one.matched + other.matched,
    changed: one.changed + other.changed,
    skipped: one.skipped + other.skipped,
    failed: one.failed + other.failed,
  };
}
