// How strong a new password is, in words. The server decides; this only says so while it is typed. Pure.
// Length does the work (the server asks for ten signs and no composition rules); repetition and one's own name undo it.
export interface Strength { score: 1 | 2 | 3 | 4; word: 'short' | 'weak' | 'fair' | 'good' | 'strong'; tone: 'weak' | 'fair' | 'good' }
export const SHORTEST = 10;

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

export function strength(password: string, about: readonly string[] = []): Strength {
  if ([...password].length < SHORTEST) return { score: 1, word: 'short', tone: 'weak' };
  const text = plain(password);
  const own = about.flatMap((a) => plain(a).split(/[\s@.]+/)).filter((w) => w.length > 3);
  const rest = own.reduce((left, word) => left.replaceAll(word, ''), text);
  const distinct = new Set(rest).size;
  if (distinct < 5 || rest.length < 6 || /^(\d+|(.{1,4})\2+)$/.test(text)) return { score: 1, word: 'weak', tone: 'weak' };
  const reach = rest.length + Math.min(distinct, 12) / 2 + (/\s/.test(password.trim()) ? 2 : 0);
  if (reach < 16) return { score: 2, word: 'fair', tone: 'fair' };
  return reach < 21 ? { score: 3, word: 'good', tone: 'good' } : { score: 4, word: 'strong', tone: 'good' };
}
