// A customer and the customer's gestiones: loaded once per customer shown, kept up to date by the socket.
import { ApiError, fieldWords, get, patch, problemWords } from '../../api/client';
import type { CaseRow, CustomerState, Identity, Versioned } from '../../api/types';
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

/** The addresses as they are listed: a shop's account number that is the e-mail itself would only say it twice. */
export const listed = (all: readonly Identity[]): Identity[] =>
  all.filter((i, n) => !all.some((x, m) => x.value === i.value && (x.kind === i.kind ? m < n : i.kind === 'crm')));
/** The server takes the whole list of addresses, so that one can also be taken away. */
export const typed = (all: readonly Identity[]): { kind: string; value: string }[] =>
  all.filter((i) => i.kind === 'email' || i.kind === 'phone').map(({ kind, value }) => ({ kind, value }));

/** One field is saved at a time, so the first one at fault is the one just typed. */
const fieldOf = (error: unknown): string | undefined => {
  const [first] = error instanceof ApiError ? Object.keys(error.fields) : [];
  return first === 'identities' ? fieldWords(error, first) : undefined;
};
/** Saves over the version seen; a sentence when it could not be done. The typed text stays in its field. */
export async function change(id: string, what: Record<string, unknown>): Promise<string | null> {
  try {
    const answer = await patch<Versioned<CustomerState>>(`/api/customers/${id}`, { version: version('customer', id), ...what });
    hold('customer', id, answer.version, answer.state);
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || error.key !== 'changed_meanwhile') return fieldOf(error) ?? problemWords(error);
    const fresh = await get<Answer>(`/api/customers/${id}`).catch(() => null);
    if (fresh) hold('customer', id, fresh.version, fresh.state);
    return t('customer.conflict');
  }
}
