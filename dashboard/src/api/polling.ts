/** How often what pages show is asked for again. */
import type { RunDetail, RunState } from "./types";

const SOONEST = 2_000;
const LATEST = 15_000;
/** For how long DescribeExecution, which is eventually consistent, may tell of a redriven run that it has failed. */
const REDRIVE_SETTLES = 20_000;
/** What failed is asked for again as soon as this, so that the page recovers by itself. */
const FAILED = 10_000;

/** Milliseconds between two looks at what the pulse (`pulse.ts`) tells nothing of, as changes made past nightshift. */
export const SELDOM = 300_000;

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

/** When a run last did something, as far as its steps tell: not before now for the server's clock may be ahead. */
export function lastChange({ started, steps }: Pick<RunDetail, "started" | "steps">, now: number): number {
  const moments = steps.flatMap((step) => [step.started, step.ended]).concat(started);
  return Math.min(now, Math.max(...moments.map((moment) => (moment ? Date.parse(moment) : 0))));
}

/** The interval of a query: this one, and a short one as long as it fails. */
export function every(milliseconds: number): (query: { state: { error: Error | null } }) => number {
  return ({ state }) => (state.error ? Math.min(milliseconds, FAILED) : milliseconds);
}
