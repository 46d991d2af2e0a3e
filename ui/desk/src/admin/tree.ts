// The outcome tree as an ordered list with depths: moves keep every node after its parent and no deeper than three. Pure.
export interface Row { id: string | null; key: string; name: string; depth: number; flags: string[]; requires: string }
export const DEEPEST = 3;
export const FLAGS = ['contact', 'rpc', 'success', 'callback', 'dnc', 'unworkable', 'closes_record'] as const;
export const REQUIRES = ['none', 'note', 'date', 'amount', 'agreement'] as const;

type In = { id?: string | null; parent_id?: string | null; parent?: string | number | null; name: string; flags: string[]; requires: string };
let made = 0;
const key = (): string => `n${++made}`;
export const fresh = (depth: number): Row => ({ id: null, key: key(), name: '', depth, flags: [], requires: 'none' });

/** Nodes of the API (parent_id) or of a template, or of a form already edited (parent = index) → rows, children after parents. */
export function rowsOf(nodes: readonly In[]): Row[] {
  const parent = nodes.map((n) => (typeof n.parent === 'number' ? n.parent : nodes.findIndex((m) => m.id && m.id === (n.parent_id ?? n.parent))));
  const out: Row[] = [];
  const walk = (of: number, depth: number) => nodes.forEach((n, i) => {
    if (parent[i] !== of || depth >= DEEPEST) return;
    out.push({ id: n.id ?? null, key: n.id ?? key(), name: n.name, depth, flags: [...n.flags], requires: n.requires });
    walk(i, depth + 1);
  });
  walk(-1, 0);
  return out;
}
/** Rows → what the API takes: each parent is the index of a row before. */
export function nodesOf(rows: readonly Row[]): Record<string, unknown>[] {
  const open: number[] = [];
  return rows.map((r, i) => {
    open.length = r.depth;
    open[r.depth] = i;
    const parent = r.depth ? (open[r.depth - 1] ?? null) : null;
    return { ...(r.id ? { id: r.id } : {}), parent, name: r.name, flags: r.flags, requires: r.requires };
  });
}
/** Where the branch of row i ends (exclusive). */
export function branchEnd(rows: readonly Row[], i: number): number {
  let end = i + 1;
  while (end < rows.length && rows[end]!.depth > rows[i]!.depth) end++;
  return end;
}
export const isLeaf = (rows: readonly Row[], i: number): boolean => branchEnd(rows, i) === i + 1;

/** Up or down among its brothers; a branch goes with its head. */
export function move(rows: readonly Row[], i: number, by: -1 | 1): Row[] {
  const end = branchEnd(rows, i);
  const branch = rows.slice(i, end);
  const rest = [...rows.slice(0, i), ...rows.slice(end)];
  let to = i;
  if (by < 0) {
    do to--; while (to >= 0 && rest[to]!.depth > rows[i]!.depth);
    if (to < 0 || rest[to]!.depth < rows[i]!.depth) return [...rows];
  } else {
    if (i >= rest.length || rest[i]!.depth < rows[i]!.depth) return [...rows];
    to = branchEnd(rest, i);
  }
  return [...rest.slice(0, to), ...branch, ...rest.slice(to)];
}
/** One level in (under the brother above) or out; refused where it would be too deep or an orphan. */
export function shift(rows: readonly Row[], i: number, by: -1 | 1): Row[] {
  const end = branchEnd(rows, i);
  const deepest = Math.max(...rows.slice(i, end).map((r) => r.depth));
  const depth = rows[i]!.depth + by;
  if (depth < 0 || deepest + by >= DEEPEST || (by > 0 && (i === 0 || rows[i - 1]!.depth < depth - 1))) return [...rows];
  const branch = rows.slice(i, end).map((r) => ({ ...r, depth: r.depth + by }));
  if (by > 0) return [...rows.slice(0, i), ...branch, ...rows.slice(end)];
  // Going out, the younger brothers stay with the old parent: the branch moves after them.
  let after = end;
  while (after < rows.length && rows[after]!.depth > depth) after++;
  return [...rows.slice(0, i), ...rows.slice(end, after), ...branch, ...rows.slice(after)];
}
export const remove = (rows: readonly Row[], i: number): Row[] => [...rows.slice(0, i), ...rows.slice(branchEnd(rows, i))];
export function insert(rows: readonly Row[], i: number, child: boolean): { rows: Row[]; at: number } {
  if (i < 0) return { rows: [...rows, fresh(0)], at: rows.length };
  const row = rows[i]!;
  const at = branchEnd(rows, i);
  return { rows: [...rows.slice(0, at), fresh(child ? row.depth + 1 : row.depth), ...rows.slice(at)], at };
}
/** A branch dropped before another row takes that row's place and depth. */
export function drop(rows: readonly Row[], from: number, before: number): Row[] {
  const end = branchEnd(rows, from);
  if (before >= from && before <= end) return [...rows];
  const depth = before < rows.length ? rows[before]!.depth : 0;
  const by = depth - rows[from]!.depth;
  const branch = rows.slice(from, end).map((r) => ({ ...r, depth: r.depth + by }));
  if (Math.max(...branch.map((r) => r.depth)) >= DEEPEST) return [...rows];
  const rest = [...rows.slice(0, from), ...rows.slice(end)];
  const to = before > from ? before - branch.length : before;
  return [...rest.slice(0, to), ...branch, ...rest.slice(to)];
}
