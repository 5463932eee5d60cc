/**
 * Patches of Cloudscape's packages, made while they are bundled.
 *
 * Design tokens: the name of a token's custom property ends with a hash, which differs between the packages' releases. A
 * package whose hashes are not those of the components would be painted with the token's fallback, in light colours in
 * the dark.
 *
 * The bar of the application layout on a phone: its <nav> has aria-orientation, which the role does not have.
 *
 * What a browser would load for nothing: the two other designs of the application layout, the texts of components that are
 * not on any page, the parser of texts, which the package delivers parsed, and design tokens that nothing uses (tokens.ts).
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

import { PROPERTY, usedOnly, withoutFallbacks } from "./tokens.ts";

const THEME = "internal/base-theme/styles.scoped.css";
const FOLLOWERS = /@cloudscape-design\/(board-components|code-view|design-tokens)\/.*\.(css|js)$/;
const STYLED = /@cloudscape-design\/.*\.(css|js)$/;
const PHONE_BAR = /@cloudscape-design\/components\/app-layout\/visual-refresh\/mobile-toolbar\.js$/;
const LAYOUT = /@cloudscape-design\/components\/app-layout\/internal\.js$/;
const REFRESHED = "export { default as AppLayoutInternal } from './visual-refresh';";
const TEXTS = /@cloudscape-design\/components\/i18n\/messages\/all\.(en|ja)\.js$/;
const COMPONENT = /@cloudscape-design\/components\/([\w-]+)\/index\.js$/;
const NOWHERE = [
  "annotation-context",
  "attribute-editor",
  "code-editor",
  "collection-preferences",
  "date-range-picker",
  "features-notification-drawer",
  "file-token-group",
  "file-upload",
  "pie-chart",
  "prompt-input",
  "property-filter",
  "s3-resource-selector",
  "slider",
  "tag-editor",
  "tree-view",
  "tutorial-panel",
  "wizard",
];

/** The properties that the components' theme defines, by their name without the hash. */
function defined(theme: string): Map<string, string> {
  const css = readFileSync(theme, "utf8");
  const found = new Map<string, string>();
  for (const [, name = "", hash = ""] of css.matchAll(/--([a-z0-9-]+)-([a-z0-9]{6}):/g)) found.set(name, hash);
  if (found.size === 0) throw new Error(`${THEME} of Cloudscape's components defines no design token`);
  return found;
}

/** By package, language and component. */
type Texts = Record<string, Record<string, Record<string, unknown>>>;

/** The texts without those of components that are nowhere. */
function shortened(code: string, language: string): string {
  const found = JSON.parse(code.slice(code.indexOf("{"), code.lastIndexOf("}") + 1)) as Texts;
  const texts = Object.entries(found["cloudscape-design-components"]?.[language] ?? {});
  if (texts.length === 0) throw new Error(`Cloudscape's texts of ${language} have another shape now`);
  const wanted = Object.fromEntries(texts.filter(([component]) => !NOWHERE.includes(component)));
  return `export default ${JSON.stringify({ "cloudscape-design-components": { [language]: wanted } })}`;
}

export function patchCloudscape(): Plugin {
  const components = dirname(createRequire(import.meta.url).resolve("@cloudscape-design/components/package.json"));
  const theme = join(components, THEME);
  const hashes = defined(theme);
  const ofTheme = usedOnly(theme, (file, code) => (LAYOUT.test(file) ? REFRESHED : code));
  const isDefined = (property: string) => hashes.get(property.slice(2, -7)) === property.slice(-6);
  return {
    name: "patch-cloudscape",
    enforce: "pre",
    config: () => ({
      resolve: { alias: { "@formatjs/icu-messageformat-parser": "@formatjs/icu-messageformat-parser/lib/no-parser" } },
    }),
    transform(code, id) {
      const file = id.split("?")[0] ?? "";
      if (PHONE_BAR.test(file)) return { code: code.replace('"aria-orientation": "horizontal", ', ""), map: null };
      if (LAYOUT.test(file)) return { code: REFRESHED, map: null };
      const [, language] = TEXTS.exec(file) ?? [];
      if (language) return { code: shortened(code, language), map: null };
      const [, component = ""] = COMPONENT.exec(file) ?? [];
      if (NOWHERE.includes(component)) throw new Error(`${component} is on a page now: its texts are wanted`);
      if (file === theme) return { code: ofTheme(code), map: null };
      if (!STYLED.test(file)) return null;
      const unified = FOLLOWERS.test(file) ? code.replace(PROPERTY, withHashOfComponents) : code;
      const made = file.endsWith(".css") ? withoutFallbacks(unified, isDefined) : unified;
      return made === code ? null : { code: made, map: null };
    },
  };

  function withHashOfComponents(property: string, name: string): string {
    const hash = hashes.get(name);
    return hash === undefined ? property : `--${name}-${hash}`;
  }
}
