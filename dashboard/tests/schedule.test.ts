import { expect, it } from "vitest";

import { tellSchedule } from "../src/i18n/schedule";

const weekdays = "every Monday to Friday";

it.each([
  // Times of the day.
  ["cron(0 22 * * ? *)", "every day at 22:00 Tokyo", "毎日 22:00 (日本標準時)"],
  ["cron(30 8,20 ? * MON-FRI *)", `${weekdays} at 08:30 and 20:30 Tokyo`, "毎週 月曜〜金曜 08:30、20:30 (日本標準時)"],
  ["cron(0,30 9 * * ? *)", "every day at 09:00 and 09:30 Tokyo", "毎日 09:00、09:30 (日本標準時)"],
  ["cron(0 6,12,18 * * ? *)", "every day at 06:00, 12:00 and 18:00 Tokyo", "毎日 06:00、12:00、18:00 (日本標準時)"],
  // Rhythms.
  ["cron(0/10 * * * ? *)", "every 10 minutes", "10 分ごと"],
  ["cron(*/5 * * * ? *)", "every 5 minutes", "5 分ごと"],
  ["cron(3/10 * * * ? *)", "every 10 minutes from :03", "毎時 3 分から 10 分ごと"],
  ["cron(* * * * ? *)", "every minute", "毎分"],
  ["cron(0 * * * ? *)", "every hour at :00", "毎時 0 分"],
  [
    "cron(0,30 * ? * SUN *)",
    "every Sunday, every hour at :00 and :30 Tokyo",
    "毎週 日曜 毎時 0 分、30 分 (日本標準時)",
  ],
  ["cron(15 */2 * * ? *)", "every 2 hours from 00:15 Tokyo", "毎日 00:15 から 2 時間ごと (日本標準時)"],
  [
    "cron(0 9-17 ? * MON-FRI *)",
    `${weekdays}, every hour from 09:00 to 17:00 Tokyo`,
    "毎週 月曜〜金曜 09:00〜17:00 に 1 時間ごと (日本標準時)",
  ],
  ["cron(0 8-18/2 * * ? *)", "every 2 hours from 08:00 to 18:00 Tokyo", "毎日 08:00〜18:00 に 2 時間ごと (日本標準時)"],
  [
    "cron(*/5 9-17 ? * MON-FRI *)",
    `${weekdays}, every 5 minutes from 09:00 to 17:59 Tokyo`,
    "毎週 月曜〜金曜 09:00〜17:59 に 5 分ごと (日本標準時)",
  ],
  [
    "cron(*/15 6,22 * * ? *)",
    "every 15 minutes from 06:00 and 22:00 for an hour each Tokyo",
    "毎日 6 時台、22 時台に 15 分ごと (日本標準時)",
  ],
  // Days of the week.
  ["cron(0 1 ? * SUN *)", "every Sunday at 01:00 Tokyo", "毎週 日曜 01:00 (日本標準時)"],
  ["cron(0 1 ? * 1,7 *)", "every Sunday and Saturday at 01:00 Tokyo", "毎週 日曜、土曜 01:00 (日本標準時)"],
  [
    "cron(0 1 ? * MON-WED,SAT *)",
    "every Monday to Wednesday and Saturday at 01:00 Tokyo",
    "毎週 月曜〜水曜、土曜 01:00 (日本標準時)",
  ],
  ["cron(0 1 ? * L *)", "every Saturday at 01:00 Tokyo", "毎週 土曜 01:00 (日本標準時)"],
  ["cron(0 9 ? * MON#1 *)", "every month on its first Monday at 09:00 Tokyo", "毎月第 1 月曜 09:00 (日本標準時)"],
  ["cron(0 3 ? * 1#2 *)", "every month on its second Sunday at 03:00 Tokyo", "毎月第 2 日曜 03:00 (日本標準時)"],
  ["cron(0 9 ? * FRIL *)", "every month on its last Friday at 09:00 Tokyo", "毎月最終金曜 09:00 (日本標準時)"],
  // Days of the month.
  ["cron(0 6 L * ? *)", "every month on its last day at 06:00 Tokyo", "毎月末日 06:00 (日本標準時)"],
  ["cron(0 6 LW * ? *)", "every month on its last weekday at 06:00 Tokyo", "毎月最終平日 06:00 (日本標準時)"],
  [
    "cron(0 6 15W * ? *)",
    "every month on the weekday nearest to day 15 at 06:00 Tokyo",
    "毎月 15 日に最も近い平日 06:00 (日本標準時)",
  ],
  ["cron(0 6 1 * ? *)", "every month on day 1 at 06:00 Tokyo", "毎月 1 日 06:00 (日本標準時)"],
  ["cron(5 0 1,15 * ? *)", "every month on days 1 and 15 at 00:05 Tokyo", "毎月 1、15 日 00:05 (日本標準時)"],
  ["cron(0 6 1-7 * ? *)", "every month on days 1 to 7 at 06:00 Tokyo", "毎月 1〜7 日 06:00 (日本標準時)"],
  [
    "cron(0 6 1/5 * ? *)",
    "every 5 days from day 1 of each month at 06:00 Tokyo",
    "毎月 1 日から 5 日ごと 06:00 (日本標準時)",
  ],
  // Months and years.
  ["cron(0 9 1 1 ? *)", "every year on 1 January at 09:00 Tokyo", "毎年 1 月 1 日 09:00 (日本標準時)"],
  [
    "cron(0 9 1 1,7 ? *)",
    "every year on 1 January and 1 July at 09:00 Tokyo",
    "毎年 1 月 1 日、7 月 1 日 09:00 (日本標準時)",
  ],
  [
    "cron(0 9 1 1/6 ? *)",
    "every year on 1 January and 1 July at 09:00 Tokyo",
    "毎年 1 月 1 日、7 月 1 日 09:00 (日本標準時)",
  ],
  ["cron(0 9 L 3 ? *)", "on the last day of March at 09:00 Tokyo", "毎年 3 月の末日 09:00 (日本標準時)"],
  ["cron(0 9 * DEC ? *)", "every day in December at 09:00 Tokyo", "毎年 12 月の毎日 09:00 (日本標準時)"],
  [
    "cron(0 9 ? JUN-AUG MON *)",
    "every Monday in June to August at 09:00 Tokyo",
    "毎年 6 月〜8 月の毎週 月曜 09:00 (日本標準時)",
  ],
  ["cron(0 9 1 1 ? 2027)", "on 1 January in 2027 at 09:00 Tokyo", "2027 年 1 月 1 日 09:00 (日本標準時)"],
  // Rates, and once.
  ["rate(5 minutes)", "every 5 minutes", "5 分ごと"],
  ["rate(1 hour)", "every hour", "1 時間ごと"],
  ["rate(1 day)", "every day", "1 日ごと"],
  [
    "at(2026-12-01T09:00:00)",
    "once on 1 December 2026 at 09:00 Tokyo",
    "2026 年 12 月 1 日 09:00 に 1 回 (日本標準時)",
  ],
  // What is none stays as it is.
  ["cron(0 9 1 1)", "cron(0 9 1 1) Tokyo", "cron(0 9 1 1) 日本標準時"],
])("%s is said in words", (expression, english, japanese) => {
  expect(tellSchedule(expression, "Asia/Tokyo", "en")).toBe(english);
  expect(tellSchedule(expression, "Asia/Tokyo", "ja")).toBe(japanese);
});

it("names the zone as each language does", () => {
  expect(tellSchedule("cron(0 6 * * ? *)", "UTC", "ja")).toBe("毎日 06:00 (UTC)");
  expect(tellSchedule("cron(0 6 * * ? *)", "America/New_York", "en")).toBe("every day at 06:00 New York");
  expect(tellSchedule("cron(0 6 * * ? *)", "America/New_York", "ja")).not.toContain("York");
});
