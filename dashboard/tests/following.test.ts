/** What a flow does after a step. */
import { expect, test } from "vitest";

import { following } from "../src/approvals/following";
import { node } from "./tree-nodes";

const FLOW = [
  node("before", "part"),
  node("try", "try"),
  node("body", "body", "try"),
  node("if", "if", "body"),
  node("then", "then", "if"),
  node("ask", "approval", "then"),
  node("delete", "part", "then"),
  node("else", "else", "if"),
  node("keep", "part", "else"),
  node("after", "part", "body"),
  node("except", "except", "try"),
  node("mail", "part", "except"),
  node("finally", "finally", "try"),
  node("start", "part", "finally"),
  node("last", "if"),
  node("last then", "then", "last"),
  node("end", "return", "last then"),
  node("last else", "else", "last"),
];

const told = (step: string) => following(FLOW, step).map(({ node: { id }, depth }) => `${depth} ${id}`);

test("other ways of the branch it is in, and what failures do, are left out", () => {
  expect(told("ask")).toEqual([
    "0 delete",
    "0 after",
    "0 finally",
    "0 start",
    "0 last",
    "0 last then",
    "0 end",
    "0 last else",
  ]);
});

test("of a branch that is still to come, all ways are told", () => {
  expect(told("before").slice(0, 5)).toEqual(["0 try", "1 body", "2 if", "3 then", "4 ask"]);
});

test("nothing follows the last step, or one that there is not", () => {
  expect(told("last else")).toEqual([]);
  expect(told("none")).toEqual([]);
});
