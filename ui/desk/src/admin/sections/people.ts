// Sections about who works here: people, teams, capacity profiles, skills.
import { when } from '../../i18n/format';
import { t, words } from '../../i18n/words.svelte';
import { serverNow } from '../../kit/tick.svelte';
import AccountPanel from '../aside/AccountPanel.svelte';
import { inviteNew } from '../aside/invite.svelte';
import AgentFields from '../fields/AgentFields.svelte';
import RoleGrants from '../fields/RoleGrants.svelte';
import { nameOf, namesOf, type Item } from '../lists.svelte';
import type { Cell, Section } from '../section';

export interface Agent { routing_profile_id: string; queues: string[]; skills: { skill_id: string; level: number }[] }
export interface RoleGiven { role_id: string; code?: string; scope: string; scope_ids: string[] }
export const agentOf = (i: Item): Agent | null => (i.agent as Agent | null) ?? null;

function userState(i: Item): Cell {
  if (i.locked_until) return { text: t('admin.user.locked'), tone: 'coral', icon: 'lock' };
  if (i.state === 'invited') return { text: t('admin.user.invited'), tone: 'amber', icon: 'mail' };
  if (i.state === 'disabled') return { text: t('admin.user.disabled'), tone: 'plain', icon: 'ban' };
  return { text: t('admin.user.active'), tone: 'ok', icon: 'check' };
}

export const people: Section = {
  id: 'personas', path: 'users', noArchive: true, aside: AccountPanel, made: inviteNew,
  columns: [
    { key: 'name', show: (i) => ({ text: i.name, sub: String(i.email), person: true }) },
    { key: 'state', show: userState },
    { key: 'roles', show: (i) => (i.roles as RoleGiven[]).map((r) => words(`role.${r.code}`, {}, nameOf('roles', r.role_id))).join(', ') },
    { key: 'team_id', show: (i) => nameOf('teams', i.team_id) },
    { key: 'queues', show: (i) => namesOf('queues', agentOf(i)?.queues ?? []) },
    { key: 'seen_at', end: true, show: (i) => (i.seen_at ? when(String(i.seen_at), serverNow()) : t('admin.never')) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, group: 'person' },
    { key: 'email', kind: 'email', required: true, max: 254, group: 'person' },
    { key: 'team_id', kind: 'select', from: 'teams', none: 'admin.no_team', group: 'person' },
    { key: 'site_id', kind: 'select', from: 'sites', none: 'admin.no_site', group: 'person' },
    { key: 'roles', kind: 'custom', custom: RoleGrants, group: 'roles' },
    { key: 'agent', kind: 'custom', custom: AgentFields, group: 'agent' },
  ],
  blank: () => ({ name: '', email: '', team_id: null, site_id: null, roles: [], agent: null }),
};

export const teams: Section = {
  id: 'equipos', path: 'teams',
  columns: [
    { key: 'name', show: (i) => i.name },
    { key: 'site_id', show: (i) => nameOf('sites', i.site_id) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120 },
    { key: 'site_id', kind: 'select', from: 'sites', none: 'admin.no_site' },
  ],
  blank: () => ({ name: '', site_id: null }),
  effects: [{ path: 'users', touches: (team, user) => user.team_id === team.id }],
};

export const profiles: Section = {
  id: 'perfiles', path: 'routing-profiles',
  columns: [
    { key: 'name', show: (i) => i.name },
    { key: 'slots.messages', end: true, show: (i) => String((i.slots as Record<string, number>).messages ?? 0) },
  ],
  fields: [
    { key: 'name', kind: 'text', required: true, max: 120, wide: true },
    { key: 'slots.messages', kind: 'number', min: 1, max: 20 },
  ],
  blank: () => ({ name: '', slots: { voice: 1, messages: 4, mail: 5 }, messages_during_call: 2 }),
  effects: [{ path: 'users', touches: (profile, user) => agentOf(user)?.routing_profile_id === profile.id }],
};

type Step = { after_s: number; skills: [string, number][] };
export const skills: Section = {
  id: 'habilidades', path: 'skills',
  columns: [{ key: 'name', show: (i) => i.name }],
  fields: [{ key: 'name', kind: 'text', required: true, max: 80 }],
  blank: () => ({ name: '' }),
  effects: [
    { path: 'users', touches: (skill, user) => !!agentOf(user)?.skills.some((s) => s.skill_id === skill.id) },
    { path: 'queues', touches: (skill, queue) => ((queue.steps as Step[]) ?? []).some((s) => s.skills.some(([id]) => id === skill.id)) },
  ],
};
