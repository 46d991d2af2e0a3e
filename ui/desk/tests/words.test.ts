// The catalogues: both languages whole, every word used exists, plurals and values filled.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import en from '../../i18n/en.json';
import es from '../../i18n/es.json';
import { setFormats, span, when } from '../src/i18n/format';
import { fill, setLanguage, t, words } from '../src/i18n/words.svelte';

const source = new URL('../src/', import.meta.url).pathname;
function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : /\.(svelte|ts)$/.test(name) ? [path] : [];
  });
}
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]!).sort();

describe('catalogues', () => {
  it('have the same keys in both languages, sorted', () => {
    expect(Object.keys(en)).toEqual(Object.keys(es));
    expect(Object.keys(es)).toEqual([...Object.keys(es)].sort());
  });
  it('have the same holes to fill in both languages', () => {
    const english = en as Record<string, string>;
    for (const [key, text] of Object.entries(es)) expect([key, ...holes(english[key] ?? '')]).toEqual([key, ...holes(text)]);
  });
  it('hold every word the screens use', () => {
    const held = es as Record<string, string>;
    const lost = files(source).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\b(?:t|words)\('([\w.]+)'/g)].map((m) => m[1]!).filter((key) => !(key in held) && !(`${key}.other` in held)).map((key) => `${file}: ${key}`));
    expect(lost).toEqual([]);
  });
});

describe('words', () => {
  beforeEach(() => setLanguage('es'));
  it('pick the plural by number and fill the values', () => {
    expect(t('transfer.waiting', { n: 3 })).toBe('3 en espera');
    expect(t('timeline.new', { n: 1 })).toBe('1 mensaje nuevo');
    expect(t('timeline.new', { n: 0 })).toBe('0 mensajes nuevos');
  });
  it('leave a hole without a value as it is, and never read code from values', () => {
    expect(fill('hola {nombre}', {})).toBe('hola {nombre}');
    expect(fill('hola {nombre}', { nombre: '{otro}' })).toBe('hola {otro}');
  });
  it('fall back to what was given, then to the key', () => {
    expect(words('problem.nope', {}, 'otra cosa')).toBe('otra cosa');
    expect(words('problem.nope')).toBe('problem.nope');
  });
  it('change with the language', async () => {
    await setLanguage('en-US');
    expect(t('kit.undo')).toBe('Undo');
    await setLanguage('es-PE');
    expect(t('kit.undo')).toBe('Deshacer');
  });
});

describe('formats', () => {
  it('write spans as the desk reads them', () => {
    expect([span(52), span(724), span(4800), span(7200), span(-3), span(10_368_000)]).toEqual(['0:52', '12:04', '1 h 20 min', '2 h', '0:00', '120 días']);
  });
  it('use the time zone of the organisation', () => {
    setFormats('es', 'America/Lima');
    expect(when('2026-11-24T15:38:00Z', Date.parse('2026-11-24T20:00:00Z'))).toBe('10:38');
    expect(when('2026-11-12T15:38:00Z', Date.parse('2026-11-24T20:00:00Z'))).toMatch(/^12 nov/);
  });
});
