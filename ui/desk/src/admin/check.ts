// What a form can tell before asking the server, and the server's answer brought to the same shape. Pure.
import { ApiError } from '../api/client';
import type { FieldSpec } from './section';
import { read, type Values } from './values';

/** field key → key under `field.` */
export type Faults = Record<string, string>;

const SITE = /^(https?:\/\/)?(\*\.)?[\p{L}\p{N}._-]+(:\d{1,5})?\/?$/iu;
/** The first line that is no site: a site is its name alone, or with http(s):// before it. */
export const badSite = (lines: readonly string[]): string | undefined =>
  lines.map((l) => l.trim()).find((l) => l && !(SITE.test(l) && (l.includes('://') || l.includes('.'))));
/** `nandu.pe` is meant as https://nandu.pe: the person sees it as it will be kept. */
export const withHttps = (lines: readonly string[]): string[] =>
  lines.map((l) => (l && !l.includes('://') && !badSite([l]) ? `https://${l.replace(/\/$/, '')}` : l));

export const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const empty = (v: unknown): boolean => v === null || v === undefined || (typeof v === 'string' && !v.trim()) || (Array.isArray(v) && !v.length);

export function check(fields: readonly FieldSpec[], draft: Values): Faults {
  const faults: Faults = {};
  for (const f of fields) {
    if (f.show && !f.show(draft)) continue;
    const v = read(draft, f.key);
    if (empty(v)) {
      if (f.required || (f.kind === 'number' && !f.nullable)) faults[f.key] = 'required';
    } else if (f.kind === 'email' && !EMAIL.test(String(v).trim())) faults[f.key] = 'email';
    else if (typeof v === 'string' && f.max && f.kind !== 'number' && v.length > f.max) faults[f.key] = 'too_long';
    else if (f.kind === 'lines' && f.pattern) { if ((v as string[]).some((l) => l && !f.pattern!.test(l))) faults[f.key] = f.says ?? 'invalid'; }
    else if (f.kind === 'lines' && badSite(v as string[])) faults[f.key] = 'origin';
    else if (f.kind === 'color' && !/^#[0-9a-f]{6}$/i.test(String(v))) faults[f.key] = 'color';
    else if (f.pattern && !f.pattern.test(String(v).trim())) faults[f.key] = f.says ?? 'invalid';
    else if (f.kind === 'number') {
      const n = Number(v);
      if (!Number.isInteger(n)) faults[f.key] = 'number';
      else if (f.min !== undefined && n < f.min) faults[f.key] = 'too_small';
      else if (f.max !== undefined && n > f.max) faults[f.key] = 'too_big';
    }
  }
  return faults;
}

/** The server names a column, or a path inside it: whatever matches a field stands beside it. */
export function faultsOf(error: unknown, fields: readonly FieldSpec[]): Faults {
  if (!(error instanceof ApiError)) return {};
  const faults: Faults = {};
  for (const [name, key] of Object.entries(error.fields)) {
    const at = fields.find((f) => f.key === name) ?? fields.find((f) => name.startsWith(`${f.key}.`) || f.key.startsWith(`${name}.`));
    if (at) faults[at.key] = key;
  }
  return faults;
}
