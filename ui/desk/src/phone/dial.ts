// Calling out: asked of the server, which rings this phone first. The call then stands in its gestión.
import { ApiError, newId, post, problemWords } from '../api/client';
import type { CaseState, Id } from '../api/types';
import { go, link } from '../app/route.svelte';
import { words } from '../i18n/words.svelte';
import { toast } from '../kit/toast.svelte';
import { dialer, type Wish } from './dialer.svelte';
import type { MyCall } from './rules';

let click = { wish: '', id: '' };
/** Calls; resolves to a sentence when it could not be. The same wish again after a lost answer is the same call. */
export async function dial(wish: Wish): Promise<string | null> {
  if (dialer.busy) return null;
  const key = JSON.stringify(wish);
  if (click.wish !== key) click = { wish: key, id: newId() };
  dialer.busy = true;
  try {
    const made = await post<{ case_id: Id }>('/api/calls', { client_id: click.id, number: wish.number ?? '', case_id: wish.caseId || null, purpose: wish.purpose ?? 'manual' });
    click = { wish: '', id: '' };
    dialer.open = false;
    go(link('mesa', made.case_id));
    return null;
  } catch (error) {
    // What was refused is another wish when it is asked again; what got no answer may have been done.
    if (error instanceof ApiError && error.status >= 400) click = { wish: '', id: '' };
    return problemWords(error);
  } finally {
    dialer.busy = false;
  }
}

/** What became of a call out that ended before anybody answered, for as long as its gestión is here. */
export function tellResult(before: MyCall, c: CaseState | undefined): void {
  const result = c?.interactions.find((i) => i.id === before.interaction)?.result;
  if (result && result !== 'answered' && result !== 'canceled') toast(words(`system.call_${result}`), 'coral');
}
