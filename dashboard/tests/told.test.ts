import { expect, it } from "vitest";

import { server } from "../src/i18n/open-en";
import { holiday, told } from "../src/i18n/told-ja";

it.each([
  ["business days only (JP)", "営業日のみ (JP)"],
  ["days off only (JP)", "休業日のみ (JP)"],
  ["3rd business day of the month (JP)", "毎月第 3 営業日 (JP)"],
  ["last business day of the month (JP)", "毎月最終営業日 (JP)"],
  ["2nd to last business day of the month (JP)", "毎月最後から 2 番目の営業日 (JP)"],
  ["on the next business day (JP) when that is a day off", "休業日の場合は翌営業日 (JP)"],
  [
    "business days only (JP), not on 2026-12-29, 2026-12-30, also on 2026-11-28",
    "営業日のみ (JP)、除外日: 2026-12-29, 2026-12-30、追加日: 2026-11-28",
  ],
  ["alarms on its own SNS topic", "専用の SNS トピックのアラーム"],
  ["alarms nightshift-* of member accounts", "メンバーアカウントのアラーム nightshift-*"],
  ["alarm AWS/EC2/CPUUtilization > 80 for 3 x 60 s", "アラーム: AWS/EC2/CPUUtilization > 80、60 秒 × 3 回"],
  [
    "alarm AWS/EC2/StatusCheckFailed of each instance with AutoRecover=yes >= 1 for 2 x 60 s",
    "アラーム: AutoRecover=yes の各インスタンスの AWS/EC2/StatusCheckFailed >= 1、60 秒 × 2 回",
  ],
  [
    "alarm AWS/EC2/CPUUtilization above its band of 2 standard deviations for 3 x 60 s",
    "アラーム: AWS/EC2/CPUUtilization が予測範囲 (標準偏差 2) を上回る、60 秒 × 3 回",
  ],
  ["2026-11-03 is a holiday (Culture Day)", "2026-11-03 は祝日 (文化の日)"],
  ["2026-11-28 is a Saturday", "2026-11-28 は土曜"],
  [
    "2026-11-04 is not the last business day of its month, which is 2026-11-30",
    "2026-11-04 は月の最終営業日 (2026-11-30) ではない",
  ],
  ["held until 2026-12-01 00:00 JST by alice: the move", "保留中 (2026-12-01 00:00 JST まで)、alice: the move"],
  ["held with all flows by bob: freeze", "全フロー保留中、bob: freeze"],
  ["skipped once by alice", "1 回スキップ、alice"],
  ["the run nightly-1 is under way", "実行 nightly-1 が実行中"],
  [
    "It was due at 2026-11-24 22:00:00 Asia/Tokyo and had to start by 2026-11-24 22:15:00 Asia/Tokyo. No run of it has started.",
    "2026-11-24 22:00:00 Asia/Tokyo の予定で、2026-11-24 22:15:00 Asia/Tokyo までに開始する必要がありました。まだ開始されていません。",
  ],
  [
    "It started at 2026-11-24 22:00:00 UTC and takes at most 1 h 30 min as a rule. It took 3 h 20 min.",
    "2026-11-24 22:00:00 UTC に開始しました。通常は 1 時間 30 分以内に終了します。所要時間は 3 時間 20 分でした。",
  ],
  ["2 to be stopped (web-1, web-2)", "2 件の停止 (web-1, web-2)"],
  ["1 to pass 2/2 status checks; tags of 3 resources", "1 件のステータスチェック 2/2 の合格、3 件のタグの設定"],
  ["stack web to be deleted", "web の削除"],
  ["the run has ended; there is nothing to stop", "実行はすでに終了しています。"],
  ["is missing; it takes a whole number", "入力してください"],
  ["what the author of a flow says", "what the author of a flow says"],
])("%s is told in Japanese", (english, japanese) => {
  expect(told(english)).toBe(japanese);
});

it("names holidays, also several of one day and those of a company", () => {
  expect(holiday("Culture Day")).toBe("文化の日");
  expect(holiday("Constitution Day, Showa Day")).toBe("憲法記念日、昭和の日");
  expect(holiday("closed")).toBe("closed");
});

it.each([
  ["ec2.stop_instances: 1 of 6 resources failed", "ec2.stop_instances: 6 件中 1 件のリソースが失敗しました"],
  ["  i-1  Timeout: 'i-1' is not stopped in time", "  i-1  Timeout: 'i-1' は時間内に停止しませんでした"],
  ["Changed before that: i-2, i-3", "それまでに変更: i-2, i-3"],
  [
    "ec2.stop_instances gave up after 30m, still waiting for 2 to be stopped",
    "ec2.stop_instances は 30m で打ち切りました。待っていたもの: 2 件の停止",
  ],
  ["no run of 'etl' could be started in time", "'etl' の実行を時間内に開始できませんでした"],
  [
    "ec2.stop_instances: nothing matched instance_tag='AutoOff=yes'. Check the ids or tags, the region and the account.",
    "ec2.stop_instances: 該当するリソースがありません (instance_tag='AutoOff=yes')。ID またはタグ、リージョン、アカウントを確認してください。",
  ],
  [
    "3 of 9 failed, and max_failures is 2: 4 of 9 done, 3 failed, 2 not started; first PartFailed: no; not started: a, b",
    "9 件中 3 件が失敗し、max_failures (2) を超えました。完了 4 / 9 件、失敗 3 件、未着手 2 件。最初の失敗は PartFailed: no。未着手: a, b",
  ],
  ["'vol-1' is in-use", "'vol-1' の状態は in-use です"],
  ["exit code 3 of batch.sh in 'fleet': no space", "'fleet' の batch.sh の終了コード 3: no space"],
])("says the cause of a failure: %s", (english, japanese) => {
  expect(told(english)).toBe(japanese);
});

it("leaves what AWS says of a failure as AWS says it, line by line", () => {
  const cause =
    "ec2.stop_instances: 1 of 1 resources failed\n  i-1  UnauthorizedOperation: 'i-1' is not for you to stop";
  expect(told(cause).split("\n")).toEqual([
    "ec2.stop_instances: 1 件中 1 件のリソースが失敗しました",
    "  i-1  UnauthorizedOperation: 'i-1' is not for you to stop",
  ]);
});

it("tells nobody on an English page to ask the API", () => {
  expect(server.told("there is no such run; GET /api/runs lists them")).toBe("there is no such run");
  expect(server.told("the run ended; it cannot be stopped")).toBe("the run ended; it cannot be stopped");
});
