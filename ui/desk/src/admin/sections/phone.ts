// Sections about the telephone: the carriers' lines, and the numbers that are called.
import { when } from '../../i18n/format';
import { session } from '../../app/session.svelte';
import { t, words } from '../../i18n/words.svelte';
import { serverNow } from '../../kit/tick.svelte';
import TrunkPanel from '../aside/TrunkPanel.svelte';
import { list, nameOf, type Item } from '../lists.svelte';
import type { Section, Tone } from '../section';
import { read } from '../values';

const TONES: Record<string, Tone> = { reachable: 'ok', registered: 'ok', registering: 'amber', unreachable: 'coral', rejected: 'coral', no_address: 'coral' };
/** What a line is at, in a word: nothing is known while there is no exchange of calls. */
export function lineState(i: Item): { text: string; tone: Tone; icon: 'check' | 'ban' | 'triangle-alert' | 'rotate-ccw' } {
  if (!i.active) return { text: t('admin.line.off'), tone: 'plain', icon: 'ban' };
  const state = list('trunks').extra.voice === 'ok' ? String(i.state) : 'unknown';
  const tone = TONES[state] ?? 'plain';
  return { text: words(`admin.line.${state}`), tone, icon: tone === 'ok' ? 'check' : tone === 'coral' ? 'triangle-alert' : 'rotate-ccw' };
}

export const trunks: Section = {
  id: 'troncales', path: 'trunks', aside: TrunkPanel, every: 3,
  columns: [
    { key: 'name', show: (i) => ({ text: i.name, sub: `${i.host}:${i.port} · ${String(i.transport).toUpperCase()}` }) },
    { key: 'state', label: 'admin.c.line_state', show: lineState },
    { key: 'state_since', show: (i) => (i.state_since && i.active ? when(String(i.state_since), serverNow()) : '') },
    { key: 'caller_id', show: (i) => String(i.caller_id ?? '') },
    { key: 'max_calls', end: true, show: (i) => String(i.max_calls ?? t('admin.no_limit')) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, group: 'line' },
    { key: 'active', kind: 'toggle', label: 'admin.f.line_active', group: 'line' },
    { key: 'host', kind: 'text', required: true, max: 253, pattern: /^[A-Za-z0-9.:-]+$/, says: 'host', group: 'address' },
    { key: 'port', kind: 'number', min: 1, max: 65535, group: 'address' },
    { key: 'transport', kind: 'select', options: ['udp', 'tcp'], required: true, group: 'address' },
    { key: 'register', kind: 'toggle', group: 'access', wide: true },
    { key: 'username', kind: 'text', max: 80, pattern: /^[A-Za-z0-9._+@-]*$/, says: 'sip_user', group: 'access' },
    { key: 'password', kind: 'secret', max: 200, group: 'access' },
    { key: 'caller_id', kind: 'text', max: 21, pattern: /^[+]?[0-9]{1,20}$/, says: 'sip_number', group: 'out' },
    { key: 'max_calls', kind: 'number', min: 1, max: 100000, nullable: true, group: 'out' },
    { key: 'max_minute', kind: 'number', min: 1, max: 100000, group: 'out' },
    { key: 'max_day', kind: 'number', min: 1, max: 100000, group: 'out' },
  ],
  blank: () => ({ name: '', host: '', port: 5060, transport: 'udp', username: null, password: '', register: false, max_calls: null, caller_id: null, active: true, max_minute: 30, max_day: 2000 }),
  effects: [{ path: 'channel-accounts', touches: (line, account) => read(account, 'config.trunk_id') === line.id }],
};

type Sentence = { name: string; language: string; text: string; value: string };
/** The product's own sentence of that name, in the company's language, and what the company recorded. */
function sounds(name: string): { value: string; label: string }[] {
  const shelf = list('prompts');
  const language = session.me?.organisation.locale?.slice(0, 2) ?? 'es';
  const own = ((shelf.extra.sentences ?? []) as Sentence[]).filter((x) => x.name === name && x.language === language);
  return [...own.map((x) => ({ value: x.value, label: t('admin.sound_own', { text: x.text }) })), ...kept('prompt')];
}
const own = (name: string): string => `custom/${session.me?.organisation.locale?.startsWith('en') ? 'en' : 'es'}/${name}`;
const kept = (kind: string) => list('prompts').items.filter((i) => i.kind === kind).map((i) => ({ value: String(i.value), label: i.name }));
export const numbers: Section = {
  id: 'numeros', path: 'channel-accounts', only: (i) => i.channel === 'voice',
  columns: [
    { key: 'name', show: (i) => ({ text: i.name, sub: String(read(i, 'config.number') ?? '') }) },
    { key: 'active', show: (i) => (i.active ? { text: t('admin.on'), tone: 'ok', icon: 'check' } : { text: t('admin.off'), tone: 'plain', icon: 'ban' }) },
    { key: 'queue_id', show: (i) => nameOf('queues', i.queue_id) },
    { key: 'hours_id', show: (i) => nameOf('hours', i.hours_id) || t('admin.hours_of_queue') },
    { key: 'config.trunk_id', show: (i) => nameOf('trunks', read(i, 'config.trunk_id')) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, group: 'number' },
    { key: 'config.number', kind: 'text', required: true, max: 16, pattern: /^\+[0-9]{3,15}$/, says: 'e164', group: 'number' },
    { key: 'queue_id', kind: 'select', from: 'queues', required: true, group: 'number' },
    { key: 'hours_id', kind: 'select', from: 'hours', none: 'admin.hours_of_queue', hint: 'admin.h.number_hours', group: 'number' },
    { key: 'config.trunk_id', kind: 'select', from: 'trunks', none: 'admin.any_line', nil: '', group: 'number' },
    { key: 'active', kind: 'toggle', label: 'admin.f.number_active', group: 'number' },
    { key: 'config.greeting', kind: 'select', pick: () => sounds('greeting'), none: 'admin.no_sound', nil: '', group: 'heard' },
    { key: 'config.recording', kind: 'select', pick: () => sounds('recording'), none: 'admin.no_sound', nil: '', group: 'heard' },
    { key: 'config.closed', kind: 'select', pick: () => sounds('closed'), none: 'admin.no_sound', nil: '', group: 'heard' },
    { key: 'config.full', kind: 'select', pick: () => kept('prompt'), none: 'admin.sound_usual', nil: '', group: 'heard' },
    { key: 'config.music', kind: 'select', pick: () => kept('music'), none: 'admin.music_usual', nil: '', group: 'heard' },
  ],
  blank: () => ({ channel: 'voice', name: '', queue_id: '', hours_id: null, active: true, config: { number: '', greeting: own('greeting'), recording: own('recording'), closed: own('closed'), full: '', music: '', trunk_id: '' } }),
};
