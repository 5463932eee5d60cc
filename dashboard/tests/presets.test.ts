import { describe, expect, it } from "vitest";

import type { Flow, FlowParameter, Preset } from "../src/api/types";
import en from "../src/i18n/en";
import { buttonsOf, flowsOf, presetsOf } from "../src/presets/buttons";
import { filledWith, read } from "../src/start/form";
import { shownColumns } from "../src/ui/columns";

const flow = (name: string, operators: string[] = []) => ({ name, operators }) as unknown as Flow;
const preset = (id: string, of: string, groups: string[] = []) => ({ id, flow: of, groups }) as unknown as Preset;

describe("buttons", () => {
  const flows = [flow("start", ["desk"]), flow("stop", ["leads"])];
  const presets = [preset("a-1", "stop"), preset("b-1", "stop", ["desk"]), preset("gone-1", "gone")];
  const ids = (chosen?: string[] | null) => buttonsOf(flows, presets, chosen).map(({ id }) => id);

  it("are all presets, and the flows that have none", () => {
    expect(ids()).toEqual(["a-1", "b-1", "start"]);
    expect(ids([])).toEqual(ids(null));
  });

  it("are those of a panel in its order, without those that are not there", () => {
    expect(ids(["stop", "b-1", "gone-1", "a-1"])).toEqual(["stop", "b-1", "a-1"]);
  });

  it("are those that a group has on the board of the group", () => {
    expect(flowsOf(flows, "desk").map(({ name }) => name)).toEqual(["start"]);
    expect(presetsOf(presets, "leads").map(({ id }) => id)).toEqual(["a-1", "gone-1"]);
    for (const group of [undefined, "admin"]) {
      expect(flowsOf(flows, group)).toBe(flows);
      expect(presetsOf(presets, group)).toBe(presets);
    }
  });
});

describe("the form of a preset", () => {
  const plain = { title: null, nullable: false, choices: [], item: null, required: false } as const;
  const parameters = [
    { ...plain, name: "tag", kind: "text", default: "Role=app" },
    { ...plain, name: "hours", kind: "integer", default: 1 },
  ] as unknown as FlowParameter[];

  it("opens with its parameters, and the defaults of the others", () => {
    expect(filledWith(parameters, { hours: 5 })).toEqual({ tag: "Role=app", hours: "5" });
  });

  it("keeps what is at its default, too, so that a new default changes no button", () => {
    const fields = filledWith(parameters, { hours: 5 });
    expect(read(parameters, fields, en.words.start).parameters).toEqual({ hours: 5 });
    expect(read(parameters, fields, en.words.start, true).parameters).toEqual({ tag: "Role=app", hours: 5 });
  });
});

describe("the columns of a table", () => {
  const all = ["a", "b", "c"].map((id) => ({ id, header: id, cell: () => id }));
  const shown = (chosen: string[] | null, hidden: string[] = []) =>
    shownColumns(all, chosen, hidden).map(({ id }) => id);

  it("are the chosen ones in their order, else the usual ones", () => {
    expect(shown(["c", "a", "gone"], ["c"])).toEqual(["c", "a"]);
    expect(shown(null, ["c"])).toEqual(["a", "b"]);
    expect(shown(["gone"], ["b"])).toEqual(["a", "c"]);
  });
});
