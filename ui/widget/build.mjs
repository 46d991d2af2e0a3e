/**
 * Builds the widget into ui/dist/widget: the app once a language, then the loader, which carries the
 * apps' hash so that they can be cached for ever, and the administrator's preview.  Prints the sizes
 * and fails when one is over its budget.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { catalogues, LANGUAGES, plainImport } from "./plugins.mjs";

const root = fileURLToPath(new URL(".", import.meta.url));
const outDir = fileURLToPath(new URL("../dist/widget", import.meta.url));
const APP = 15 * 1024;
const BUDGET = { "w.js": 1536, "app.js": APP, "app.en.js": APP };

const bundle = (input, file, { format = "es", languages = [], define = {}, first = false } = {}) =>
  build({
    root,
    configFile: false,
    logLevel: "warn",
    define,
    plugins: [catalogues(languages, languages.length > 1), plainImport],
    build: {
      outDir,
      emptyOutDir: first,
      copyPublicDir: false,
      target: "es2022",
      cssMinify: "lightningcss",
      reportCompressedSize: false,
      // Not Vite's library mode: that leaves the blanks of ES modules in.
      rolldownOptions: {
        input: `${root}${input}`,
        preserveEntrySignatures: "strict",
        output: { format, entryFileNames: file, codeSplitting: false },
      },
    },
  });

const appName = (language) => (language === "es" ? "app.js" : `app.${language}.js`);
for (const [i, language] of LANGUAGES.entries()) {
  await bundle("src/app.ts", appName(language), { languages: [language], first: i === 0 });
}
await bundle("src/preview.ts", "preview.js", { languages: LANGUAGES });
const hash = createHash("sha256");
for (const language of LANGUAGES) hash.update(readFileSync(`${outDir}/${appName(language)}`));
const define = { APP_HASH: JSON.stringify(hash.digest("hex").slice(0, 12)) };
await bundle("loader/loader.ts", "w.js", { format: "iife", define });

const over = Object.entries(BUDGET).filter(([name, budget]) => {
  const bytes = gzipSync(readFileSync(`${outDir}/${name}`), { level: 9 }).length;
  console.log(`widget/${name}: ${bytes} B gz of ${budget}`);
  return bytes > budget;
});
if (over.length) {
  console.error(`widget: over budget: ${over.map(([name]) => name).join(", ")}`);
  process.exit(1);
}
