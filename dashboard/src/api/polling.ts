/** How often a run that goes on is looked at. */
import type { RunDetail } from "./types";

const SOONEST = 1_500;
const LATEST = 15_000;

/** Milliseconds until the next look, by how long ago something was last seen to change. */
export function pollInterval(unchangedFor: number): number {
  return Math.min(LATEST, Math.max(SOONEST, unchangedFor / 8));
}

/** What of a run is news when it changes; how long it has been going on is not. */
export function fingerprint(run: Pick<RunDetail, "state" | "steps">): string {
  const steps = run.steps.map(({ label, state, looks, items_done }) => [label, state, looks, items_done]);
  return JSON.stringify([run.state, steps]);
}
