/**
 * Which of Cloudscape's design tokens the page needs. The components come with a style sheet that defines all of them, in
 * each mode and context; what no component on any page uses is left out, and so are the values for browsers without the
 * definitions, which every page has.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const SRC = resolve(import.meta.dirname, "src");
const IMPORT = /(?:from|import)\s*\(?\s*["']([^"']+)["']/g;
/** Modules that have a constant for every token there is. */
const CONSTANTS = /(@cloudscape-design\/design-tokens|generated\/styles\/tokens)$/;
/** A token's custom property: its name, and a hash that differs between the packages. */
export const PROPERTY = /--([a-z0-9-]+)-([a-z0-9]{6})\b/g;
const DEFINITION = /--([a-z0-9-]+)-([a-z0-9]{6})\s*:([^;{}]*);?/g;
const FALLBACK = /var\((--[a-z0-9-]+-[a-z0-9]{6}),/g;
const MISSING = { throwIfNoEntry: false } as const;

const { resolve: find } = createRequire(import.meta.url);

/** The names of the tokens in everything that the page imports of Cloudscape but `theme`, which defines them. */
function named(theme: string, patched: (file: string, code: string) => string): Set<string> {
  const found = new Set<string>();
  const constants = constantsOf(find("@cloudscape-design/design-tokens"));
  const seen = new Set<string>([theme]);
  const visit = (path: string) => {
    const file = [path, `${path}.js`, join(path, "index.js")].find((each) => statSync(each, MISSING)?.isFile());
    if (file === undefined || seen.has(file)) return;
    seen.add(file);
    const code = patched(file, readFileSync(file, "utf8"));
    for (const [, name = ""] of code.matchAll(PROPERTY)) found.add(name);
    for (const [, wanted = ""] of code.matchAll(IMPORT)) {
      if (CONSTANTS.test(wanted)) {
        for (const [word] of code.matchAll(/\w+/g)) found.add(constants.get(word) ?? "");
      } else if (wanted.startsWith("@cloudscape-design/")) visit(find(wanted));
      else if (wanted.startsWith(".") && !file.startsWith(SRC)) visit(resolve(dirname(file), wanted));
    }
  };
  for (const name of readdirSync(SRC, { recursive: true, encoding: "utf8" }))
    if (/\.tsx?$/.test(name)) visit(join(SRC, name));
  return found;
}

/** The token behind each constant, as a module of constants has it. */
function constantsOf(module: string): Map<string, string> {
  const values = readFileSync(module, "utf8").matchAll(/\b(\w+) = "var\(--([a-z0-9-]+)-[a-z0-9]{6},/g);
  const found = new Map([...values].map(([, constant = "", name = ""]) => [constant, name]));
  if (found.size === 0) throw new Error(`${module} has no design tokens`);
  return found;
}

/** A function that leaves out of the style sheet `theme` the tokens that nothing of the page uses. */
export function usedOnly(theme: string, patched: (file: string, code: string) => string): (css: string) => string {
  const used = named(theme, patched);
  return (css) => {
    // A token's value may be another token.
    for (let before = -1; before !== used.size;) {
      before = used.size;
      for (const [, name = "", , value = ""] of css.matchAll(DEFINITION))
        if (used.has(name)) for (const [, other = ""] of value.matchAll(PROPERTY)) used.add(other);
    }
    return css.replace(DEFINITION, (definition, name: string) => (used.has(name) ? definition : ""));
  };
}

/** CSS without the values that its tokens would have where they are not defined; `defined` says which are. */
export function withoutFallbacks(css: string, defined: (property: string) => boolean): string {
  let made = "";
  let from = 0;
  for (const match of css.matchAll(FALLBACK)) {
    const [whole, property = ""] = match;
    if (match.index < from || !defined(property)) continue;
    made += `${css.slice(from, match.index)}var(${property})`;
    from = closed(css, match.index + whole.length);
  }
  return made + css.slice(from);
}

/** Where the bracket that is open at a place ends. */
function closed(css: string, at: number): number {
  for (let depth = 1; depth > 0; at += 1) {
    if (css[at] === "(") depth += 1;
    else if (css[at] === ")") depth -= 1;
    else if (css[at] === undefined) throw new Error("a bracket of a style sheet is not closed");
  }
  return at;
}
