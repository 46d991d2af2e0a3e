// The screens, each its own file loaded when it is opened, with the permission it needs and its place in the rail.
// A screen is found by its file name: `desk/DeskScreen.svelte`, `supervisor/FloorScreen.svelte`, and so on.
import { again } from '../kit/again';
import type { Component } from 'svelte';
import { moreWords, type Key } from '../i18n/words.svelte';
import type { IconName } from '../kit/Icon.svelte';
import type { Me } from '../api/types';
import { link } from './route.svelte';

const files = import.meta.glob<{ default: Component }>(['../desk/DeskScreen.svelte', '../{entry,supervisor,search,admin}/*Screen.svelte']);

export interface Screen {
  name: string;
  file: string;
  /** Without one, the screen is for those who are not logged in yet. */
  allowed?: (me: Me) => boolean;
  /** Fills the page by itself, without the frame. */
  bare?: boolean;
  rail?: { label: Key; icon: IconName; foot?: boolean };
}
const can = (me: Me, permission: string): boolean => me.permissions.includes(permission);
/** Whoever manages anything at all, or reads the audit, has something to do there. */
const administers = (me: Me): boolean => me.permissions.some((p) => p.endsWith('.manage') || p === 'audit.read');
const founds = (me: Me): boolean => can(me, 'company.manage');

const SCREENS: Screen[] = [
  { name: 'mesa', file: '../desk/DeskScreen.svelte', allowed: (m) => m.is_agent && can(m, 'desk.use'), rail: { label: 'rail.desk', icon: 'inbox' } },
  { name: 'supervision', file: '../supervisor/FloorScreen.svelte', allowed: (m) => can(m, 'floor.watch'), rail: { label: 'rail.floor', icon: 'activity' } },
  { name: 'buscar', file: '../search/SearchScreen.svelte', allowed: (m) => can(m, 'cases.search'), rail: { label: 'rail.find', icon: 'history' } },
  { name: 'admin', file: '../admin/AdminScreen.svelte', allowed: administers, rail: { label: 'rail.admin', icon: 'settings', foot: true } },
  { name: 'inicio', file: '../entry/SetupScreen.svelte', allowed: founds, bare: true },
  { name: 'entrar', file: '../entry/LoginScreen.svelte' },
  { name: 'enlace', file: '../entry/LinkScreen.svelte' },
];

export const exists = (screen: Screen): boolean => screen.file in files;
export const screenOf = (name: string): Screen | undefined => SCREENS.find((s) => s.name === name && exists(s));
/** The agent's screens have all their words already. */
const AGENTS = new Set(['mesa', 'entrar', 'enlace']);
export const open = async (screen: Screen): Promise<{ default: Component }> => (await Promise.all([again(files[screen.file]!), AGENTS.has(screen.name) ? null : again(moreWords)]))[0];
export const inRail = (me: Me): Screen[] => SCREENS.filter((s) => s.rail && exists(s) && s.allowed?.(me));

/** Where a person begins: the guide while it is not finished, then the first screen of the rail. */
export function home(me: Me): string {
  if (!me.setup.done && founds(me) && screenOf('inicio')) return link('inicio');
  return link(inRail(me)[0]?.name ?? 'nada');
}
