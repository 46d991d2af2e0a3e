/**
 * The build's own two steps: the catalogue of one language (of all, for the preview) as
 * `virtual:words`, so that a visitor fetches only the words he reads; and an import left alone.
 */
import { readFileSync } from "node:fs";

export const LANGUAGES = ["es", "en"];

function words(language, played) {
  const file = new URL(`words.${language}.json`, import.meta.url);
  const all = Object.entries(JSON.parse(readFileSync(file, "utf8")));
  return Object.fromEntries(all.filter(([key]) => played || !key.startsWith("preview.")));
}

/** `played`: the words of the preview's conversation too. */
export function catalogues(languages, played = false) {
  const name = "virtual:words";
  const made = () => Object.fromEntries(languages.map((each) => [each, words(each, played)]));
  return {
    name: "widget-words",
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load: (id) => (id === `\0${name}` ? `export default ${JSON.stringify(made())}` : null),
  };
}

/** `IMPORT(url)` becomes `import(url)` after bundling: the bundler would wrap it in 400 bytes of helper. */
export const plainImport = {
  name: "widget-plain-import",
  renderChunk: (code) => code.replace(/\bIMPORT\(/g, "import("),
};
