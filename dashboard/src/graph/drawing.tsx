/** A flow as its author wrote it, and its state machine on request; in a run, coloured by what happened. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { colorBackgroundContainerContent } from "@cloudscape-design/design-tokens";
import { useEffect, useMemo, useState } from "react";

import type { Graph, TreeNode } from "../api/types";
import FlowGraph from "./graph";
import type { Happened } from "./happened";
import { all, grown, isFrame } from "./tree";
import { TreeView } from "./tree-view";
import { useTreeWords } from "./words";

interface Props {
  flow: string;
  tree: readonly TreeNode[];
  graph: Graph;
  /** In a run: what happened, by state. */
  steps?: Map<string, Happened>;
  onSelect?: (node: string) => void;
}

export default function FlowDrawing({ flow, tree, graph, steps, onSelect }: Props) {
  const say = useTreeWords();
  const [machine, setMachine] = useState(false);
  const [full, setFull] = useState(false);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const branches = useMemo(() => grown(tree), [tree]);
  const frames = useMemo(() => [...all(branches)].filter(isFrame).map(({ node }) => node.id), [branches]);
  useEffect(() => {
    if (!full) return;
    const leave = (event: KeyboardEvent) => {
      // A dialog above takes the key for itself.
      if (event.key === "Escape" && !document.querySelector("[role=dialog]")) setFull(false);
    };
    // Before the dialog has it: once that is closed, nothing tells whose key it was.
    document.addEventListener("keydown", leave, { capture: true });
    return () => document.removeEventListener("keydown", leave, { capture: true });
  }, [full]);
  const toggle = (id: string) => {
    setFolded((before) => new Set(before.has(id) ? [...before].filter((each) => each !== id) : [...before, id]));
  };
  const anyFolded = folded.size > 0;
  return (
    <div className={full ? "drawing-full" : undefined} style={{ background: colorBackgroundContainerContent }}>
      <SpaceBetween size="s">
        <div className="drawing-bar">
          <Toggle checked={machine} onChange={({ detail }) => setMachine(detail.checked)}>
            {say.machine}
          </Toggle>
          <SpaceBetween direction="horizontal" size="m" alignItems="center">
            {!machine && frames.length > 0 && (
              <Button variant="inline-link" onClick={() => setFolded(new Set(anyFolded ? [] : frames))}>
                {anyFolded ? say.unfoldAll : say.foldAll}
              </Button>
            )}
            <Button
              variant="inline-icon"
              iconName={full ? "exit-full-screen" : "full-screen"}
              ariaLabel={full ? say.small : say.full}
              onClick={() => setFull(!full)}
            />
          </SpaceBetween>
        </div>
        {machine ? (
          <FlowGraph flow={flow} graph={graph} steps={steps} onSelect={onSelect} />
        ) : (
          <TreeView
            label={flow}
            branches={branches}
            steps={steps}
            folded={folded}
            onFold={toggle}
            onSelect={onSelect}
          />
        )}
      </SpaceBetween>
    </div>
  );
}
