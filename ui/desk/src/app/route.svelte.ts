// The address after the #: `#/mesa/CASE?x=1` → name "mesa", parts ["CASE"]. No library: one listener, one value.
export interface Route { name: string; parts: string[]; query: URLSearchParams }

export function parse(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [name = '', ...parts] = path.split('/').map(decodeURIComponent);
  return { name, parts: parts.filter(Boolean), query: new URLSearchParams(query) };
}

let current = $state.raw<Route>(parse(typeof location === 'undefined' ? '' : location.hash));
if (typeof window !== 'undefined') window.addEventListener('hashchange', () => (current = parse(location.hash)));

export const route = (): Route => current;
export const link = (name: string, ...parts: string[]): string => '#/' + [name, ...parts.map(encodeURIComponent)].join('/');

/** Go there; `replace` leaves no step to come back to. */
export function go(hash: string, replace = false): void {
  if (replace) history.replaceState(null, '', hash);
  else if (location.hash !== hash) history.pushState(null, '', hash);
  current = parse(hash);
}
