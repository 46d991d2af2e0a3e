// Dates, numbers and durations as the organisation's country writes them.
type Settings = { locale: string; tz: string | undefined };
let now: Settings = { locale: 'es', tz: undefined };
const made = new Map<string, Intl.DateTimeFormat>();

export function setFormats(locale: string, tz?: string): void {
  now = { locale, tz };
  made.clear();
}

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  let found = made.get(key);
  if (!found) {
    const zone = now.tz ? { timeZone: now.tz } : {};
    made.set(key, (found = new Intl.DateTimeFormat(now.locale, { ...options, ...zone })));
  }
  return found;
}
const as = (at: string | number | Date, options: Intl.DateTimeFormatOptions): string => formatter(options).format(new Date(at));

/** 10:38 (24 hours, as the desks of the region write it) */
export const clock = (at: string | number | Date): string => as(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
/** jueves 12 de noviembre */
export const longDay = (at: string | number | Date): string => as(at, { weekday: 'long', day: 'numeric', month: 'long' });
/** 12 de noviembre */
export const monthDay = (at: string | number | Date): string => as(at, { day: 'numeric', month: 'long' });
/** 12 nov */
export const shortDay = (at: string | number | Date): string => as(at, { day: 'numeric', month: 'short' });
/** 12 nov 2026 */
export const fullDay = (at: string | number | Date): string => as(at, { day: 'numeric', month: 'short', year: 'numeric' });
export const dayKey = (at: string | number | Date): string => as(at, { year: 'numeric', month: '2-digit', day: '2-digit' });
export const year = (at: string | number | Date): string => as(at, { year: 'numeric' });
/** 12 nov 2026, 10:38 */
export const moment = (at: string | number | Date): string => `${fullDay(at)}, ${clock(at)}`;
/** The clock for today, the short day before. */
export const when = (at: string, today: number): string => (dayKey(at) === dayKey(today) ? clock(at) : shortDay(at));

/** 0:52 · 12:04 · 1 h 20 min */
export function span(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
  const minutes = Math.floor((s % 3600) / 60);
  return minutes ? `${Math.floor(s / 3600)} h ${minutes} min` : `${Math.floor(s / 3600)} h`;
}
export const number = (n: number, options?: Intl.NumberFormatOptions): string => new Intl.NumberFormat(now.locale, options).format(n);
export const percent = (n: number): string => number(n / 100, { style: 'percent', maximumFractionDigits: 1 });
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 1e6) return `${number(n / 1000, { maximumFractionDigits: 0 })} kB`;
  return `${number(n / 1e6, { maximumFractionDigits: 1 })} MB`;
}
