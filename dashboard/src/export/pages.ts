/** Reads a list of the API to its end, page by page. */

/** Rows of a file at most. */
export const MOST = 10_000;

interface Page<T> {
  items: readonly T[];
  cursor: string | null;
}

export async function allPages<T>(
  read: (cursor: string | undefined) => Promise<Page<T>>,
): Promise<{ rows: T[]; cut: boolean }> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    rows.push(...page.items);
    cursor = page.cursor ?? undefined;
  } while (cursor && rows.length < MOST);
  return { rows: rows.slice(0, MOST), cut: cursor !== undefined || rows.length > MOST };
}
