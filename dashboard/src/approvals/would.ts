/** What a dry run says of a statement of its flow. */
import type { Schemas } from "../api/client";
import type { RunDetail, TreeNode } from "../api/types";

export interface Told {
  key: string;
  error: string | null;
  counts: Schemas["Counts"] | null;
  /** What the part returned. */
  result: unknown;
  /** Whether it is of all passes of the loop that the statement is in. */
  together: boolean;
}

/**
 * A step of a run says what it would do. What runs side by side, and the passes of a `for_each`, are one step of their run
 * with the results of the parts inside: these are told by their part.
 */
export function told(node: TreeNode, tree: readonly TreeNode[], steps: RunDetail["steps"]): Told[] {
  const own = steps.filter(({ name }) => name === node.id);
  if (own.length > 0 || !node.calls)
    return own.map(({ label, error, counts, result }) => ({ key: label, error, counts, result, together: false }));
  const byId = new Map(tree.map((each) => [each.id, each]));
  let together = false;
  for (let at = node.parent && byId.get(node.parent); at; at = at.parent && byId.get(at.parent)) {
    const { id, kind } = at;
    together ||= kind === "each";
    const around = steps.filter(({ name }) => name === id);
    if (around.length > 0) {
      const results = around.flatMap(({ result }) => inside(result)).filter(({ part }) => part === node.calls);
      return (together && results.length > 1 ? [summed(results)] : results).map((each, n) => ({
        key: `${id} ${n}`,
        error: null,
        counts: counted(each),
        result: each,
        together,
      }));
    }
  }
  return [];
}

type Result = Record<string, unknown>;

/** The results of parts in a list, in lists and objects inside of it, too. */
function inside(value: unknown): Result[] {
  if (Array.isArray(value)) return value.flatMap(inside);
  if (value === null || typeof value !== "object") return [];
  const found = value as Result;
  return typeof found["part"] === "string" ? [found] : Object.values(found).flatMap(inside);
}

/** The resources of several results together. */
function summed(results: Result[]): Result {
  const all = (name: keyof Schemas["Counts"]) =>
    results.flatMap((each) => (Array.isArray(each[name]) ? (each[name] as unknown[]) : []));
  return { matched: all("matched"), changed: all("changed"), skipped: all("skipped"), failed: all("failed") };
}

function counted(result: Result): Schemas["Counts"] {
  const length = (name: keyof Schemas["Counts"]) => (Array.isArray(result[name]) ? result[name].length : 0);
  return {
    matched: length("matched"),
    changed: length("changed"),
    skipped: length("skipped"),
    failed: length("failed"),
  };
}
