/**
 * Where the nodes and arrows of a flow's graph stand. Each machine is laid out by itself, the inner ones first: a group
 * is then one node of the machine around it, as large as what it holds.
 */
import { graphlib, layout } from "@dagrejs/dagre";

import type { Graph, GraphNode } from "../api/types";

export interface Point {
  x: number;
  y: number;
}

/** x, y: the upper left corner. */
export interface PlacedNode extends Point {
  node: GraphNode;
  text: string;
  width: number;
  height: number;
}

export interface PlacedEdge {
  key: string;
  points: Point[];
  text: string;
  title: string;
  at: Point | null;
  caught: boolean;
}

export interface Layout {
  width: number;
  height: number;
  nodes: PlacedNode[];
  edges: PlacedEdge[];
}

const HEIGHT = 36;
const DOT = 16;
const PAD = 14;
const TITLE = 28;
const LONGEST_NODE = 34;
const LONGEST_EDGE = 26;

/** Pixels that a text takes at the graph's font size; letters of East Asia are twice as wide. */
export function textWidth(text: string): number {
  // eslint-disable-next-line no-control-regex -- all of Latin, its accents included, is narrow
  return Array.from(text).reduce((sum, letter) => sum + (/[\u0000-\u02ff]/.test(letter) ? 7 : 13), 0);
}

export function cut(text: string, longest: number): string {
  const letters = Array.from(text);
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : text;
}

export function layoutGraph(graph: Graph): Layout {
  return machine(graph, null);
}

function machine(graph: Graph, parent: string | null): Layout {
  const drawing = new graphlib.Graph({ multigraph: true });
  drawing.setGraph({ rankdir: "TB", nodesep: 36, ranksep: 40, edgesep: 18, marginx: PAD, marginy: PAD });
  const inner = new Map<string, Layout>();
  const members = graph.nodes.filter((node) => node.parent === parent);
  for (const node of members) {
    if (node.kind === "group") inner.set(node.id, machine(graph, node.id));
    drawing.setNode(node.id, size(node, inner.get(node.id)));
  }
  const edges = graph.edges.filter(({ source, target }) => drawing.hasNode(source) && drawing.hasNode(target));
  for (const [index, { source, target, label }] of edges.entries()) {
    const text = cut(label, LONGEST_EDGE);
    const room = text === "" ? {} : { width: textWidth(text) * 0.86, height: 16, labelpos: "c" };
    drawing.setEdge(source, target, room, String(index));
  }
  layout(drawing);
  const box = drawing.graph() as { width?: number; height?: number };
  const found: Layout = { width: box.width ?? 0, height: box.height ?? 0, nodes: [], edges: [] };
  for (const node of members) {
    const { x, y, width, height } = drawing.node(node.id) as unknown as PlacedNode;
    const corner = { x: x - width / 2, y: y - height / 2 };
    found.nodes.push({ node, text: cut(node.label, LONGEST_NODE), width, height, ...corner });
    const within = inner.get(node.id);
    if (within) place(within, { x: corner.x + (width - within.width) / 2, y: corner.y + TITLE }, found);
  }
  for (const [index, { source, target, label, caught }] of edges.entries()) {
    const edge = drawing.edge(source, target, String(index)) as { points: Point[]; x?: number; y?: number };
    const at = edge.x !== undefined && edge.y !== undefined ? { x: edge.x, y: edge.y } : null;
    const key = `${parent ?? ""} ${source} ${target} ${index}`;
    found.edges.push({ key, points: edge.points, text: cut(label, LONGEST_EDGE), title: label, at, caught });
  }
  return found;
}

function size({ kind, label }: GraphNode, inner: Layout | undefined): { width: number; height: number } {
  if (kind === "start" || kind === "end") return { width: DOT, height: DOT };
  const width = Math.max(90, textWidth(cut(label, LONGEST_NODE)) + 2 * PAD);
  return inner ? { width: Math.max(width, inner.width), height: inner.height + TITLE } : { width, height: HEIGHT };
}

function place(inner: Layout, by: Point, into: Layout): void {
  const move = (point: Point): Point => ({ x: point.x + by.x, y: point.y + by.y });
  for (const node of inner.nodes) into.nodes.push({ ...node, ...move(node) });
  for (const edge of inner.edges) {
    into.edges.push({ ...edge, points: edge.points.map(move), at: edge.at && move(edge.at) });
  }
}
