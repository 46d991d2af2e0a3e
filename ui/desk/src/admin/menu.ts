// The left menu of the administration: each entry is a section drawn by ListPage and EditorPage, or a page of its own.
import type { Me } from '../api/types';
import AuditPage from './pages/AuditPage.svelte';
import CompanyPage from './pages/CompanyPage.svelte';
import PromptsPage from './pages/PromptsPage.svelte';
import RolesPage from './pages/RolesPage.svelte';
import SkillsGrid from './pages/SkillsGrid.svelte';
import TrialPage from './pages/TrialPage.svelte';
import type { Entry } from './section';
import { chats, replies, sites, trees } from './sections/content';
import { numbers, trunks } from './sections/phone';
import { people, profiles, skills, teams } from './sections/people';
import { recordings } from './sections/recordings';
import { campaigns, hours, pauses, queues } from './sections/work';

const ENTRIES: Entry[] = [
  { id: 'personas', group: 'operation', icon: 'users', permission: 'users.manage', section: people },
  { id: 'matriz', group: 'operation', icon: 'columns-3', permission: 'users.manage', page: SkillsGrid },
  { id: 'habilidades', group: 'operation', icon: 'award', permission: 'skills.manage', section: skills },
  { id: 'equipos', group: 'operation', icon: 'user-cog', permission: 'teams.manage', section: teams },
  { id: 'perfiles', group: 'operation', icon: 'sliders-horizontal', permission: 'profiles.manage', section: profiles },
  { id: 'colas', group: 'work', icon: 'waypoints', permission: 'queues.manage', section: queues },
  { id: 'horarios', group: 'work', icon: 'calendar-clock', permission: 'hours.manage', section: hours },
  { id: 'pausas', group: 'work', icon: 'coffee', permission: 'pauses.manage', section: pauses },
  { id: 'campanas', group: 'work', icon: 'megaphone', permission: 'campaigns.manage', section: campaigns },
  { id: 'tipificaciones', group: 'work', icon: 'list-tree', permission: 'dispositions.manage', section: trees },
  { id: 'respuestas', group: 'work', icon: 'zap', permission: 'quick_replies.manage', section: replies },
  { id: 'chat', group: 'channels', icon: 'message-square', permission: 'channels.manage', section: chats },
  { id: 'numeros', group: 'channels', icon: 'phone', permission: 'channels.manage', section: numbers },
  { id: 'troncales', group: 'channels', icon: 'waypoints', permission: 'channels.manage', section: trunks },
  { id: 'locuciones', group: 'channels', icon: 'volume-2', permission: 'channels.manage', page: PromptsPage },
  { id: 'simular', group: 'channels', icon: 'play', permission: 'channels.manage', page: TrialPage },
  { id: 'grabaciones', group: 'channels', icon: 'circle-dot', permission: 'recordings.manage', section: recordings },
  { id: 'empresa', group: 'company', icon: 'building-2', permission: 'company.manage', page: CompanyPage },
  { id: 'sedes', group: 'company', icon: 'map-pin', permission: 'company.manage', section: sites },
  { id: 'roles', group: 'company', icon: 'shield-check', permission: 'roles.manage', page: RolesPage },
  { id: 'auditoria', group: 'company', icon: 'scroll-text', permission: 'audit.read', page: AuditPage },
];
export const GROUPS = ['operation', 'work', 'channels', 'company'] as const;
export const entriesFor = (me: Me): Entry[] => ENTRIES.filter((e) => me.permissions.includes(e.permission));
