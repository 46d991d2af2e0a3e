// Sections about how work is shared out: queues, opening hours, pause reasons, campaigns.
import { t, words } from '../../i18n/words.svelte';
import { session } from '../../app/session.svelte';
import ExceptionsEditor from '../fields/ExceptionsEditor.svelte';
import StepsEditor from '../fields/StepsEditor.svelte';
import WeeklyEditor from '../fields/WeeklyEditor.svelte';
import QueueAgents from '../fields/QueueAgents.svelte';
import { zoneName } from '../../entry/places';
import { nameOf, type Item } from '../lists.svelte';
import type { Section } from '../section';
import type { Values } from '../values';
import { agentOf } from './people';

const wraps = (d: Values): boolean => d.wrapup_mode !== 'none';

export const queues: Section = {
  id: 'colas', path: 'queues',
  columns: [
    { key: 'name', show: (i) => ({ text: i.name, sub: nameOf('campaigns', i.campaign_id) }) },
    { key: 'agents', end: true, show: (i) => String((i.agents as string[] | undefined)?.length ?? 0) },
    { key: 'sl_goal_pct', show: (i) => t('admin.sl', { pct: Number(i.sl_goal_pct), s: Number(i.sl_target_s) }) },
    { key: 'hours_id', show: (i) => nameOf('hours', i.hours_id) || t('admin.always_open') },
    { key: 'overflow_queue_id', show: (i) => nameOf('queues', i.overflow_queue_id) },
    { key: 'priority', end: true, show: (i) => String(i.priority) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, group: 'queue' },
    { key: 'campaign_id', kind: 'select', from: 'campaigns', required: true, group: 'queue' },
    { key: 'hours_id', kind: 'select', from: 'hours', none: 'admin.always_open', hint: 'admin.h.queue_hours', group: 'queue' },
    { key: 'agents', kind: 'custom', custom: QueueAgents, group: 'queue' },
    { key: 'sl_goal_pct', kind: 'number', min: 1, max: 100, group: 'goal' },
    { key: 'sl_target_s', kind: 'number', min: 1, max: 86400, group: 'goal' },
    { key: 'priority', kind: 'number', min: 0, max: 100, group: 'order' },
    { key: 'boost_s', kind: 'number', min: 0, max: 86400, group: 'order' },
    { key: 'tier_boost.vip', kind: 'number', min: 0, max: 100, group: 'order' },
    { key: 'tier_boost.customer', kind: 'number', min: 0, max: 100, group: 'order' },
    { key: 'tier_boost.prospect', kind: 'number', min: 0, max: 100, group: 'order' },
    { key: 'offer_timeout_s', kind: 'number', min: 5, max: 300, group: 'offer' },
    { key: 'preferred_agent_s', kind: 'number', min: 0, max: 3600, group: 'offer' },
    { key: 'reject_needs_reason', kind: 'toggle', group: 'offer', wide: true },
    { key: 'steps', kind: 'custom', custom: StepsEditor, group: 'steps' },
    { key: 'max_wait_s', kind: 'number', min: 10, max: 86400, nullable: true, group: 'overflow' },
    { key: 'max_estimate_s', kind: 'number', min: 30, max: 86400, nullable: true, group: 'overflow' },
    { key: 'max_len', kind: 'number', min: 1, max: 100000, nullable: true, group: 'overflow' },
    { key: 'overflow_queue_id', kind: 'select', from: 'queues', none: 'admin.no_overflow', group: 'overflow' },
    { key: 'announce_s', kind: 'number', min: 15, max: 600, nullable: true, group: 'announce' },
    { key: 'wrapup_mode', kind: 'select', options: ['none', 'optional', 'mandatory', 'timed'], group: 'wrapup' },
    { key: 'wrapup_s', kind: 'number', min: 0, max: 3600, group: 'wrapup', show: wraps },
  ],
  blank: () => ({
    name: '', campaign_id: '', hours_id: null, agents: [], sl_goal_pct: 80, sl_target_s: 30, priority: 0, boost_s: 60, tier_boost: { vip: 5, customer: 0, prospect: 0 },
    offer_timeout_s: 20, preferred_agent_s: 30, reject_needs_reason: false, steps: [], max_wait_s: null, max_len: null,
    overflow_queue_id: null, wrapup_mode: 'mandatory', wrapup_s: 120, announce_s: 60, max_estimate_s: null,
  }),
  effects: [
    { path: 'users', touches: (queue, user) => !!agentOf(user)?.queues.includes(queue.id) },
    { path: 'channel-accounts', touches: (queue, account) => account.queue_id === queue.id },
    { path: 'queues', touches: (queue, other) => other.overflow_queue_id === queue.id },
  ],
};

