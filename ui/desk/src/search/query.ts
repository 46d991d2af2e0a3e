// The filters of the search as the address holds them, and as the server wants them. Pure but for the zone's offset.
export const FILTERS = ['q', 'customer', 'agent', 'queue', 'campaign', 'state', 'from', 'to', 'disposition'] as const;
export type Filter = (typeof FILTERS)[number];
export type Asked = Record<Filter, string>;
export const STATES = ['open', 'waiting_customer', 'waiting_internal', 'resolved', 'closed'] as const;

export const read = (query: URLSearchParams): Asked => Object.fromEntries(FILTERS.map((f) => [f, query.get(f) ?? ''])) as Asked;
export function write(asked: Partial<Asked>): string {
  const query = new URLSearchParams();
  for (const f of FILTERS) if (asked[f]) query.set(f, asked[f]);
  return query.toString();
}
export const active = (asked: Asked): number => FILTERS.filter((f) => f !== 'q' && asked[f]).length;

/** Midnight of a day in a time zone, as an instant. */
export function midnight(day: string, tz: string | undefined): string {
  const utc = Date.parse(`${day}T00:00:00Z`);
  if (!tz) return new Date(`${day}T00:00:00`).toISOString();
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: tz, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' }).formatToParts(utc);
  const at = (type: string) => Number(parts.find((p) => p.type === type)!.value);
  const there = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
  return new Date(utc - (there - utc)).toISOString();
}
/** The days are whole days of the company's zone: "to" includes its day. */
export function toServer(asked: Asked, tz: string | undefined, cursor: number | null): string {
  const query = new URLSearchParams(write({ ...asked, from: '', to: '' }));
  if (asked.from) query.set('from', midnight(asked.from, tz));
  if (asked.to) query.set('to', midnight(new Date(Date.parse(`${asked.to}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10), tz));
  if (cursor) query.set('cursor', String(cursor));
  return query.toString();
}
