// Quick replies: what "/" finds, and the text with its variables filled in. Pure.
export interface Reply { id: string; shortcut: string; title: string; body: string }
export type Values = { nombre: string; agente: string; gestion: string };

/** The word after a "/" that begins the text or follows a space, with its place; null when there is none at the caret. */
export function slashAt(text: string, caret: number): { word: string; from: number } | null {
  const m = /(^|\s)\/([\p{L}\d_-]*)$/u.exec(text.slice(0, caret));
  return m ? { word: m[2]!, from: caret - m[2]!.length - 1 } : null;
}
const plain = (s: string): string => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

export function find(replies: readonly Reply[], word: string): Reply[] {
  const w = plain(word);
  const score = (r: Reply) => (plain(r.shortcut).startsWith(w) ? 0 : plain(r.title).includes(w) ? 1 : plain(r.body).includes(w) ? 2 : 3);
  return replies.map((r) => ({ r, s: score(r) })).filter((x) => x.s < 3).sort((a, b) => a.s - b.s || (a.r.shortcut < b.r.shortcut ? -1 : 1)).map((x) => x.r);
}
/** A variable without a value disappears with the space before it: "Hola {nombre}," → "Hola,". */
export const fillIn = (body: string, values: Values): string =>
  body.replace(/(\s?)\{(nombre|agente|gestion|gestión)\}/g, (_, space: string, name: string) => {
    const value = values[name.replace('ó', 'o') as keyof Values];
    return value ? space + value : '';
  });