type Weekly = Record<string, [string, string][]>;
/** "lun a vie 08:00–18:00": the first day's line, and how many days open. */
function summary(i: Item): string {
  const open = Object.values((i.weekly as Weekly) ?? {}).filter((d) => d.length);
  const first = open[0]?.map(([a, b]) => `${a}–${b}`).join(', ') ?? '';
  return first ? t('admin.days_open', { n: open.length, hours: first }) : t('admin.closed');
}
export const hours: Section = {
  id: 'horarios', path: 'hours',
  columns: [
    { key: 'name', show: (i) => i.name },
    { key: 'weekly', show: summary },
    { key: 'exceptions', end: true, show: (i) => String((i.exceptions as unknown[]).length) },
    { key: 'tz', show: (i) => zoneName(String(i.tz)) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120 },
    { key: 'tz', kind: 'zone', required: true },
    { key: 'weekly', kind: 'custom', custom: WeeklyEditor, group: 'week' },
    { key: 'exceptions', kind: 'custom', custom: ExceptionsEditor, group: 'holidays' },
  ],
  blank: () => {
    const day: [string, string][] = [['08:00', '18:00']];
    return { name: '', tz: session.me?.organisation.tz ?? '', weekly: { mon: [...day], tue: [...day], wed: [...day], thu: [...day], fri: [...day], sat: [], sun: [] }, exceptions: [] };
  },
  effects: [
    { path: 'queues', touches: (h, queue) => queue.hours_id === h.id },
    { path: 'channel-accounts', touches: (h, account) => account.hours_id === h.id },
  ],
};

export const pauses: Section = {
  id: 'pausas', path: 'pause-reasons',
  columns: [
    { key: 'name', show: (i) => (i.builtin ? words(`pause.${i.code}`, {}, String(i.name)) : i.name) },
    { key: 'productive', show: (i) => t(i.productive ? 'admin.yes' : 'admin.no') },
    { key: 'builtin', show: (i) => (i.builtin ? { text: t('admin.of_system'), tone: 'plain', icon: 'lock' } : t('admin.chosen_by_agent')) },
    { key: 'position', end: true, show: (i) => String(i.position) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 80 },
    { key: 'code', kind: 'text', required: true, max: 40, fixed: true, lower: true, pattern: /^[a-z][a-z0-9_]*$/, says: 'code' },
    { key: 'position', kind: 'number', min: 0, max: 10000 },
    { key: 'productive', kind: 'toggle' },
  ],
  blank: () => ({ name: '', code: '', productive: false, position: 10 }),
  locked: (i) => !!i.builtin,
};

export const campaigns: Section = {
  id: 'campanas', path: 'campaigns',
  columns: [
    { key: 'name', show: (i) => i.name },
    { key: 'disposition_set_id', show: (i) => nameOf('disposition-sets', i.disposition_set_id) },
    { key: 'disposition_required', show: (i) => t(i.disposition_required ? 'admin.required' : 'admin.optional') },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, wide: true },
    { key: 'disposition_set_id', kind: 'select', from: 'disposition-sets', none: 'admin.no_tree' },
    { key: 'disposition_required', kind: 'toggle' },
  ],
  blank: () => ({ name: '', direction: 'inbound', disposition_set_id: null, disposition_required: true }),
  effects: [{ path: 'queues', touches: (c, queue) => queue.campaign_id === c.id }],
};
