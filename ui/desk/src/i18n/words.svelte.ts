// The words of the screens. Spanish is bundled (Administration's apart), English comes when asked for; the same catalogues serve Python.
// A key with `.one` and `.other` is a plural: t(key, { n }) picks the form by Intl.PluralRules.
import type es from '../../../i18n/es.json';
import first from '../../../i18n/es.json?first';
import { setFormats } from './format';

type Catalogue = Record<string, string>;
type Base<K> = K extends `${infer Stem}.other` ? Stem : K;
export type Key = Base<keyof typeof es>;
export type Values = Record<string, string | number>;

let spanish: Catalogue = first;
const lazy: Record<string, () => Promise<{ default: Catalogue }>> = { en: () => import('../../../i18n/en.json') };
let catalogue = $state.raw<Catalogue>(spanish);
let language = $state('es');
let plurals = new Intl.PluralRules('es');

export const currentLanguage = (): string => language;

/** `es-PE` → the Spanish catalogue with Peruvian dates and numbers. */
export async function setLanguage(locale: string, tz?: string): Promise<void> {
  const code = locale.slice(0, 2).toLowerCase();
  const loaded = lazy[code] ? (await lazy[code]!()).default : spanish;
  language = lazy[code] ? code : 'es';
  plurals = new Intl.PluralRules(language);
  setFormats(locale.slice(0, 2) === language ? locale : language, tz);
  catalogue = loaded;
  if (typeof document !== 'undefined') document.documentElement.lang = locale;
}

/** Administration's words, for the screens that say any of them. */
export async function moreWords(): Promise<void> {
  if ('admin.search' in spanish) return;
  const more = (await import('../../../i18n/es.json?admin')).default;
  const bundled = catalogue === spanish;
  spanish = { ...spanish, ...more };
  if (bundled) catalogue = spanish;
}

export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** For keys known only at run time (problem.*, channel.*): falls back to `otherwise`, then to the key. */
export function words(key: string, values: Values = {}, otherwise?: string): string {
  let text = catalogue[key] ?? spanish[key];
  if (text === undefined && typeof values.n === 'number') {
    const form = `${key}.${plurals.select(values.n)}`;
    text = catalogue[form] ?? catalogue[`${key}.other`] ?? spanish[form] ?? spanish[`${key}.other`];
  }
  return text === undefined ? (otherwise ?? key) : fill(text, values);
}
export const t = (key: Key, values: Values = {}): string => words(key, values);
export const has = (key: string): boolean => key in catalogue || key in spanish;
