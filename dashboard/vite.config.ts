import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

import { patchCloudscape } from "./cloudscape.ts";

/** Puts the fonts that Cloudscape's styles hold as data: URLs into files, from which a browser takes only those it needs. */
function fontFiles(): Plugin {
  return {
    name: "font-files",
    generateBundle(_options, bundle) {
      for (const asset of Object.values(bundle)) {
        if (asset.type !== "asset" || !asset.fileName.endsWith(".css")) continue;
        const css = typeof asset.source === "string" ? asset.source : Buffer.from(asset.source).toString();
        asset.source = css.replace(/url\("?data:font\/woff2;base64,([\w+/=]+)"?\)/g, (_url, font: string) => {
          const source = Buffer.from(font, "base64");
          const file = this.emitFile({ type: "asset", name: "open-sans.woff2", source });
          return `url(/${this.getFileName(file)})`;
        });
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), patchCloudscape(), fontFiles()],
  build: {
    target: "es2023",
    // The content security policy allows no inline script and no data: font or script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
  server: { proxy: { "/api": process.env.NIGHTSHIFT_DASHBOARD ?? "http://127.0.0.1:4580" } },
});
