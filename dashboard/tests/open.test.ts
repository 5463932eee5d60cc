/** What is new among what is open. */
import { expect, test } from "vitest";

import english from "../src/i18n/en";
import japanese from "../src/i18n/ja";
import { fresh, notice } from "../src/open/news";

const item = (key: string) => ({
  flow: "backup",
  key,
  kind: "failed",
  time: "2026-11-24T13:00:00.000Z",
  run: key,
  why: null,
  what_to_do: null,
});

test("only what was not open before is news, and nothing at first", () => {
  expect(fresh(undefined, [item("a")])).toEqual([]);
  expect(fresh([item("a")], [item("b"), item("a")]).map(({ key }) => key)).toEqual(["b"]);
  expect(fresh([item("a")], [])).toEqual([]);
});

test("the desktop shows the flow's title, in the user's language", () => {
  const due = "It was due at 2026-11-24 22:00:00 Asia/Tokyo and had to start by 2026-11-24 22:15:00 Asia/Tokyo.";
  const lost = { ...item("a"), kind: "late_start", why: `${due} No run of it has started.` };
  expect(notice(lost, null, english.words).headline).toMatch(/^backup: /);
  expect(notice(lost, "夜間バックアップ", japanese.words).headline).toBe("夜間バックアップ: 開始遅延");
  expect(notice(lost, null, japanese.words).body).toContain("まだ開始されていません");
});
