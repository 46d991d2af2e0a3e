// A customer and the customer's gestiones: loaded once per customer shown, kept up to date by the socket.
import { ApiError, get, patch, problemWords } from '../../api/client';
import type { CaseRow, CustomerState, Versioned } from '../../api/types';
import { t } from '../../i18n/words.svelte';
import { hold, version } from '../../live/store.svelte';

export interface Loaded { id: string; cases: CaseRow[]; failure: unknown }
type Answer = Versioned<CustomerState> & { cases: CaseRow[] };

/** What the panel shows beside the live state; call in a component with a reactive id. */
export function loadCustomer(id: () => string | undefined): Loaded {
  const out = $state<Loaded>({ id: '', cases: [], failure: null });
  $effect(() => {
    const wanted = id();
    if (!wanted || out.id === wanted) return;
    Object.assign(out, { id: wanted, cases: [], failure: null });
    get<Answer>(`/api/customers/${wanted}`).then((answer) => {
      hold('customer', wanted, answer.version, answer.state);
      if (out.id === wanted) out.cases = answer.cases;
    }, (error: unknown) => { if (out.id === wanted) out.failure = error; });
  });
  return out;
}

/** Saves over the version seen; a sentence when it could not be done. The typed text stays in its field. */
export async function change(id: string, what: Record<string, unknown>): Promise<string | null> {
  try {
    const answer = await patch<Versioned<CustomerState>>(`/api/customers/${id}`, { version: version('customer', id), ...what });
    hold('customer', id, answer.version, answer.state);
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || error.key !== 'changed_meanwhile') return problemWords(error);
    const fresh = await get<Answer>(`/api/customers/${id}`).catch(() => null);
    if (fresh) hold('customer', id, fresh.version, fresh.state);
    return t('customer.conflict');
  }
}
