/** The words of favourites, and of finding flows. */
import { useLanguage } from "../i18n/language";

const en = {
  star: (flow: string) => `Add ${flow} to your favourites`,
  unstar: (flow: string) => `Remove ${flow} from your favourites`,
  favourites: "Favourites only",
  folder: "Folder",
  everyFolder: "Every folder",
  folderIs: (folder: string) => `Folder ${folder}`,
  matches: (n: number) => (n === 1 ? "1 flow" : `${String(n)} flows`),
};

const ja: typeof en = {
  star: (flow) => `${flow} をお気に入りに追加`,
  unstar: (flow) => `${flow} をお気に入りから削除`,
  favourites: "お気に入りのみ",
  folder: "フォルダー",
  everyFolder: "すべてのフォルダー",
  folderIs: (folder) => `フォルダー ${folder}`,
  matches: (n) => `${String(n)} 件`,
};

export function useFlowWords(): typeof en {
  return useLanguage().language === "ja" ? ja : en;
}
