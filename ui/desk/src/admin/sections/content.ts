// Sections about what is said and recorded: outcome trees, quick replies, web chats; and the company's sites.
import { t, words } from '../../i18n/words.svelte';
import { session } from '../../app/session.svelte';
import WidgetPanel from '../aside/WidgetPanel.svelte';
import PrechatEditor from '../fields/PrechatEditor.svelte';
import TreeEditor from '../fields/TreeEditor.svelte';
import { zoneName } from '../../entry/places';
import { nameOf } from '../lists.svelte';
import type { Section } from '../section';
import { read } from '../values';

export const trees: Section = {
  id: 'tipificaciones', path: 'disposition-sets',
  columns: [
    { key: 'name', show: (i) => i.name },
    { key: 'nodes', end: true, show: (i) => String((i.nodes as unknown[] | undefined)?.length ?? 0) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, wide: true },
    { key: 'nodes', kind: 'custom', custom: TreeEditor, group: 'tree' },
  ],
  blank: () => ({ name: '', nodes: [] }),
  effects: [{ path: 'campaigns', touches: (set, campaign) => campaign.disposition_set_id === set.id }],
};

export const replies: Section = {
  id: 'respuestas', path: 'quick-replies',
  columns: [
    { key: 'shortcut', show: (i) => ({ text: `/${i.shortcut}`, sub: String(i.title) }) },
    { key: 'body', show: (i) => String(i.body) },
  ],
  fields: [
    { key: 'shortcut', kind: 'text', required: true, max: 40, lower: true, pattern: /^[a-z0-9_áéíóúñü-]+$/, says: 'shortcut' },
    { key: 'title', kind: 'text', required: true, max: 120 },
    { key: 'body', kind: 'area', required: true, max: 4000 },
  ],
  blank: () => ({ shortcut: '', title: '', body: '' }),
};

const inEnglish = (d: unknown): boolean => ((read(d, 'config.languages') as string[] | undefined) ?? []).includes('en');
export const chats: Section = {
  id: 'chat', path: 'channel-accounts', only: (i) => i.channel === 'webchat', aside: WidgetPanel,
  columns: [
    { key: 'name', show: (i) => i.name },
    { key: 'active', show: (i) => (i.active ? { text: t('admin.on'), tone: 'ok', icon: 'check' } : { text: t('admin.off'), tone: 'plain', icon: 'ban' }) },
    { key: 'queue_id', show: (i) => nameOf('queues', i.queue_id) },
    { key: 'hours_id', show: (i) => nameOf('hours', i.hours_id) || t('admin.hours_of_queue') },
    { key: 'config.allowed_origins', show: (i) => ((read(i, 'config.allowed_origins') as string[]) ?? []).join(', ') },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, group: 'chat' },
    { key: 'queue_id', kind: 'select', from: 'queues', required: true, group: 'chat' },
    { key: 'hours_id', kind: 'select', from: 'hours', none: 'admin.hours_of_queue', hint: 'admin.h.chat_hours', group: 'chat' },
    { key: 'active', kind: 'toggle', group: 'chat' },
    { key: 'config.allowed_origins', kind: 'lines', group: 'origins' },
    { key: 'config.color', kind: 'color', group: 'look' },
    { key: 'config.launcher', kind: 'select', options: ['right', 'left'], group: 'look' },
    { key: 'config.languages', kind: 'many', options: ['es', 'en'], group: 'look', required: true },
    { key: 'config.title.es', kind: 'text', max: 80, group: 'words' },
    { key: 'config.title.en', kind: 'text', max: 80, group: 'words', show: inEnglish },
    { key: 'config.welcome.es', kind: 'area', max: 600, group: 'words' },
    { key: 'config.welcome.en', kind: 'area', max: 600, group: 'words', show: inEnglish },
    { key: 'config.away.es', kind: 'area', max: 600, group: 'words' },
    { key: 'config.away.en', kind: 'area', max: 600, group: 'words', show: inEnglish },
    { key: 'config.prechat', kind: 'custom', custom: PrechatEditor, group: 'prechat' },
    { key: 'config.consent.es', kind: 'area', max: 600, group: 'consent' },
    { key: 'config.consent.en', kind: 'area', max: 600, group: 'consent', show: inEnglish },
    { key: 'config.consent.url', kind: 'text', max: 500, group: 'consent', wide: true },
    { key: 'config.position', kind: 'toggle', group: 'service' },
    { key: 'config.files', kind: 'toggle', group: 'service' },
    { key: 'config.max_file_mb', kind: 'number', min: 1, max: 25, group: 'service', show: (d) => !!read(d, 'config.files') },
  ],
  blank: () => ({
    channel: 'webchat', name: '', queue_id: '', hours_id: null, active: true,
    config: {
      allowed_origins: [], color: getComputedStyle(document.documentElement).getPropertyValue('--widget').trim(), launcher: 'right', languages: ['es', 'en'],
      title: { es: words('admin.sample.title'), en: 'Chat with us' }, welcome: { es: words('admin.sample.welcome'), en: 'Hello! How can we help you?' },
      away: { es: '', en: '' }, consent: { es: '', en: '', url: '' },
      prechat: [{ key: 'name', required: true }, { key: 'topic', required: false }], position: true, files: true, max_file_mb: 10,
    },
  }),
};

export const sites: Section = {
  id: 'sedes', path: 'sites',
  columns: [
    { key: 'name', show: (i) => i.name },
    { key: 'tz', show: (i) => zoneName(String(i.tz)) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120 },
    { key: 'tz', kind: 'zone', required: true },
  ],
  blank: () => ({ name: '', tz: session.me?.organisation.tz ?? '' }),
  effects: [
    { path: 'teams', touches: (site, team) => team.site_id === site.id },
    { path: 'users', touches: (site, user) => user.site_id === site.id },
  ],
};
