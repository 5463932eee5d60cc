/** The words of arranging a board; the others are those of its panels. */
import { useLanguage } from "../i18n/language";

const en = {
  usual: "Show the usual panels",
  toUsual: "Back to the default",
  isUsual: "Your page has the default panels again",
  arrange: "Boards of groups",
  ofGroup: (group: string) => `Default board of ${group}`,
  ofGroupHint: "What members of the group see until they arrange a page of their own.",
  emptyGroup: "The group has no panels",
  noDefault: "The group has no board of its own yet: its members see these panels.",
  buttons: "Buttons",
  buttonsHint: "In this order; all when none is chosen",
  ordered: "Drag, or use the arrow keys, to change the order.",
  columns: "Columns",
  usualColumns: "Usual columns",
  add: "Add a button",
  unknown: (id: string) => `${id} (no longer there)`,
};

const ja: typeof en = {
  usual: "標準のパネルを表示",
  toUsual: "標準に戻す",
  isUsual: "標準のパネルに戻しました",
  arrange: "グループのページ",
  ofGroup: (group) => `${group} の標準ページ`,
  ofGroupHint: "グループのメンバーが自分のページを編集するまで表示されます。",
  emptyGroup: "パネルがありません",
  noDefault: "グループの標準ページはまだありません。メンバーには次のパネルが表示されます。",
  buttons: "実行ボタン",
  buttonsHint: "この順に表示します。選択しない場合はすべて表示します",
  ordered: "ドラッグまたは矢印キーで順番を変更できます。",
  columns: "列の表示",
  usualColumns: "標準の列に戻す",
  add: "ボタンを追加",
  unknown: (id) => `${id}(削除済み)`,
};

export function useArrangingWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
