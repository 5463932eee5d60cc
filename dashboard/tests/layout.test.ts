import { describe, expect, it } from "vitest";

import type { Graph, GraphNode } from "../src/api/types";
import { happened } from "../src/graph/happened";
import { layoutGraph, type PlacedNode } from "../src/graph/layout";
import type { Step } from "../src/api/types";

const node = (id: string, kind: GraphNode["kind"] = "task", parent: string | null = null): GraphNode => ({
  id,
  label: id,
  kind,
  part: null,
  parent,
});
const edge = (source: string, target: string, label = "", caught = false) => ({ source, target, label, caught });

const GRAPH: Graph = {
  nodes: [
    node("start", "start"),
    node("each", "group"),
    node("s1", "start", "each"),
    node("first", "task", "each"),
    node("second", "task", "each"),
    node("e1", "end", "each"),
    node("after"),
    node("end", "end"),
  ],
  edges: [
    edge("start", "each"),
    edge("s1", "first"),
    edge("first", "second", "$count(servers) > 0 and not(held)"),
    edge("second", "e1"),
    edge("each", "after"),
    edge("each", "end", "States.ALL", true),
    edge("after", "end"),
  ],
};

describe("the layout of a graph", () => {
  const { nodes, edges, width, height } = layoutGraph(GRAPH);
  const at = (id: string): PlacedNode => {
    const found = nodes.find((each) => each.node.id === id);
    if (!found) throw new Error(`${id} is not drawn`);
    return found;
  };

  it("draws every node and arrow once, within its bounds", () => {
    expect(nodes.map(({ node: { id } }) => id).sort()).toEqual(GRAPH.nodes.map(({ id }) => id).sort());
    expect(edges).toHaveLength(GRAPH.edges.length);
    for (const each of nodes) {
      expect(each.x).toBeGreaterThanOrEqual(0);
      expect(each.x + each.width).toBeLessThanOrEqual(width);
      expect(each.y + each.height).toBeLessThanOrEqual(height);
    }
  });

  it("puts what is inside of a group inside of it", () => {
    const group = at("each");
    for (const id of ["s1", "first", "second", "e1"]) {
      const inner = at(id);
      expect(inner.x).toBeGreaterThanOrEqual(group.x);
      expect(inner.x + inner.width).toBeLessThanOrEqual(group.x + group.width);
      // Below its title too.
      expect(inner.y).toBeGreaterThan(group.y + 28);
      expect(inner.y + inner.height).toBeLessThanOrEqual(group.y + group.height);
    }
  });

  it("leads downwards, and lets no two nodes of a machine overlap", () => {
    expect(at("second").y).toBeGreaterThan(at("first").y + at("first").height);
    expect(at("after").y).toBeGreaterThan(at("each").y + at("each").height);
    const outer = nodes.filter(({ node: { parent } }) => parent === null);
    for (const one of outer) {
      for (const other of outer) {
        const apart =
          one.x + one.width <= other.x ||
          other.x + other.width <= one.x ||
          one.y + one.height <= other.y ||
          other.y + other.height <= one.y;
        expect(one === other || apart).toBe(true);
      }
    }
  });

  it("cuts long words of an arrow, and keeps them whole in its title", () => {
    const long = edges.find(({ title }) => title.startsWith("$count"));
    expect(long?.text).toBe("$count(servers) > 0 and n…");
    expect(long?.at).not.toBeNull();
  });
});

describe("what happened at a node", () => {
  it("is the most urgent of its steps", () => {
    const steps = [
      { name: "a", state: "succeeded" },
      { name: "a", state: "failed" },
      { name: "a", state: "running" },
      { name: "b", state: "handled" },
      { name: "b", state: "waiting" },
    ] as Step[];
    const found = happened(steps);
    expect(found.get("a")?.state).toBe("failed");
    expect(found.get("a")?.steps).toHaveLength(3);
    expect(found.get("b")?.state).toBe("waiting");
    expect(found.get("c")).toBeUndefined();
  });
});
