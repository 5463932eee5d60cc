/** What the server tells in English, in Japanese: texts that are made of days, names and numbers. */
import { toldCause } from "./causes-ja";
import holidays from "./holidays-ja.json";
import problems from "./problems-ja.json";

type Made = (...parts: string[]) => string;

const WEEKDAYS: Record<string, string> = {
  Monday: "月曜",
  Tuesday: "火曜",
  Wednesday: "水曜",
  Thursday: "木曜",
  Friday: "金曜",
  Saturday: "土曜",
  Sunday: "日曜",
};
const NAMES: Record<string, string> = holidays;
const PROBLEMS: Record<string, string> = problems;

/** What a step waits for, of a number of resources or of one: what each of them is "to ...". */
const AWAITED: [RegExp, string][] = [
  [/^be (sent to )?stop(ped)?$|^stop$/, "停止"],
  [/^be (sent to )?start(ed)?$/, "開始"],
  [/^be started or stopped$/, "起動または停止"],
  [/^be running$/, "起動"],
  [/^be terminated$/, "終了"],
  [/^pass 2\/2 status checks$/, "ステータスチェック 2/2 の合格"],
  [/^be available( again)?$|^be stopped or available$/, "利用可能な状態"],
  [/^be modified$/, "変更"],
  [/^be (copied|created|made)/, "作成"],
  [/^be deleted$/, "削除"],
  [/^be attached$/, "アタッチ"],
  [/^be detached$/, "デタッチ"],
  [/^be restored$/, "復元"],
  [/^be shared/, "共有"],
  [/^be listed$/, "一覧の取得"],
  [/^be described$|^be asked about$|^show (it|their type)$/, "状態の確認"],
  [/^be healthy$/, "正常な状態"],
  [/^be steady$/, "安定した状態"],
  [/^be refreshed$/, "更新"],
  [/^be known to all DNS servers$/, "DNS への反映"],
  [/Standby$/, "スタンバイの処理"],
  [/type$/, "インスタンスタイプの変更"],
  [/in service/, "サービスへの復帰"],
  [/^finish their connections$/, "接続の終了"],
  [/^find capacity$/, "空き容量"],
  [/^end/, "終了"],
  [/^be reached/, "応答"],
];

function awaited(count: string, what: string, names = ""): string {
  const [, said = "処理"] = AWAITED.find(([form]) => form.test(what)) ?? [];
  return `${count}の${said}${names && ` (${names})`}`;
}

/** Durations of the server, "3 h 20 min". */
function lasting(text: string): string {
  return text.replace(
    /(\d+) (s|min|h)\b/g,
    (_, n: string, unit: string) => `${n} ${{ s: "秒", min: "分", h: "時間" }[unit] ?? unit}`,
  );
}

/** What a run that is late did, behind when it was due. */
function late(text: string): string {
  const [, at, ended] = /^It started at (.+?)(?: and (is still under way|ended late))?\.$/.exec(text) ?? [];
  if (!at) return text === "No run of it has started." ? "まだ開始されていません。" : text;
  if (!ended) return `開始は ${at} でした。`;
  return ended === "ended late" ? `${at} に開始し、遅れて終了しました。` : `${at} に開始し、実行中です。`;
}

/** "3rd" is "第 3", "last" is "最終", and "2nd to last" is the second one from the end. */
function nth(said = ""): string {
  const [, number = "", fromEnd] = /^(?:(\d+)\w\w|last)( to last)?$/.exec(said) ?? [];
  if (number === "") return "最終";
  return fromEnd ? `最後から ${number} 番目の` : `第 ${number} `;
}

/** A name of a holiday, of several that fall on the same day. */
export function holiday(name: string): string {
  const known = NAMES[name];
  if (known) return known;
  const observed = / \((observed|substituted)\)$/.exec(name);
  if (observed) return `${holiday(name.slice(0, observed.index))} (振替休日)`;
  return name.includes(", ") ? name.split(", ").map(holiday).join("、") : name;
}

