/** Which instances of the fleet are shown. */
import { expect, test } from "vitest";

import type { Instance } from "../src/api/types";
import { choicesOf, chosenInstances, type Kind } from "../src/fleet/chosen";

const instance = (id: string, account: string, region: string, state: string, tags: Record<string, string> = {}) =>
  ({ id, account, region, state, tags, name: tags["Name"] ?? null, type: "t3.micro", zone: `${region}a` }) as Instance;

const FLEET = [
  instance("i-1", "111111111111", "eu-west-1", "running", { Name: "Web-1", Role: "web", Team: "a=b" }),
  instance("i-2", "111111111111", "us-east-1", "stopped", { Name: "web-2", Role: "web" }),
  instance("i-3", "222222222222", "eu-west-1", "stopped"),
];
const shown = (text: string, ...chosen: [Kind, string][]) =>
  chosenInstances(
    FLEET,
    text,
    chosen.map(([kind, value]) => ({ kind, value })),
  )
    .map(({ id }) => id)
    .join(" ");

test("a text is looked for in what an instance has, each of its words", () => {
  expect([shown(""), shown("WEB"), shown("web us-east"), shown("role=web i-1"), shown("none")]).toEqual([
    "i-1 i-2 i-3",
    "i-1 i-2",
    "i-2",
    "i-1",
    "",
  ]);
});

test("places and states are one of those chosen, tags are all of them", () => {
  expect(shown("", ["account", "111111111111"])).toBe("i-1 i-2");
  expect(shown("", ["account", "111111111111"], ["region", "eu-west-1"])).toBe("i-1");
  expect(shown("", ["region", "eu-west-1"], ["region", "us-east-1"], ["state", "stopped"])).toBe("i-2 i-3");
  expect(shown("", ["tag", "Role=web"], ["tag", "Team=a=b"])).toBe("i-1");
  expect(shown("web-2", ["state", "running"])).toBe("");
});

test("one chooses among what there is; names are not chosen but found", () => {
  expect(choicesOf(FLEET)).toEqual({
    tag: ["Role=web", "Team=a=b"],
    account: ["111111111111", "222222222222"],
    region: ["eu-west-1", "us-east-1"],
    state: ["running", "stopped"],
  });
});
