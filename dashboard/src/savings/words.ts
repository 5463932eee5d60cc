/** The words of what stopped instances have saved; loaded with the report. */
import { useLanguage } from "../i18n/language";

const en = {
  title: "Money saved",
  type: "Instance type",
  region: "Region",
  hours: "Hours saved",
  price: "Price an hour",
  money: "Saved",
  unknownType: "Type not known",
  noPrice: "No price known",
  fetching: "Being fetched",
  some: "where a price is known",
  formula:
    "Saved = hours saved × on-demand price of the type in its Region, with Linux. Storage and addresses of stopped instances go on costing; discounts are not counted.",
};

const ja: typeof en = {
  title: "削減した金額",
  type: "インスタンスタイプ",
  region: "リージョン",
  hours: "削減した時間",
  price: "1 時間の料金",
  money: "削減額",
  unknownType: "タイプ不明",
  noPrice: "料金不明",
  fetching: "料金を取得中",
  some: "料金がわかる分のみ",
  formula:
    "削減額 = 削減した時間 × そのリージョンでのタイプのオンデマンド料金 (Linux)。停止中もストレージと IP アドレスの料金はかかります。割引は考慮していません。",
};

export function useSavingWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
