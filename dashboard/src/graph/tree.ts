/** A flow's tree, put together from the list the API gives, and what a run says of each of its nodes. */
import type { StepState, TreeNode } from "../api/types";
import type { Happened } from "./happened";

export interface Branch {
  node: TreeNode;
  inside: Branch[];
}

/** Those of a frame's nodes tell most about it that come first here. */
const URGENT: readonly StepState[] = ["failed", "running", "waiting", "handled", "succeeded"];
const STEPS: readonly TreeNode["kind"][] = ["part", "flow", "approval", "wait", "parallel", "each"];

export function isStep({ kind }: TreeNode): boolean {
  return STEPS.includes(kind);
}

/** Whether it has others inside, and can be folded. */
export function isFrame({ node }: Branch): boolean {
  return ["if", "loop", "parallel", "each", "try"].includes(node.kind);
}

export function grown(nodes: readonly TreeNode[]): Branch[] {
  const made = new Map<string | null, Branch[]>([[null, []]]);
  for (const node of nodes) {
    const inside: Branch[] = [];
    made.set(node.id, inside);
    made.get(node.parent)?.push({ node, inside });
  }
  return made.get(null) ?? [];
}

/** Everything that is inside of some branches, themselves included. */
export function* all(branches: readonly Branch[]): Generator<Branch> {
  for (const branch of branches) {
    yield branch;
    yield* all(branch.inside);
  }
}

/** What a run says of a node: of a step its own state, of a frame the most urgent of those inside. */
export function stateOf(branch: Branch, steps: Map<string, Happened>): StepState | null {
  const states = [...all([branch])].flatMap(({ node }) => steps.get(node.id)?.state ?? []);
  return steps.get(branch.node.id)?.state ?? URGENT.find((state) => states.includes(state)) ?? null;
}

/**
 * How many passes a run made through some statements, as far as their steps tell: each of them is carried out once a
 * pass, of the ways of a branch one.
 */
export function passes(branches: readonly Branch[], steps: Map<string, Happened>): number {
  return Math.max(0, ...branches.map((branch) => passesOf(branch, steps)));
}

/**
 * How often the steps inside of groups ran, of which a run tells no more than their results: the local AWS has no events
 * of its own for them. Null for one of several steps of the same part, whose results cannot be told apart.
 */
export function toldByGroups(branches: readonly Branch[], steps: Map<string, Happened>): Map<string, number | null> {
  const told = new Map<string, number | null>();
  for (const { node, inside } of all(branches)) {
    const group = node.kind === "parallel" || node.kind === "each" ? steps.get(node.id) : undefined;
    const inner = [...all(inside)].map((each) => each.node).filter((each) => each.calls !== "");
    if (!group || inner.some(({ id }) => steps.has(id))) continue;
    const parts = group.steps.flatMap(({ result }) => (Array.isArray(result) ? result.map(partOf) : []));
    for (const { id, calls } of inner) {
      const times = parts.filter((part) => part === calls).length;
      const alone = inner.filter((other) => other.calls === calls).length === 1;
      if (times > 0) told.set(id, alone ? times : null);
    }
  }
  return told;
}

function partOf(result: unknown): unknown {
  return typeof result === "object" && result !== null && "part" in result ? result.part : null;
}

function passesOf({ node, inside }: Branch, steps: Map<string, Happened>): number {
  if (isStep(node)) return steps.get(node.id)?.steps.length ?? 0;
  if (node.kind === "if") return inside.reduce((sum, way) => sum + passes(way.inside, steps), 0);
  if (node.kind === "try") return Math.max(0, ...inside.map((way) => passes(way.inside, steps)));
  // An inner loop makes passes of its own.
  return node.kind === "loop" ? Math.min(1, passes(inside, steps)) : 0;
}
