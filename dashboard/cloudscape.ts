/**
 * Patches of Cloudscape's packages, made while they are bundled.
 *
 * Design tokens: the name of a token's custom property ends with a hash, which differs between the packages' releases. A
 * package whose hashes are not those of the components would be painted with the token's fallback, in light colours in
 * the dark.
 *
 * The bar of the application layout on a phone: its <nav> has aria-orientation, which the role does not have.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const THEME = "internal/base-theme/styles.scoped.css";
const FOLLOWERS = /@cloudscape-design\/(board-components|code-view|design-tokens)\/.*\.(css|js)$/;
const PHONE_BAR = /@cloudscape-design\/components\/app-layout\/visual-refresh\/mobile-toolbar\.js$/;
const PROPERTY = /--([a-z0-9-]+)-([a-z0-9]{6})\b/g;

/** The properties that the components define, by their name without the hash. */
function defined(): Map<string, string> {
  const components = dirname(createRequire(import.meta.url).resolve("@cloudscape-design/components/package.json"));
  const css = readFileSync(join(components, THEME), "utf8");
  const found = new Map<string, string>();
  for (const [, name = "", hash = ""] of css.matchAll(/--([a-z0-9-]+)-([a-z0-9]{6}):/g)) found.set(name, hash);
  if (found.size === 0) throw new Error(`${THEME} of Cloudscape's components defines no design token`);
  return found;
}

export function patchCloudscape(): Plugin {
  const hashes = defined();
  return {
    name: "patch-cloudscape",
    enforce: "pre",
    transform(code, id) {
      const file = id.split("?")[0] ?? "";
      if (PHONE_BAR.test(file)) return { code: code.replace('"aria-orientation": "horizontal", ', ""), map: null };
      if (!FOLLOWERS.test(file)) return null;
      const unified = code.replace(PROPERTY, (property, name: string) => {
        const hash = hashes.get(name);
        return hash === undefined ? property : `--${name}-${hash}`;
      });
      return unified === code ? null : { code: unified, map: null };
    },
  };
}
