/** A long list page by page; a short one has no pages. */
import Pagination from "@cloudscape-design/components/pagination";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { useState, type ReactNode } from "react";

const SIZE = 50;

export function usePaged<T>(items: readonly T[], size = SIZE): { page: readonly T[]; pagination: ReactNode } {
  const [chosen, setChosen] = useState(1);
  const pages = Math.ceil(items.length / size);
  // A list that was filtered may have fewer pages than before.
  const current = Math.min(chosen, Math.max(1, pages));
  return {
    page: items.slice((current - 1) * size, current * size),
    pagination: pages > 1 && (
      <Pagination
        currentPageIndex={current}
        pagesCount={pages}
        onChange={({ detail }) => setChosen(detail.currentPageIndex)}
      />
    ),
  };
}

/** A table of what may be many rows. */
export function PagedTable<T>({ items, ...props }: Omit<TableProps<T>, "pagination">) {
  const { page, pagination } = usePaged(items);
  return <Table {...props} items={page} pagination={pagination} />;
}
