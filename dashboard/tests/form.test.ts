import { describe, expect, it } from "vitest";

import type { FlowParameter } from "../src/api/types";
import en from "../src/i18n/en";
import { initial, pickerOf, read, type Fields } from "../src/start/form";
import { translated } from "../src/ui/remedy";

const say = en.words.start;

function parameter(change: Partial<FlowParameter>): FlowParameter {
  const plain: FlowParameter = {
    name: "p",
    title: null,
    title_ja: null,
    description: null,
    description_ja: null,
    type: "str",
    accepts: "text",
    kind: "text",
    item: null,
    choices: [],
    nullable: false,
    required: true,
    default: null,
  };
  return { ...plain, ...change };
}

function typed(change: Partial<FlowParameter>, value: Fields[string]) {
  const { parameters, problems } = read([parameter(change)], { p: value }, say);
  return problems.p ?? parameters.p;
}

describe("the form of a flow's parameters", () => {
  it.each([
    [{ kind: "text" }, "web", "web"],
    [{ kind: "integer" }, "7", 7],
    [{ kind: "integer" }, "-7", -7],
    [{ kind: "integer" }, "7.5", say.notInteger],
    [{ kind: "integer" }, "seven", say.notInteger],
    [{ kind: "number" }, "7.5", 7.5],
    [{ kind: "number" }, "much", say.notNumber],
    [{ kind: "boolean" }, true, true],
    [{ kind: "choice", choices: ["fail", "continue"] }, "continue", "continue"],
    [{ kind: "choice", choices: [1, 2] }, "2", 2],
    [{ kind: "choice", choices: [1, 2] }, "3", "Choose: 1, 2"],
    [{ kind: "list", item: "text" }, "i-1\n\n  i-2 \n", ["i-1", "i-2"]],
    [{ kind: "list", item: "integer" }, "1\n2", [1, 2]],
    [{ kind: "list", item: "integer" }, "1\ntwo", say.notInteger],
    [{ kind: "json" }, '{"a": [1]}', { a: [1] }],
    [{ kind: "json" }, "{a: 1}", say.notJson],
  ] as [Partial<FlowParameter>, Fields[string], unknown][])("reads %o from %o", (change, value, meant) => {
    expect(typed(change, value)).toEqual(meant);
  });

  it.each(["text", "integer", "number", "choice", "list", "json"] as const)("needs a required %s", (kind) => {
    expect(typed({ kind, item: "text" }, "")).toBe(say.needed);
  });

  it("takes nothing for what may be null", () => {
    expect(typed({ kind: "integer", nullable: true }, null)).toBeNull();
    expect(typed({ kind: "text", nullable: true }, null)).toBeNull();
  });

  it("sends only what differs from the defaults", () => {
    const parameters = [
      parameter({ name: "group", required: false, default: "nightly" }),
      parameter({ name: "keep", kind: "integer", required: false, default: 7 }),
      parameter({ name: "ids", kind: "list", item: "text", required: false, default: ["i-1", "i-2"] }),
      parameter({ name: "why", required: false, default: "" }),
      parameter({ name: "until", nullable: true, required: false }),
    ];
    const fields = initial(parameters);
    expect(read(parameters, fields, say)).toEqual({ parameters: {}, problems: {} });
    expect(read(parameters, { ...fields, keep: "3", ids: "" }, say).parameters).toEqual({ keep: 3, ids: [] });
  });

  it("sends a required parameter even when it is empty by nature", () => {
    expect(read([parameter({ kind: "boolean" })], { p: false }, say).parameters).toEqual({ p: false });
  });
});

describe("a date or a time", () => {
  it.each([
    [{ default: "2026-11-24" }, "date"],
    [{ default: "22:00" }, "time"],
    [{ description: "The day, YYYY-MM-DD." }, "date"],
    [{ description: "When to stop, HH:MM." }, "time"],
    [{ description: "From when on, YYYY-MM-DDTHH:MM:SSZ." }, null],
    [{ default: "Backup=nightly", description: "YYYY-MM-DD" }, null],
    [{ kind: "integer", description: "HH:MM" }, null],
    [{}, null],
  ] as [Partial<FlowParameter>, string | null][])("%o is picked as %s", (change, picker) => {
    expect(pickerOf(parameter(change))).toBe(picker);
  });
});

describe("advice", () => {
  it("is translated line by line, with the code that a line is about, and a project's own is not", () => {
    const table = { "Look at it.": "確認してください。", "States.Timeout: no": "いいえ" };
    expect(translated("Look at it.", table)).toBe("確認してください。");
    expect(translated("IncorrectState: Look at it.\nOther: Call Ann.", table)).toBe(
      "IncorrectState: 確認してください。\nOther: Call Ann.",
    );
  });
});
