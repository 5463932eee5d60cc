/** Which flows of a list are shown, and in which order. */
import { expect, test } from "vitest";

import type { Flow } from "../src/api/types";
import { ALL, foldersOf, foundFlows, type FlowFilter } from "../src/flows/found";

const flow = (name: string, more: Partial<Flow> = {}) =>
  ({
    name,
    title: "",
    title_ja: null,
    doc: "",
    doc_ja: null,
    folder: "",
    tags: [],
    parts: [],
    ...more,
  }) as unknown as Flow;

const FLOWS = [
  flow("a_stop", { title: "Stop the office", folder: "office/night", tags: ["AutoOff=yes"] }),
  flow("b_backup", {
    title_ja: "夜間バックアップ",
    parts: [{ name: "ebs.create_snapshot", doc: "", doc_ja: null, changes: true }],
  }),
  flow("c_start", { title: "Start the office", folder: "office", favourite: true }),
  flow("d_start", { folder: "office2", favourite: true }),
];
const names = (filter: Partial<FlowFilter>) => foundFlows(FLOWS, { ...ALL, ...filter }).map(({ name }) => name);

test("favourites come first, the others behind them in their order", () => {
  expect(names({})).toEqual(["c_start", "d_start", "a_stop", "b_backup"]);
  expect(names({ favourites: true })).toEqual(["c_start", "d_start"]);
});

test("every word is somewhere: in names, texts, folder, tags or parts", () => {
  expect(names({ text: "office  STOP" })).toEqual(["a_stop"]);
  expect(names({ text: "autooff" })).toEqual(["a_stop"]);
  expect(names({ text: "snapshot" })).toEqual(["b_backup"]);
  expect(names({ text: "夜間" })).toEqual(["b_backup"]);
  expect(names({ text: "stop backup" })).toEqual([]);
});

test("a folder has what lies in it and below it", () => {
  expect(foldersOf(FLOWS)).toEqual(["office", "office/night", "office2"]);
  expect(names({ folder: "office" })).toEqual(["c_start", "a_stop"]);
  expect(names({ folder: "office/night" })).toEqual(["a_stop"]);
});
