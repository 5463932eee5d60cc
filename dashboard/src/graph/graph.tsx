/** A flow's graph, drawn; in a run, coloured by what happened. */
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import {
  colorBackgroundContainerContent,
  colorBackgroundLayoutMain,
  colorBackgroundStatusError,
  colorBackgroundStatusInfo,
  colorBackgroundStatusSuccess,
  colorBackgroundStatusWarning,
  colorBorderControlDefault,
  colorBorderStatusError,
  colorBorderStatusInfo,
  colorBorderStatusSuccess,
  colorBorderStatusWarning,
  colorTextBodyDefault,
  colorTextBodySecondary,
} from "@cloudscape-design/design-tokens";
import { useId, useLayoutEffect, useMemo, useRef, useState } from "react";

import type { Graph, StepState } from "../api/types";
import { useWords } from "../i18n/language";
import { useNarrow } from "../ui/narrow";
import type { Happened } from "./happened";
import { useTreeWords } from "./words";
import { layoutGraph, type PlacedEdge, type PlacedNode } from "./layout";
import { firstScale, nextScale } from "./zoom";

interface Props {
  flow: string;
  graph: Graph;
  /** In a run: what happened, by node. */
  steps?: Map<string, Happened>;
  onSelect?: (node: string) => void;
}

const PAINT: Record<StepState, { fill: string; stroke: string }> = {
  running: { fill: colorBackgroundStatusInfo, stroke: colorBorderStatusInfo },
  waiting: { fill: colorBackgroundStatusInfo, stroke: colorBorderStatusInfo },
  succeeded: { fill: colorBackgroundStatusSuccess, stroke: colorBorderStatusSuccess },
  failed: { fill: colorBackgroundStatusError, stroke: colorBorderStatusError },
  handled: { fill: colorBackgroundStatusWarning, stroke: colorBorderStatusWarning },
};
const PLAIN = { fill: colorBackgroundContainerContent, stroke: colorBorderControlDefault };

export default function FlowGraph({ flow, graph, steps, onSelect }: Props) {
  const words = useWords();
  const arrow = useId();
  const say = useTreeWords();
  const view = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  const [scale, setScale] = useState(1);
  const { width, height, nodes, edges } = useMemo(() => layoutGraph(graph), [graph]);
  const [smaller, larger] = [nextScale(scale, false), nextScale(scale, true)];
  useLayoutEffect(() => {
    if (view.current) setScale(firstScale(view.current.clientWidth, width, narrow));
  }, [width, narrow]);
  useLayoutEffect(() => {
    const box = view.current;
    const start = nodes.find(({ node }) => node.kind === "start" && node.parent === null);
    if (box && start) box.scrollLeft = (start.x + start.width / 2) * scale - box.clientWidth / 2;
  }, [nodes, scale]);
  const count = nodes.filter(({ node }) => node.kind !== "start" && node.kind !== "end").length;
  return (
    <SpaceBetween size="xs">
      <SpaceBetween direction="horizontal" size="xxs">
        <Button
          iconName="zoom-out"
          ariaLabel={words.graph.zoomOut}
          disabled={smaller === undefined}
          onClick={() => smaller && setScale(smaller)}
        />
        <Button
          iconName="zoom-in"
          ariaLabel={words.graph.zoomIn}
          disabled={larger === undefined}
          onClick={() => larger && setScale(larger)}
        />
        <Button
          iconName="zoom-to-fit"
          ariaLabel={say.fit}
          onClick={() => {
            const { clientWidth = width, clientHeight = height } = view.current ?? {};
            setScale(Math.min(1, clientWidth / width, clientHeight / height));
          }}
        />
      </SpaceBetween>
      <div className="scroll" ref={view} tabIndex={0} role="region" aria-label={words.graph.label(flow, count)}>
        <svg
          width={width * scale}
          height={height * scale}
          viewBox={`0 0 ${width} ${height}`}
          style={{ display: "block", margin: "0 auto", fontSize: 13 }}
          role="group"
          aria-label={words.graph.label(flow, count)}
        >
          <defs>
            <marker id={arrow} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8z" style={{ fill: colorTextBodySecondary }} />
            </marker>
          </defs>
          {nodes.filter(({ node }) => node.kind === "group").map(draw)}
          {edges.map((edge) => (
            <Arrow key={edge.key} edge={edge} arrow={arrow} />
          ))}
          {nodes.filter(({ node }) => node.kind !== "group").map(draw)}
        </svg>
      </div>
    </SpaceBetween>
  );

  function draw(placed: PlacedNode) {
    return (
      <NodeBox
        key={placed.node.id}
        placed={placed}
        happened={steps?.get(placed.node.id)}
        run={steps !== undefined}
        onSelect={onSelect}
      />
    );
  }
}

