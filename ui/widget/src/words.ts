/** Words and times in the visitor's language: the bundle of each language carries its catalogue. */
import catalogues from "virtual:words";
import type es from "../words.es.json";
import type { Lang } from "./types";

export type Key = keyof typeof es;

export interface Words {
  lang: Lang;
  t(key: Key, values?: Record<string, string | number>): string;
  /** A key made from what the server said; what is not in the catalogue falls back. */
  said(prefix: "error" | "wrong", key: string, values?: Record<string, string | number>): string;
  time(at: string): string;
  day(at: string, now: Date): string;
  when(at: string, now: Date): string;
  size(bytes: number): string;
}

export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

const daysApart = (a: Date, b: Date): number =>
  Math.round(
    (new Date(a.getFullYear(), a.getMonth(), a.getDate()).getTime() -
      new Date(b.getFullYear(), b.getMonth(), b.getDate()).getTime()) /
      864e5,
  );

export function words(lang: Lang): Words {
  const all = catalogues[lang] ?? {};
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(lang, options);
  const clock = format({ hour: "numeric", minute: "2-digit" });
  const date = format({ day: "numeric", month: "long" });
  const weekday = format({ weekday: "long", day: "numeric", month: "long" });
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
  const t = (key: string, values?: Record<string, string | number>) =>
    fill(all[key] ?? key, values);
  return {
    lang,
    t,
    said: (prefix, key, values) =>
      t(`${prefix}.${key}` in all ? `${prefix}.${key}` : `${prefix}.other`, values),
    time: (at) => clock.format(new Date(at)),
    day(at, now) {
      const then = new Date(at);
      const apart = daysApart(then, now);
      return apart > -2 ? relative.format(apart, "day") : date.format(then);
    },
    when(at, now) {
      const then = new Date(at);
      const apart = daysApart(then, now);
      const day = apart < 2 ? relative.format(apart, "day") : weekday.format(then);
      return `${day}, ${clock.format(then)}`;
    },
    size(bytes) {
      const [value, unit] =
        bytes < 1e6 ? ([Math.max(1, bytes / 1e3), "kB"] as const) : ([bytes / 1e6, "MB"] as const);
      const digits = unit === "MB" ? 1 : 0;
      return `${value.toLocaleString(lang, { maximumFractionDigits: digits })} ${unit}`;
    },
  };
}
