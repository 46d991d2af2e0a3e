// Who is at the desk: /api/me, the permissions, the theme and the language; and the reference lists of the desk.
import { ApiError, get, patch, post } from '../api/client';
import type { Me, Preferences, PublicInfo, Reference, Theme } from '../api/types';
import { currentLanguage, setLanguage } from '../i18n/words.svelte';
import { connect, disconnect, REFUSED } from '../live/socket.svelte';

export const session = $state<{ me: Me | null; open: PublicInfo | null; reference: Reference | null; ended: boolean }>({
  me: null, open: null, reference: null, ended: false,
});
export const me = (): Me => session.me!;
export const may = (permission: string): boolean => session.me?.permissions.includes(permission) ?? false;
export const mayAny = (prefix: string): boolean => session.me?.permissions.some((p) => p.startsWith(prefix)) ?? false;
export const preference = <K extends keyof Preferences>(key: K, otherwise: NonNullable<Preferences[K]>): NonNullable<Preferences[K]> =>
  (session.me?.user.preferences[key] ?? otherwise) as NonNullable<Preferences[K]>;

const THEME_KEY = 'atiende.theme';
const dark = typeof matchMedia === 'undefined' ? null : matchMedia('(prefers-color-scheme: dark)');
let theme: Theme = 'auto';

/** Paints the theme; the last one is remembered so that the next start does not flash. */
export function showTheme(wanted: Theme): void {
  theme = wanted;
  localStorage.setItem(THEME_KEY, wanted);
  document.documentElement.dataset.theme = wanted === 'auto' ? (dark?.matches ? 'dark' : 'light') : wanted;
}
export const rememberedTheme = (): Theme => (localStorage.getItem(THEME_KEY) as Theme | null) ?? 'auto';
dark?.addEventListener('change', () => showTheme(theme));

/** Before anything is shown: what the installation is, and whether somebody is logged in already. */
export async function start(): Promise<void> {
  session.open = await get<PublicInfo>('/api/public');
  await setLanguage(session.open.locale);
  try {
    await enter(await get<Me>('/api/me'));
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 403)) throw error;
  }
}

/** The person's language with the country's way of writing dates and numbers: "es" in Peru is "es-PE". */
function localeOf(who: Me): string {
  const locale = who.user.locale || who.organisation.locale;
  return locale === 'es' && /^[A-Z]{2}$/.test(who.organisation.country) ? `es-${who.organisation.country}` : locale;
}

/** Called with the answer of /api/me, of a login or of a used link: from here on the desk is open. */
export async function enter(who: Me): Promise<void> {
  await setLanguage(localeOf(who), who.organisation.tz);
  showTheme(who.user.theme ?? 'auto');
  session.me = who;
  session.ended = false;
  connect((key) => void (AGAIN.has(key) && again()));
  void loadReference();
}
/** Goodbyes after which the person may be allowed other things, or nothing: the server is asked. */
const AGAIN = new Set(['resume', 'session_ended', REFUSED]);
async function again(): Promise<void> {
  try {
    session.me = await get<Me>('/api/me');
    await loadReference();
  } catch (error) {
    // Without a server the banner says so; what was held of customers goes with the session.
    if (error instanceof ApiError && error.status === 401 && session.me) sessionEnded();
  }
}
/** Names by the alphabet of the person's language; what an administrator ordered stays so. */
function inOrder(told: Reference): Reference {
  const { compare } = new Intl.Collator(currentLanguage(), { numeric: true });
  const by = <T extends { name: string }>(list: T[]): T[] => [...list].sort((a, b) => compare(a.name, b.name));
  return { ...told, queues: by(told.queues), agents: by(told.agents), teams: by(told.teams), skills: by(told.skills), campaigns: by(told.campaigns) };
}
export async function loadReference(): Promise<void> {
  try {
    session.reference = inOrder(await get<Reference>('/api/reference'));
  } catch {
    // Without it the desk still reads and answers; the lists that need it ask again when opened.
  }
}
export async function leave(): Promise<void> {
  await post('/api/logout');
  sessionEnded(false);
}
export function sessionEnded(ended = true): void {
  disconnect();
  session.me = null;
  session.reference = null;
  session.ended = ended;
}
export async function saveMe(change: { name?: string; locale?: string; theme?: Theme; preferences?: Preferences }): Promise<void> {
  session.me = await patch<Me>('/api/me', change);
  if (change.theme) showTheme(change.theme);
  if (change.locale) await setLanguage(localeOf(session.me), session.me.organisation.tz);
}
export const setPreference = (key: keyof Preferences, value: unknown): Promise<void> =>
  saveMe({ preferences: { ...me().user.preferences, [key]: value } });
