/** Runs by state as series of a chart. */
import {
  colorChartsStatusCritical,
  colorChartsStatusHigh,
  colorChartsStatusInfo,
  colorChartsStatusMedium,
  colorChartsStatusNeutral,
  colorChartsStatusPositive,
} from "@cloudscape-design/design-tokens";

import type { RunState, StateCounts } from "../api/types";

export interface Outcome {
  state: RunState;
  count: keyof StateCounts;
  color: string;
}

/** From good to bad, as they are stacked. */
export const OUTCOMES: readonly Outcome[] = [
  { state: "SUCCEEDED", count: "succeeded", color: colorChartsStatusPositive },
  { state: "RUNNING", count: "running", color: colorChartsStatusInfo },
  { state: "SKIPPED", count: "skipped", color: colorChartsStatusNeutral },
  { state: "ABORTED", count: "aborted", color: colorChartsStatusMedium },
  { state: "TIMED_OUT", count: "timed_out", color: colorChartsStatusCritical },
  { state: "FAILED", count: "failed", color: colorChartsStatusHigh },
];

/** Every day from the first to the last, also those without a run, which the API leaves out. */
export function everyDay<T extends { day: string }>(
  since: string,
  until: string,
  days: readonly T[],
): { day: string; data: T | undefined }[] {
  const known = new Map(days.map((data) => [data.day, data]));
  const found: { day: string; data: T | undefined }[] = [];
  const end = Date.parse(`${until}T00:00:00Z`);
  for (let time = Date.parse(`${since}T00:00:00Z`); time <= end; time += 86_400_000) {
    const day = new Date(time).toISOString().slice(0, 10);
    found.push({ day, data: known.get(day) });
  }
  return found;
}

/** The states that occur, worst last. */
export function occurring(counts: StateCounts): Outcome[] {
  return OUTCOMES.filter(({ count }) => counts[count] > 0);
}

/**
 * How many of the runs that were to do something did it; null when there is none. A skipped run was not to. All and none
 * are said of all and none only: one failure of a thousand is 99.9 %, and of a million still not 100 %.
 */
export function success({ succeeded, failed, timed_out, aborted }: StateCounts): string | null {
  const ended = succeeded + failed + timed_out + aborted;
  if (ended === 0) return null;
  const tenths = Math.round((1000 * succeeded) / ended);
  const shown = succeeded === ended || succeeded === 0 ? tenths : Math.min(999, Math.max(1, tenths));
  return `${shown % 10 === 0 || (shown > 100 && shown < 900) ? Math.round(shown / 10) : shown / 10} %`;
}

/** The seconds of the unit in which an axis of durations up to some seconds has round marks. */
export function roundUnit(most: number): number {
  return most > 2 * 3600 ? 3600 : most > 2 * 60 ? 60 : 1;
}

/** The mark of an axis that counts; there is no half of a run. */
export function whole(value: number): string {
  return Number.isInteger(value) ? String(value) : "";
}
