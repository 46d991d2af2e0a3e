// What the supervisor is looking at, as the address holds it: filters, and the agent or the gestión opened at the side.
import { go, link, route } from '../app/route.svelte';

export interface Look { team: string; queue: string; agent: string; case: string; wall: boolean }
export function look(): Look {
  const { parts, query } = route();
  return {
    team: query.get('equipo') ?? '', queue: query.get('cola') ?? '', wall: query.has('muro'),
    agent: parts[0] === 'agente' ? (parts[1] ?? '') : '', case: parts[0] === 'gestion' ? (parts[1] ?? '') : '',
  };
}
/** The address of a changed look; everything not named stays. */
export function address(change: Partial<Look>): string {
  const next = { ...look(), ...('agent' in change ? { case: '' } : {}), ...('case' in change ? { agent: '' } : {}), ...change };
  const query = new URLSearchParams({ ...(next.team && { equipo: next.team }), ...(next.queue && { cola: next.queue }), ...(next.wall && { muro: '1' }) });
  const side = next.agent ? ['agente', next.agent] : next.case ? ['gestion', next.case] : [];
  return link('supervision', ...side) + (query.size ? `?${query}` : '');
}
export const see = (change: Partial<Look>): void => go(address(change));
