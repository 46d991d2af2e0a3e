// Builds the desk (agent, supervisor, administrator) into ui/dist/desk; `vitest` reads it too.
// Relative addresses, so that the pages work behind any path of a proxy.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const backend = process.env.ATIENDE_DEV_BACKEND ?? 'http://127.0.0.1:8000';

/** `es.json?first` is the catalogue without Administration's words, `es.json?admin` those alone: an agent needs none of them. */
const halves = {
  name: 'halves',
  enforce: 'pre' as const,
  load(id: string) {
    const [, file, half] = /^(.*[/]i18n[/]es[.]json)[?](first|admin)$/.exec(id) ?? [];
    if (!file) return undefined;
    const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>);
    const kept = Object.fromEntries(all.filter(([key]) => key.startsWith('admin.') === (half === 'admin')));
    return { code: `export default ${JSON.stringify(kept)};`, moduleType: 'js' };
  },
};

export default defineConfig({
  root: here,
  base: './',
  plugins: [halves, svelte({ compilerOptions: { runes: true } })],
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  build: {
    outDir: '../dist/desk',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: { host: '127.0.0.1', proxy: { '/api': backend, '/live': { target: backend, ws: true } } },
  test: { include: ['tests/**/*.test.ts'] },
} as import('vitest/config').ViteUserConfig);
