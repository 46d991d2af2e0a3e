// Which draft wins: the one kept here or the one the server has. Pure.
// A draft written here after the server's last is newer unless another computer saved in between; then the later hand
// wins and the other text stays within reach as `previous`.
export interface Kept { body: string; rev: number; at: number; dirty: boolean; previous: string | null }
export interface Served { body: string; previous: string | null; rev: number; updated_at: string }

export function choose(local: Kept | undefined, served: Served | undefined): Kept | undefined {
  if (!served) {
    // The server has none: it was sent or discarded elsewhere, unless this text was never saved.
    return local?.dirty && local.body ? { ...local, rev: 0 } : undefined;
  }
  const theirs: Kept = { body: served.body, rev: served.rev, at: Date.parse(served.updated_at), dirty: false, previous: served.previous };
  if (!local?.dirty || local.body === served.body) return theirs;
  if (local.rev === served.rev) return local;
  return local.at >= theirs.at
    ? { ...local, rev: served.rev, previous: served.body }
    : { ...theirs, previous: local.body };
}
