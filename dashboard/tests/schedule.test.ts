import { expect, it } from "vitest";

import { tellSchedule } from "../src/i18n/schedule";

it.each([
  ["cron(0 22 * * ? *)", "every day at 22:00 Tokyo", "毎日 22:00 (Tokyo)"],
  [
    "cron(30 8,20 ? * MON-FRI *)",
    "every Monday to Friday at 08:30 and 20:30 Tokyo",
    "毎週 月曜〜金曜 08:30、20:30 (Tokyo)",
  ],
  ["cron(0 1 ? * SUN *)", "every Sunday at 01:00 Tokyo", "毎週 日曜 01:00 (Tokyo)"],
  ["cron(0 1 ? * 1,7 *)", "every Sunday and Saturday at 01:00 Tokyo", "毎週 日曜、土曜 01:00 (Tokyo)"],
  ["cron(0 6 L * ? *)", "every month on its last day at 06:00 Tokyo", "毎月末日 06:00 (Tokyo)"],
  ["cron(5 0 1,15 * ? *)", "every month on day 1 and 15 at 00:05 Tokyo", "毎月 1、15 日 00:05 (Tokyo)"],
  ["rate(5 minutes)", "every 5 minutes", "5 分ごと"],
  ["rate(1 day)", "every day", "1 日ごと"],
  ["cron(0/10 * * * ? *)", "cron(0/10 * * * ? *) Tokyo", "cron(0/10 * * * ? *) Tokyo"],
  ["cron(0 9 ? * MON#1 *)", "cron(0 9 ? * MON#1 *) Tokyo", "cron(0 9 ? * MON#1 *) Tokyo"],
  ["cron(0 9 1 1 ? *)", "cron(0 9 1 1 ? *) Tokyo", "cron(0 9 1 1 ? *) Tokyo"],
])("%s is said in words where they are clear", (expression, english, japanese) => {
  expect(tellSchedule(expression, "Asia/Tokyo", "en")).toBe(english);
  expect(tellSchedule(expression, "Asia/Tokyo", "ja")).toBe(japanese);
});
