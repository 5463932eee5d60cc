/** Resources in the results of parts, and what people call them. */

/** "web-1 (i-0abc)"; the id alone where it has no name. */
export function named(id: string, names: Readonly<Record<string, string>>): string {
  const name = names[id];
  return name ? `${name} (${id})` : id;
}

/** Ids in what a part returned, or in several such results of a loop or of branches. */
export interface Touched {
  /** Changed; of a dry run, would be changed. */
  changed: string[];
  /** Found, and not among those. */
  left: string[];
}

export function touchedBy(result: unknown): Touched {
  if (Array.isArray(result)) {
    const each = result.map(touchedBy);
    return { changed: each.flatMap(({ changed }) => changed), left: each.flatMap(({ left }) => left) };
  }
  const changed = listOf(result, "changed");
  return { changed, left: listOf(result, "matched").filter((id) => !changed.includes(id)) };
}

/** A long list travels as a reference to where it is kept, and is no list here. */
function listOf(result: unknown, field: string): string[] {
  if (typeof result !== "object" || result === null) return [];
  const found = (result as Record<string, unknown>)[field];
  return Array.isArray(found) ? found.map(String) : [];
}
