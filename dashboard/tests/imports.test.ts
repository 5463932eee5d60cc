import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

import ts from "typescript";
import { expect, it } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => join(SRC, name));

/** The files below `src` that a file imports: at the top, as types only, or when it needs them. */
function imported(file: string): string[] {
  return ts
    .preProcessFile(readFileSync(file, "utf8"))
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => resolve(dirname(file), fileName))
    .flatMap((path) => [path, `${path}.ts`, `${path}.tsx`, join(path, "index.ts")])
    .filter((path) => files.includes(path) && existsSync(path));
}

/** The first way from a file back to itself. */
function circle(): string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, way: string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file].map((path) => relative(SRC, path));
    if (done.has(file)) return undefined;
    for (const next of imported(file)) {
      const found = visit(next, [...way, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files) {
    const found = visit(file, []);
    if (found) return found;
  }
  return undefined;
}

it("no file of the page imports itself by way of others", () => {
  expect(files.flatMap(imported).length).toBeGreaterThan(100);
  expect(circle()).toBeUndefined();
});
