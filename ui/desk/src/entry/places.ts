// The countries of the region with the time zone most people there live in; names by the browser's own catalogue.
import { currentLanguage } from '../i18n/words.svelte';

const ZONES: Record<string, string> = {
  AR: 'America/Argentina/Buenos_Aires', BO: 'America/La_Paz', BR: 'America/Sao_Paulo', CL: 'America/Santiago', CO: 'America/Bogota',
  CR: 'America/Costa_Rica', DO: 'America/Santo_Domingo', EC: 'America/Guayaquil', ES: 'Europe/Madrid', GT: 'America/Guatemala',
  HN: 'America/Tegucigalpa', MX: 'America/Mexico_City', NI: 'America/Managua', PA: 'America/Panama', PE: 'America/Lima',
  PR: 'America/Puerto_Rico', PY: 'America/Asuncion', SV: 'America/El_Salvador', US: 'America/New_York', UY: 'America/Montevideo',
  VE: 'America/Caracas',
};
export const zoneOf = (country: string): string | undefined => ZONES[country];
export const countryName = (code: string): string => new Intl.DisplayNames([currentLanguage()], { type: 'region' }).of(code) ?? code;

export function countries(): { value: string; label: string }[] {
  const order = new Intl.Collator(currentLanguage());
  return Object.keys(ZONES).map((value) => ({ value, label: countryName(value) })).sort((a, b) => order.compare(a.label, b.label));
}
export function zones(): string[] {
  const known = typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : [];
  return [...new Set([...Object.values(ZONES), ...known])].sort();
}
const told = new Map<string, string>();
/** «Lima (UTC−5)»: the city, and how far from the meridian its clocks are now. */
export function zoneName(tz: string): string {
  let name = told.get(tz);
  if (!name) {
    const at = new Intl.DateTimeFormat('en', { timeZone: tz, timeZoneName: 'shortOffset' }).formatToParts().find((p) => p.type === 'timeZoneName')?.value ?? 'GMT';
    told.set(tz, (name = `${tz.split('/').at(-1)!.replaceAll('_', ' ')} (${at.replace('GMT', 'UTC').replace('-', '−')})`));
  }
  return name;
}
/** All zones by the name of their city, those of `first` before. */
export function zoneOptions(first: readonly string[] = []): { value: string; label: string }[] {
  const order = new Intl.Collator(currentLanguage());
  const all = zones().filter((z) => !first.includes(z)).map((value) => ({ value, label: zoneName(value) }));
  return [...first.map((value) => ({ value, label: zoneName(value) })), ...all.sort((a, b) => order.compare(a.label, b.label))];
}
/** Where this browser seems to be: by its clock, else Peru. */
export function guessPlace(): { country: string; tz: string } {
  const tz = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const country = Object.entries(ZONES).find(([, zone]) => zone === tz)?.[0];
  return country ? { country, tz } : { country: 'PE', tz: ZONES.PE! };
}
