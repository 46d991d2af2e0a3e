// Adds words to both catalogues: `node desk/dev/words.mjs < more.json` with {"key": ["español", "English"]}.
// Reads again, merges, sorts and writes at once, so that two people adding words do not undo each other.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

const more = JSON.parse(readFileSync(0, 'utf8'));
['es', 'en'].forEach((language, i) => {
  const file = new URL(`../../i18n/${language}.json`, import.meta.url);
  let held = {};
  try {
    held = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  for (const [key, pair] of Object.entries(more)) held[key] = pair[i];
  const sorted = Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)));
  const part = new URL(`../../i18n/.${language}.part`, import.meta.url);
  writeFileSync(part, JSON.stringify(sorted, null, 2) + '\n');
  renameSync(part, file);
});
