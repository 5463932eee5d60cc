import { expect, test } from "vitest";

import { gathered, grouped, type Place } from "../src/run/groups";

const counts = { matched: 50, changed: 50, skipped: 0, failed: 0 };
const place = (account: string, region: string, more: Partial<Place> = {}): Place => ({
  account,
  name: `a${account}`,
  region,
  state: "done",
  counts,
  error: null,
  cause: null,
  what_to_do: null,
  ...more,
});
const failed = (account: string, region: string, cause: string) =>
  place(account, region, { state: "failed", error: "PartFailed", cause });

test("the Regions of an account that went the same way are one row, and their counts are added up", () => {
  const [row, ...others] = grouped([place("1", "eu-west-1"), place("1", "us-east-1")]);
  expect(others).toEqual([]);
  expect(row?.regions).toEqual(["eu-west-1", "us-east-1"]);
  expect(row?.counts.changed).toBe(100);
});

test("a cause is told once for the Regions of an account, without the place that stands beside it", () => {
  const rows = grouped([
    failed("1", "eu-west-1", "a1 (1): the account does not let the app in"),
    failed("1", "us-east-1", "a1 (1): the account does not let the app in"),
    failed("2", "eu-west-1", "a2 (2), eu-west-1: 1 of 3 failed"),
    failed("2", "us-east-1", "a2 (2), us-east-1: 2 of 3 failed"),
  ]);
  expect(rows.map(({ account, regions, cause }) => [account, regions.length, cause])).toEqual([
    ["1", 2, "the account does not let the app in"],
    ["2", 1, "1 of 3 failed"],
    ["2", 1, "2 of 3 failed"],
  ]);
});

test("what somebody has to look at is apart from what has not begun and what went well", () => {
  const all = [
    failed("1", "eu-west-1", "no"),
    place("2", "eu-west-1", { state: "running" }),
    place("3", "eu-west-1", { state: "not_started" }),
    place("4", "eu-west-1"),
  ];
  const { troubled, waiting, well } = gathered(all);
  expect([troubled, waiting, well].map((places) => places.map(({ account }) => account))).toEqual([
    ["1", "2"],
    ["3"],
    ["4"],
  ]);
});
