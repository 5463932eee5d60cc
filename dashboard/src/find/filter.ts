/** The filters of the page of runs, as they stand in its address. */
import type { RunFilter } from "../api/queries";
import { RUN_STATES, type Run } from "../api/types";
import { PERIODS, rangeBetween, rangeOf } from "./periods";

export const TRIGGERS = ["schedule", "alarm", "flow", "manual", "unknown"] as const;
export const ORDERS = ["newest", "oldest", "longest", "changed", "failed"] as const;
/** Names of the filters in the address. */
export const NAMES = ["flow", "state", "trigger", "when", "from", "to", "by", "resource", "account", "sort"] as const;

const among = <T extends string>(known: readonly T[], text: string | null): T | undefined =>
  known.find((each) => each === text);

/** What is asked of the API; an address that somebody wrote by hand may hold anything. */
export function filterOf(chosen: URLSearchParams, now: Date): RunFilter {
  const text = (name: (typeof NAMES)[number]) => chosen.get(name)?.trim() ?? "";
  const period = among(PERIODS, chosen.get("when"));
  const resource = text("resource");
  const account = text("account");
  const found: RunFilter = {
    ...(period ? rangeOf(period, now) : rangeBetween(text("from"), text("to"))),
    flow: /^[A-Za-z_][A-Za-z0-9_]{0,79}$/.test(text("flow")) ? text("flow") : null,
    state: among(RUN_STATES, chosen.get("state")) ?? null,
    trigger: among(TRIGGERS, chosen.get("trigger")) ?? null,
    sort: among(ORDERS, chosen.get("sort")) ?? "newest",
    by: text("by").slice(0, 200),
    resource: resource.length < 3 ? "" : resource.slice(0, 512),
    account: /^\d{12}$/.test(account) ? account : "",
  };
  return found;
}

/** The measures that runs may be sorted by; of these the API gives one page. */
const MEASURES: Partial<Record<(typeof ORDERS)[number], (run: Run) => number>> = {
  longest: ({ duration }) => duration ?? 0,
  changed: ({ counts }) => counts.changed,
  failed: ({ counts }) => counts.failed,
};

/** The order in which all runs can be read, page by page, and what puts them into the one that is wanted. */
export function readingOrder({ sort }: RunFilter): { sort: RunFilter["sort"]; arrange: (runs: Run[]) => Run[] } {
  const measure = sort && MEASURES[sort];
  if (!measure) return { sort, arrange: (runs) => runs };
  return { sort: "newest", arrange: (runs) => runs.toSorted((one, other) => measure(other) - measure(one)) };
}
