// Reading and writing inside a form's values by dotted path ("config.title.es"), and what changed. Pure.
export type Values = Record<string, unknown>;

export function read(values: unknown, path: string): unknown {
  let at: unknown = values;
  for (const key of path.split('.')) at = (at as Values | null | undefined)?.[key];
  return at;
}
export function write(values: Values, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop()!;
  let at = values;
  for (const key of keys) at = (at[key] ??= {}) as Values;
  at[last] = value;
}
export const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value ?? null)) as T;
/** What was read, over the defaults of what it lacks: a form always has a value to show. */
export function over(defaults: Values, values: Values): Values {
  const plainObject = (v: unknown): v is Values => typeof v === 'object' && v !== null && !Array.isArray(v);
  const out: Values = { ...defaults, ...values };
  for (const [k, v] of Object.entries(defaults)) if (plainObject(v) && plainObject(values[k])) out[k] = over(v, values[k]);
  return out;
}
/** Same in all that JSON can tell; the order of keys is none of it. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || Array.isArray(a) !== Array.isArray(b)) return false;
  const [x, y] = [a as Values, b as Values];
  const keys = new Set([...Object.keys(x), ...Object.keys(y)]);
  return [...keys].every((k) => same(x[k] ?? null, y[k] ?? null));
}
/** The whole columns (never half a column) that differ from what was read. */
export function changes(before: Values, after: Values, keys: readonly string[]): Values {
  const columns = new Set(keys.map((k) => k.split('.')[0]!));
  return Object.fromEntries([...columns].filter((c) => !same(before[c], after[c])).map((c) => [c, after[c]]));
}
/** «Inglés» and «inglés» are one name to a person. */
export const sameName = (a: unknown, b: unknown): boolean => typeof a === 'string' && typeof b === 'string' && !!a.trim() && a.trim().toLowerCase() === b.trim().toLowerCase();
/** Everything but accents and capitals, for filters. */
export const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
