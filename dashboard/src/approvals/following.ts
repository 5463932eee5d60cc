/** What a flow does after one of its steps, from its tree. */
import type { TreeNode } from "../api/types";

export interface Following {
  node: TreeNode;
  /** How deep it is inside of frames, from the step on. */
  depth: number;
}

const WAYS: readonly TreeNode["kind"][] = ["then", "else", "branch", "except"];

/**
 * The statements behind a step, in their order: without other ways of a branch the step is in, what runs beside it, and
 * what is done when something before it has failed.
 */
export function following(nodes: readonly TreeNode[], step: string): Following[] {
  const at = nodes.findIndex(({ id }) => id === step);
  if (at < 0) return [];
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const above = ancestors(step);
  const levels = above.length;
  return nodes.slice(at + 1).flatMap((node) => {
    const around = ancestors(node.id);
    const way = [node.id, ...around].some((id) => isOtherWay(byId.get(id)));
    return way ? [] : [{ node, depth: Math.max(0, around.length - levels) }];
  });

  function ancestors(id: string): string[] {
    const found: string[] = [];
    for (let parent = byId.get(id)?.parent; parent; parent = byId.get(parent)?.parent) found.push(parent);
    return found;
  }

  function isOtherWay(node: TreeNode | undefined): boolean {
    return node?.parent != null && WAYS.includes(node.kind) && above.includes(node.parent) && !above.includes(node.id);
  }
}
