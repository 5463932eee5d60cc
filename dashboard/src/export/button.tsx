/** Takes what a page shows along, as a file of CSV or JSON. */
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import { useState } from "react";

import { useLanguage } from "../i18n/language";
import { useNotices } from "../ui/notices";
import { toCsv } from "./csv";

const en = {
  title: "Export",
  csv: "As CSV",
  json: "As JSON",
  cut: (n: number) => `Only the first ${String(n)} are in the file.`,
};
const ja: typeof en = {
  title: "エクスポート",
  csv: "CSV",
  json: "JSON",
  cut: (n) => `ファイルには最初の ${String(n)} 件のみ含まれます。`,
};

interface Props {
  /** Of the file, without its ending. */
  name: string;
  /** All rows, also those of later pages; cut: whether there are more. */
  read: () => Promise<{ rows: readonly object[]; cut: boolean }>;
}

export function ExportButton({ name, read }: Props) {
  const words = useLanguage().language === "ja" ? ja : en;
  const notices = useNotices();
  const [pending, setPending] = useState(false);
  const take = async (form: string) => {
    setPending(true);
    try {
      const { rows, cut } = await read();
      const text = form === "csv" ? toCsv(rows) : `${JSON.stringify(rows, null, 2)}\n`;
      save(`${name}.${form}`, form === "csv" ? "text/csv" : "application/json", text);
      if (cut) notices.warn(words.cut(rows.length));
    } catch (error) {
      notices.fail(words.title, error instanceof Error ? error : new Error(String(error)));
    } finally {
      setPending(false);
    }
  };
  return (
    <ButtonDropdown
      loading={pending}
      items={[
        { id: "csv", text: words.csv },
        { id: "json", text: words.json },
      ]}
      onItemClick={({ detail }) => void take(detail.id)}
    >
      {words.title}
    </ButtonDropdown>
  );
}

function save(name: string, type: string, text: string): void {
  // Excel takes a file for UTF-8 only when it begins with this mark.
  const mark = type === "text/csv" ? "\ufeff" : "";
  const url = URL.createObjectURL(new Blob([mark, text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
