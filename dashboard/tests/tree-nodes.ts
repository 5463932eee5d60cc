/** Statements of a flow, as its drawing has them. */
import type { TreeNode } from "../src/api/types";

export const node = (id: string, kind: TreeNode["kind"], parent: string | null = null, calls = ""): TreeNode => ({
  id,
  parent,
  kind,
  title: id,
  title_ja: id,
  code: "",
  line: 0,
  calls,
});