interface NodeProps {
  placed: PlacedNode;
  happened: Happened | undefined;
  run: boolean;
  onSelect: ((node: string) => void) | undefined;
}

function NodeBox({ placed: { node, text, x, y, width, height }, happened, run, onSelect }: NodeProps) {
  const words = useWords();
  if (node.kind === "start" || node.kind === "end") {
    const paint = { fill: node.kind === "start" ? colorTextBodySecondary : "none", stroke: colorTextBodySecondary };
    return (
      <g aria-hidden>
        <circle cx={x + width / 2} cy={y + height / 2} r={width / 2 - 2} strokeWidth="2" style={paint} />
        {node.kind === "end" && (
          <circle cx={x + width / 2} cy={y + height / 2} r={width / 2 - 5} style={{ fill: colorTextBodySecondary }} />
        )}
      </g>
    );
  }
  const group = node.kind === "group";
  const visited = happened !== undefined;
  // Choices and assignments are no steps: a run does not tell whether it passed them.
  const missed = run && !visited && (group || node.part !== null || node.kind === "wait");
  const choosable = visited && onSelect ? onSelect : undefined;
  const { fill, stroke } = happened ? PAINT[happened.state] : PLAIN;
  const said = happened ? `${node.label}: ${words.step[happened.state]}` : node.label;
  const choose = choosable && {
    role: "button",
    tabIndex: 0,
    onClick: () => choosable(node.id),
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choosable(node.id);
    },
  };
  return (
    <g
      className={`graph-node ${happened?.state ?? ""}`}
      data-node={node.id}
      data-state={happened?.state}
      role="img"
      aria-label={said}
      {...choose}
    >
      <title>{said}</title>
      <rect
        x={x}
        y={y}
        width={width}
        height={height}
        rx={node.kind === "choice" ? height / 2 : group ? 10 : 6}
        strokeWidth={visited ? 2 : 1}
        strokeDasharray={group || missed ? "4 3" : undefined}
        style={{ fill: group ? colorBackgroundLayoutMain : fill, stroke }}
      />
      <text
        x={group ? x + 12 : x + width / 2}
        y={group ? y + 19 : y + height / 2}
        dominantBaseline={group ? "auto" : "central"}
        textAnchor={group ? "start" : "middle"}
        style={{ fill: missed ? colorTextBodySecondary : colorTextBodyDefault, fontWeight: group ? 700 : 400 }}
      >
        {text}
      </text>
    </g>
  );
}

function Arrow({ edge, arrow }: { edge: PlacedEdge; arrow: string }) {
  return (
    <g aria-hidden>
      <path
        d={curve(edge.points)}
        fill="none"
        strokeWidth="1.3"
        strokeDasharray={edge.caught ? "4 4" : undefined}
        markerEnd={`url(#${arrow})`}
        style={{ stroke: edge.caught ? colorBorderStatusError : colorTextBodySecondary }}
      />
      {edge.at && edge.text && (
        <text
          x={edge.at.x}
          y={edge.at.y}
          textAnchor="middle"
          dominantBaseline="central"
          fontSize="11"
          strokeWidth="4"
          paintOrder="stroke"
          style={{ fill: colorTextBodySecondary, stroke: colorBackgroundContainerContent }}
        >
          <title>{edge.title}</title>
          {edge.text}
        </text>
      )}
    </g>
  );
}

/** A smooth line through the middles between the points that the layout gave. */
function curve(points: PlacedEdge["points"]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (!first || !last) return "";
  const middles = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1] ?? last;
    const end = index === rest.length - 2 ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return `M${first.x} ${first.y} ${middles.length > 0 ? middles.join(" ") : `L${last.x} ${last.y}`}`;
}
