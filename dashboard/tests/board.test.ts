import { describe, expect, it } from "vitest";

import { firstBoard, newPanel, PANEL_KINDS, toItem, toPanel } from "../src/board/board";

describe("a board", () => {
  it("is kept as it is shown", () => {
    for (const kind of PANEL_KINDS) {
      const panel = { ...newPanel(kind, `a-${kind}`), title: "Mine", column_offset: { "4": 2 }, row_span: 9 };
      expect(toPanel(toItem(panel))).toEqual(panel);
    }
  });

  it("has ids of its own for panels of the same kind", () => {
    expect(newPanel("runs").id).not.toBe(newPanel("runs").id);
    const ids = firstBoard().map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
