// Prints the compressed JavaScript that a browser loads before it shows the first page, and fails above a limit.
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

function compressed(key) {
  return gzipSync(readFileSync(join(dist, manifest[key].file)), { level: 9 }).length;
}

// The page that opens first is part of the first load, and so are the words of the language it is shown in.
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = chunks(entry);
for (const page of ["src/pages/home.tsx", "src/i18n/ja.ts"]) chunks(page, first);
const sizes = [...first].map((key) => [manifest[key].file, compressed(key) / 1000]);
for (const [file, kilobytes] of sizes.sort((a, b) => b[1] - a[1])) console.log(`${kilobytes.toFixed(1)} kB  ${file}`);
const total = sizes.reduce((sum, [, kilobytes]) => sum + kilobytes, 0);
console.log(`first load: ${total.toFixed(1)} kB of compressed JavaScript (limit ${limit} kB)`);
if (total > Number(limit)) {
  console.error(`The first load is larger than ${limit} kB: import it where it is shown, with lazy().`);
  process.exit(1);
}
