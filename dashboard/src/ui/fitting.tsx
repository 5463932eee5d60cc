/** Columns that do not fit on a phone: there a row is one cell with all of them, so that nothing is out of sight. */
import Table, { type TableProps } from "@cloudscape-design/components/table";

import { useNarrow } from "./narrow";

type Column<T> = TableProps.ColumnDefinition<T>;

/** What a cell may have nothing in. */
const isEmpty = (value: React.ReactNode) =>
  value === null || value === undefined || value === false || value === "" || (Array.isArray(value) && !value.length);

/** columns: the first names the row; of the others each stands beside its header. */
export function useFitting<T>(columns: readonly Column<T>[]): readonly Column<T>[] {
  const narrow = useNarrow();
  const [first, ...rest] = columns;
  if (!narrow || !first) return columns;
  const card: Column<T> = {
    id: "card",
    header: first.header,
    isRowHeader: true,
    cell: (row) => (
      <>
        {first.cell(row)}
        <div className="card">
          {rest.map((column) => {
            const value = column.cell(row);
            return (
              !isEmpty(value) && (
                <div key={column.id} className="card-line">
                  <span className="card-label">{column.header}</span>
                  <div>{value}</div>
                </div>
              )
            );
          })}
        </div>
      </>
    ),
  };
  return [card];
}

export function FittingTable<T>({ columnDefinitions, ...props }: TableProps<T>) {
  return <Table {...props} columnDefinitions={useFitting(columnDefinitions)} />;
}
