/** The words of holding several flows, and of the freeze of all of them. */
import { useLanguage } from "../i18n/language";

const en = {
  frozen: "All flows are on hold",
  frozenUntil: (time: string) => `All flows are on hold until ${time}`,
  by: (who: string, since: string, why: string) => `${why} (${who}, ${since})`,
  exempt: (flows: string) => `Left out: ${flows}`,
  freeze: "Hold all flows",
  freezeHint:
    "No schedule and no alarm starts any flow, also of those deployed meanwhile. By hand they can be started. Every page shows it.",
  without: "Left out",
  withoutHint: "These flows go on as usual",
  unfreeze: "Release all flows",
  unfreezeHint: "Schedules and alarms start flows again. Flows that are held by themselves stay so.",
  unfrozen: "All flows are released",
  didFreeze: "All flows are on hold",
  everyFlow: "All flows",
  holdSome: "Hold",
  releaseSome: "Release",
  holdTitle: (n: number) => (n === 1 ? "Hold 1 flow" : `Hold ${n} flows`),
  held: (n: number) => (n === 1 ? "1 flow is on hold" : `${n} flows are on hold`),
  released: (n: number) => (n === 1 ? "1 flow is released" : `${n} flows are released`),
  chosen: (n: number) => `${n} chosen`,
  choose: (flow: string) => `Choose ${flow}`,
  chooseAll: "Choose all flows of this page",
  ofChosen: "Do to the chosen flows",
  atTime: "A day and time",
  day: "Day",
  clock: "Time",
  clockForm: "24 hours, as in 09:00",
  toCome: "Give a day and a time to come",
};

const ja: typeof en = {
  frozen: "すべてのフローを保留中です",
  frozenUntil: (time) => `すべてのフローを ${time} まで保留中です`,
  by: (who, since, why) => `${why} (${who}、${since})`,
  exempt: (flows) => `対象外: ${flows}`,
  freeze: "すべてのフローを保留",
  freezeHint:
    "スケジュールとアラームでは、期間中にデプロイされたフローも含めて、どのフローも起動しません。手動では起動できます。すべてのページに表示されます。",
  without: "対象外",
  withoutHint: "これらのフローは通常どおり起動します",
  unfreeze: "すべての保留を解除",
  unfreezeHint: "スケジュールとアラームによる起動を再開します。個別に保留したフローは保留のままです。",
  unfrozen: "すべてのフローの保留を解除しました",
  didFreeze: "すべてのフローを保留しました",
  everyFlow: "すべてのフロー",
  holdSome: "保留",
  releaseSome: "解除",
  holdTitle: (n) => `${n} 件のフローを保留`,
  held: (n) => `${n} 件のフローを保留しました`,
  released: (n) => `${n} 件のフローの保留を解除しました`,
  chosen: (n) => `${n} 件選択中`,
  choose: (flow) => `${flow} を選択`,
  chooseAll: "このページのフローをすべて選択",
  ofChosen: "選択したフローの操作",
  atTime: "日時を指定",
  day: "日付",
  clock: "時刻",
  clockForm: "24 時間表記 (例: 09:00)",
  toCome: "これからの日時を指定してください",
};

export function useHoldWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
