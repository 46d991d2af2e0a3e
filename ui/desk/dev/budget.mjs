// Fails when the first load of the desk is heavier than promised: 110 kB of JavaScript and 15 kB of CSS, gzipped.
// First load = what index.html names, what that imports at once, and the agent's own screen.
import { readFileSync, readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMITS = { js: 110_000, css: 15_000 };
const dist = new URL(process.argv[2] ? `file://${process.argv[2]}/` : '../../dist/desk/', import.meta.url);
const assets = new URL('assets/', dist);
const files = readdirSync(assets);
const screen = files.filter((f) => /^DeskScreen-.*\.(js|css)$/.test(f));
const first = new Set([...readFileSync(new URL('index.html', dist), 'utf8').matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map((m) => m[1]).concat(screen));

for (const file of first) {
  if (!file.endsWith('.js')) continue;
  const text = readFileSync(new URL(file, assets), 'utf8');
  for (const m of text.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) first.add(m[1]);
}
const sums = { js: 0, css: 0 };
for (const file of [...first].sort()) {
  const size = gzipSync(readFileSync(new URL(file, assets)), { level: 9 }).length;
  sums[file.endsWith('.css') ? 'css' : 'js'] += size;
  console.log(`${String(size).padStart(8)}  ${file}`);
}
let over = false;
for (const [kind, sum] of Object.entries(sums)) {
  over ||= sum > LIMITS[kind];
  console.log(`${kind}: ${(sum / 1000).toFixed(1)} kB gz of ${LIMITS[kind] / 1000}`);
}
process.exit(over ? 1 : 0);
