/** Which columns a table shows, and in which order (列の表示). */
import type { TableProps } from "@cloudscape-design/components/table";

/** The ids of the columns that somebody has chosen; nothing for the usual ones. */
export type Columns = readonly string[] | null | undefined;

/** chosen: by their ids; nothing for the usual ones, which are all but those that are `hidden` unless wanted. */
export function shownColumns<T>(
  all: readonly TableProps.ColumnDefinition<T>[],
  chosen: Columns,
  hidden: readonly string[] = [],
): readonly TableProps.ColumnDefinition<T>[] {
  if (!chosen) return all.filter(({ id = "" }) => !hidden.includes(id));
  const found = chosen.flatMap((id) => all.find((column) => column.id === id) ?? []);
  // A table of columns that there are no more is of no use.
  return found.length > 0 ? found : shownColumns(all, null, hidden);
}
