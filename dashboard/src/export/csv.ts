/** Rows as CSV (RFC 4180). */

/** What a spreadsheet would compute, also by its wide signs, or hide a formula behind ("CSV Injection", OWASP). */
const FORMULA = /^[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]/;

/** Objects as CSV, a column for each of their fields, with those of nested objects as "trigger.by". */
export function toCsv(rows: readonly object[]): string {
  const flat = rows.map((row) => Object.fromEntries(fields(row, "")));
  const names = [...new Set(flat.flatMap((row) => Object.keys(row)))];
  // An object that is null in some rows has a column for each of its fields, and none of its own.
  const objects = new Set(names.flatMap(objectsOf));
  const columns = names.filter((name) => !objects.has(name));
  const lines = [columns, ...flat.map((row) => columns.map((column) => row[column]))];
  return lines.map((line) => `${line.map(cell).join(",")}\r\n`).join("");
}

/** "a.b.c" is of the objects "a" and "a.b". */
function objectsOf(column: string): string[] {
  const path = column.split(".");
  return path.slice(1).map((_, depth) => path.slice(0, depth + 1).join("."));
}

function* fields(value: object, before: string): Generator<[string, unknown]> {
  for (const [name, each] of Object.entries(value) as [string, unknown][]) {
    if (each !== null && typeof each === "object" && !Array.isArray(each)) yield* fields(each, `${before}${name}.`);
    else yield [`${before}${name}`, each];
  }
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
