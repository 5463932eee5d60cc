/** The words of choosing instances of the fleet. */
import { useLanguage } from "../i18n/language";

const en = {
  find: "Find an instance: name, id, type, tag",
  filter: "State, account, Region and tags",
  any: "Any state, account, Region and tag",
  kinds: { state: "State", account: "Account", region: "Region", tag: "Tags" },
};

const ja: typeof en = {
  find: "インスタンスを検索: 名前、ID、タイプ、タグ",
  filter: "状態、アカウント、リージョン、タグ",
  any: "状態、アカウント、リージョン、タグで絞り込み",
  kinds: { state: "状態", account: "アカウント", region: "リージョン", tag: "タグ" },
};

export function useFleetWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
