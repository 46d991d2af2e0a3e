// Dates, numbers and durations as the organisation's country writes them.
type Settings = { locale: string; tz: string | undefined };
let now: Settings = { locale: 'es', tz: undefined };
type Made = { format: Intl.DateTimeFormat; told: Map<string | number, string> };
const made = new Map<Intl.DateTimeFormatOptions, Made>();
// Formatting a moment costs tens of microseconds and a list asks for the same ones at every change.
const REMEMBERED = 3000;

export function setFormats(locale: string, tz?: string): void {
  now = { locale, tz };
  made.clear();
}

function as(at: string | number | Date, options: Intl.DateTimeFormatOptions): string {
  let found = made.get(options);
  if (!found) {
    const zone = now.tz ? { timeZone: now.tz } : {};
    made.set(options, (found = { format: new Intl.DateTimeFormat(now.locale, { ...options, ...zone }), told: new Map() }));
  }
  const key = at instanceof Date ? at.getTime() : at;
  let text = found.told.get(key);
  if (text === undefined) {
    if (found.told.size >= REMEMBERED) found.told.clear();
    found.told.set(key, (text = found.format.format(new Date(at))));
  }
  return text;
}
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
const LONG_DAY = { weekday: 'long', day: 'numeric', month: 'long' } as const;
const MONTH_DAY = { day: 'numeric', month: 'long' } as const;
const SHORT_DAY = { day: 'numeric', month: 'short' } as const;
const FULL_DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const;
const DAY_KEY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
const YEAR = { year: 'numeric' } as const;

/** 10:38 (24 hours, as the desks of the region write it) */
export const clock = (at: string | number | Date): string => as(at, CLOCK);
/** jueves 12 de noviembre */
export const longDay = (at: string | number | Date): string => as(at, LONG_DAY);
/** 12 de noviembre */
export const monthDay = (at: string | number | Date): string => as(at, MONTH_DAY);
/** 12 nov */
export const shortDay = (at: string | number | Date): string => as(at, SHORT_DAY);
/** 12 nov 2026 */
export const fullDay = (at: string | number | Date): string => as(at, FULL_DAY);
export const dayKey = (at: string | number | Date): string => as(at, DAY_KEY);
/** 2026-11-29, the day it is where the company is: what date fields hold. */
export const isoDay = (at: string | number | Date): string => new Intl.DateTimeFormat('sv-SE', now.tz ? { timeZone: now.tz } : {}).format(new Date(at));
export const year = (at: string | number | Date): string => as(at, YEAR);
/** 12 nov 2026, 10:38 */
export const moment = (at: string | number | Date): string => `${fullDay(at)}, ${clock(at)}`;
/** The clock for today, the short day before. */
export const when = (at: string, today: number): string => (dayKey(at) === dayKey(today) ? clock(at) : shortDay(at));

/** 0:52 · 12:04 · 1 h 20 min */
export function span(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s >= 172_800) return number(Math.floor(s / 86_400), { style: 'unit', unit: 'day', unitDisplay: 'long' });
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
