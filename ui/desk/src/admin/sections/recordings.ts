// Which calls are recorded, for how long they are kept, and who may listen.
import { number } from '../../i18n/format';
import { t, words } from '../../i18n/words.svelte';
import { nameOf } from '../lists.svelte';
import type { Section } from '../section';

export const recordings: Section = {
  id: 'grabaciones', path: 'recording-policies',
  columns: [
    { key: 'name', show: (i) => ({ text: i.name, sub: nameOf('queues', i.queue_id) || t('admin.every_queue') }) },
    { key: 'direction', show: (i) => words(`admin.o.direction.${i.direction}`) },
    { key: 'percentage', end: true, show: (i) => (i.percentage ? `${number(Number(i.percentage))} %` : t(i.on_demand ? 'admin.only_on_demand' : 'admin.never')) },
    { key: 'retention_days', end: true, show: (i) => t('admin.days', { n: Number(i.retention_days) }) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, group: 'calls' },
    { key: 'queue_id', kind: 'select', from: 'queues', none: 'admin.every_queue', hint: 'admin.h.recording_queue', group: 'calls' },
    { key: 'direction', kind: 'select', options: ['both', 'in', 'out'], required: true, group: 'calls' },
    { key: 'percentage', kind: 'number', min: 0, max: 100, group: 'calls' },
    { key: 'on_demand', kind: 'toggle', group: 'calls', wide: true },
    { key: 'retention_days', kind: 'number', min: 1, max: 3650, group: 'kept' },
    { key: 'supervisors_listen', kind: 'toggle', group: 'listen' },
    { key: 'agents_listen', kind: 'toggle', group: 'listen' },
  ],
  blank: () => ({ name: '', queue_id: null, direction: 'both', percentage: 100, on_demand: false, retention_days: 180, supervisors_listen: true, agents_listen: false }),
};
