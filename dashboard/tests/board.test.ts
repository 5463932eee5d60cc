import { describe, expect, it } from "vitest";

import { arranged, firstBoard, newPanel, PANEL_KINDS, toItem, toPanel } from "../src/board/board";

describe("a board", () => {
  it("is kept as it is shown", () => {
    for (const kind of PANEL_KINDS) {
      const panel = { ...newPanel(kind, `a-${kind}`), title: "Mine", column_offset: { "4": 2 }, row_span: 9 };
      expect(toPanel(toItem(panel))).toEqual(panel);
    }
  });

  it("has ids of its own for panels of the same kind", () => {
    expect(newPanel("runs").id).not.toBe(newPanel("runs").id);
    for (const admin of [true, false]) {
      const ids = firstBoard(admin).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it("keeps what somebody else has changed while a panel was moved", () => {
    const [a, b, c] = (["runs", "now", "next"] as const).map((kind) => newPanel(kind, kind));
    if (!a || !b || !c) throw new Error("three panels");
    const before = [toItem({ ...b, column_span: 1 }), toItem(a)];
    const named = { ...a, title: "Named since" };
    expect(arranged([a, b], before)).toEqual([{ ...b, column_span: 1 }, a]);
    expect(arranged([named, c], before)).toEqual([named, c]);
    expect(arranged([a, b, c], [toItem(a)], b.id)).toEqual([a, c]);
  });
});
