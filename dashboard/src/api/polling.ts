/** How often a run that goes on is polled. */
import type { RunDetail, RunState } from "./types";

const SOONEST = 1_500;
const LATEST = 15_000;
/** For how long DescribeExecution, which is eventually consistent, may tell of a redriven run that it has failed. */
const REDRIVE_SETTLES = 20_000;

/** Milliseconds until the next poll, false when the run has ended; by those since its last change and its redrive. */
export function nextLook(state: RunState, unchangedFor: number, redrivenFor: number): number | false {
  if (state !== "RUNNING" && redrivenFor > REDRIVE_SETTLES) return false;
  return Math.min(LATEST, Math.max(SOONEST, unchangedFor / 8));
}

/** What of a run is news when it changes; how long it has been going on is not. */
export function fingerprint(run: Pick<RunDetail, "state" | "steps">): string {
  const steps = run.steps.map(({ label, state, looks, items_done }) => [label, state, looks, items_done]);
  return JSON.stringify([run.state, steps]);
}
