// Fails when the compressed JavaScript and CSS that a browser loads before it shows the first page are above a limit.
// usage: node scripts/first-load.js DIST LIMIT_KB
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [dist, limit] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));

/** The chunk and all it imports statically; what it imports dynamically is loaded when it is needed. */
function chunks(key, found = new Set()) {
  if (!found.has(key)) {
    found.add(key);
    for (const imported of manifest[key].imports ?? []) chunks(imported, found);
  }
  return found;
}

function compressed(file) {
  return gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
}

// The page that opens first is part of the first load, and so are the words of the language it is shown in.
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = chunks(entry);
for (const page of ["src/pages/home.tsx", "src/i18n/ja.ts"]) chunks(page, first);
const files = new Set([...first].flatMap((key) => [manifest[key].file, ...(manifest[key].css ?? [])]));
const sizes = [...files].map((file) => [file, compressed(file) / 1000]);
const total = sizes.reduce((sum, [, kilobytes]) => sum + kilobytes, 0);
if (total > Number(limit)) {
  for (const [file, kilobytes] of sizes.sort((a, b) => b[1] - a[1]))
    console.error(`${kilobytes.toFixed(1)} kB  ${file}`);
  console.error(
    `The first load of ${total.toFixed(1)} kB is larger than ${limit} kB: import it where it is shown, with lazy().`,
  );
  process.exit(1);
}
