// The one-time link just made, kept only until the page is left: the server never shows it again.
import { post, problemWords } from '../../api/client';
import { t } from '../../i18n/words.svelte';
import { toast } from '../../kit/toast.svelte';
import type { Item } from '../lists.svelte';

export const made = $state({ user: '', url: '', purpose: '' });

export async function makeLink(user: Item, purpose: 'invite' | 'reset'): Promise<void> {
  try {
    const { url } = await post<{ url: string }>(`/api/admin/users/${user.id}/link`, { purpose });
    Object.assign(made, { user: user.id, url, purpose });
  } catch (error) {
    toast(problemWords(error), 'coral');
  }
}
/** Whoever has just been added needs the invitation: it is made at once. */
export const inviteNew = (user: Item): Promise<void> => makeLink(user, 'invite');

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t('admin.copied'), 'ok');
  } catch {
    toast(t('admin.copy_failed'), 'coral');
  }
}