const RULE = "(?:business days|days off|holidays) only";
const KINDS: Record<string, string> = { "business days": "営業日のみ", "days off": "休業日のみ", holidays: "祝日のみ" };

/** Of each text the whole, or what stands between others: a rule about days has several. */
const FORMS: [RegExp, Made][] = [
  // Rules about days.
  [/^(business days|days off|holidays) only(?: \((.+?)\))?$/, (kind = "", of = "") => within(KINDS[kind] ?? kind, of)],
  [/^(\S+(?: to last)?) business day of the month(?: \((.+?)\))?$/, (n, of) => within(`毎月${nth(n)}営業日`, of)],
  [
    /^on the (previous|next) business day(?: \((.+?)\))? when that is a day off$/,
    (way, of) => within(`休業日の場合は${way === "next" ? "翌" : "前"}営業日`, of),
  ],
  [/^not on ([\d, -]+)$/, (days = "") => `除外日: ${days}`],
  [/^also on ([\d, -]+)$/, (days = "") => `追加日: ${days}`],
  // Alarms.
  [/^alarms on its own SNS topic$/, () => "専用の SNS トピックのアラーム"],
  [/^alarms on (.+)$/, (topic = "") => `SNS トピック ${topic} のアラーム`],
  [/^alarms (.+) of member accounts$/, (names = "") => `メンバーアカウントのアラーム ${names}`],
  [
    /^alarm (\S+)(?: of each instance with (.+?))? (above|below|outside) its band of (\S+) standard deviations for (\d+) x (\d+) s$/,
    (metric = "", tags = "", side = "", width = "", times = "", seconds = "") =>
      `アラーム: ${each(tags)}${metric} が予測範囲 (標準偏差 ${width}) ${SIDES[side] ?? side}、${seconds} 秒 × ${times} 回`,
  ],
  [
    /^alarm (\S+)(?: of each instance with (.+?))? (\S+) (\S+) for (\d+) x (\d+) s$/,
    (metric = "", tags = "", sign = "", threshold = "", times = "", seconds = "") =>
      `アラーム: ${each(tags)}${metric} ${sign} ${threshold}、${seconds} 秒 × ${times} 回`,
  ],
  // Why a start is left out.
  [/^(\d{4}-\d\d-\d\d) is left out by except_on$/, (day = "") => `${day} は除外日`],
  [/^(\d{4}-\d\d-\d\d) is a holiday \((.+)\)$/, (day = "", name = "") => `${day} は祝日 (${holiday(name)})`],
  [/^(\d{4}-\d\d-\d\d) is an? (\w+day)$/, (day = "", weekday = "") => `${day} は${WEEKDAYS[weekday] ?? weekday}`],
  [/^(\d{4}-\d\d-\d\d) is not a holiday$/, (day = "") => `${day} は祝日ではない`],
  [/^(\d{4}-\d\d-\d\d) is a business day$/, (day = "") => `${day} は営業日`],
  [/^(\d{4}-\d\d-\d\d) is not a day it is due on$/, (day = "") => `${day} は実行日ではない`],
  [
    /^(\d{4}-\d\d-\d\d) is not the (.+) business day of its month, which is (\S+)$/,
    (day = "", n = "", other = "") => `${day} は月の${nth(n)}営業日 (${other}) ではない`,
  ],
  [
    /^(\d{4}-\d\d-\d\d) is not the (.+) business day of its month, which has fewer$/,
    (day = "", n = "") => `${day} の月に${nth(n)}営業日はない`,
  ],
  // Holds, skips and overlaps.
  [
    /^(retired|held with all flows|held)(?: until (.+?))? by (.+?): ([^]*)$/,
    (what = "", until = "", by = "", why = "") => `${HELD[what] ?? what}${until && ` (${until} まで)`}、${by}: ${why}`,
  ],
  [/^skipped once by ([^:]+?)(?:: ([^]*))?$/, (by = "", why = "") => `1 回スキップ、${by}${why && `: ${why}`}`],
  [/^the run (\S+) is under way$/, (run = "") => `実行 ${run} が実行中`],
  [/^the run (\S+) was started for the same due time$/, (run = "") => `同じ予定時刻で実行 ${run} が開始済み`],
  [/^the run (\S+) to end$/, (run = "") => `実行 ${run} の終了`],
  // Deadlines.
  [
    /^It was due at (.+?) and had to (start|finish) by (.+?)\. (.+)$/,
    (due = "", what = "", by = "", then = "") =>
      `${due} の予定で、${by} までに${what === "start" ? "開始" : "終了"}する必要がありました。${late(then)}`,
  ],
  [
    /^It started at (.+?) and takes at most (.+?) as a rule\. (?:It took (.+?)\.|It is still under way\.)$/,
    (at = "", most = "", took = "") =>
      `${at} に開始しました。通常は ${lasting(most)}以内に終了します。${took ? `所要時間は ${lasting(took)}でした。` : "まだ実行中です。"}`,
  ],
  [/^Its time was over\.$/, () => "制限時間を超えました。"],
  [/^No cause was given\.$/, () => "原因は記録されていません。"],
  // Waits of steps.
  [/^(\d+) to (.+?)(?: \((.+)\))?$/, (n = "", what = "", names = "") => awaited(`${n} 件`, what, names)],
  [/^tags of (\d+) resources/, (n = "") => `${n} 件のタグの設定`],
  [
    /^(?:the )?(?:stack|runbook|old stack) (\S+) to (be \w+)(?: \((.+)\))?$/,
    (of = "", what = "", more = "") => awaited(`${of} `, what, more),
  ],
  [/^the next pages of (.+)$/, (of = "") => `${of} の次のページ`],
  // Errors of requests.
  [/^the body has more than (\d+) KiB$/, (size = "") => `データが ${size} KiB を超えています。`],
  [
    /^there are (\d+) presets; remove one that nobody needs$/,
    (n = "") => `ボタンが上限の ${n} 個に達しています。不要なものを削除してください。`,
  ],
  [
    /^this asks (.+), and you are in none of these groups$/,
    (groups = "") => `${groups.replaceAll(" or ", "、")} のメンバーだけが回答できます。`,
  ],
  [
    /^is no parameter of the flow; it takes (.+)$/,
    (names = "") => `このフローのパラメータではありません (パラメータ: ${names === "none" ? "なし" : names})`,
  ],
  [/^is missing; it takes .+$/, () => "入力してください"],
  [/^takes .+$/, () => "形式が正しくありません"],
  [/^(?:has to be|is not one|has to|does not go together).+$/, () => "指定が正しくありません"],
  [/^Input should .+$|^String should .+$|^Value error, .+$/, () => "値の形式が正しくありません"],
  [/^Field required$/, () => "必須です"],
];
const HELD: Record<string, string> = { retired: "廃止予定", held: "保留中", "held with all flows": "全フロー保留中" };
const SIDES: Record<string, string> = { above: "を上回る", below: "を下回る", outside: "の外" };

const within = (text: string, of = "") => (of ? `${text} (${of})` : text);
const each = (tags: string) => (tags ? `${tags} の各インスタンスの ` : "");

/** A text of the server in Japanese; what is none of its forms stays: flows and AWS say it as they say it. */
export function told(text: string): string {
  return PROBLEMS[text] ?? several(text) ?? whole(text) ?? rule(text) ?? toldCause(text, told);
}

function whole(text: string): string | null {
  for (const [form, made] of FORMS) {
    const found = form.exec(text);
    if (found) return made(...found.slice(1));
  }
  return null;
}

/** What several groups of resources wait for. */
function several(text: string): string | null {
  const parts = text.split("; ");
  const said = parts.map(whole);
  return parts.length > 1 && !said.includes(null) ? said.join("、") : null;
}

/** A rule about days: its parts are joined by commas, and so are the days in it. */
function rule(text: string): string | null {
  const parts = text.split(new RegExp(`, (?=${RULE}|\\S+(?: to last)? business day of|on the |not on |also on )`));
  const said = parts.map(whole);
  return parts.length > 1 && !said.includes(null) ? said.join("、") : null;
}
