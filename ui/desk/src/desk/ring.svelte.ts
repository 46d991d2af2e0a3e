// Makes the desk heard: an offer rings until it is answered, a customer's message blips, the title counts what waits.
import { chrome } from '../app/chrome.svelte';
import { preference } from '../app/session.svelte';
import { t, words } from '../i18n/words.svelte';
import { unread } from '../live/versions';
import { badge, blip, hush, notice, ring } from '../notify/notify.svelte';
import { groupOf } from './worklist/groups';
import { cases, myId, offer } from './mine.svelte';

const sound = () => ({ on: preference('sound', true), volume: preference('volume', 0.6) });

/** Call inside a component: it lives as long as the agent's bar does. */
export function ringWhileHere(): void {
  $effect(() => {
    const o = offer();
    if (!o) return hush();
    const channel = words(`channel.${o.channel ?? o.media}`);
    ring(o.id, t('offer.notice', { name: o.customer }), `${channel} · ${o.queue}${o.preview ? `\n${o.preview}` : ''}`, sound());
  });
  $effect(() => () => hush());

  let before = new Map<string, number>();
  $effect(() => {
    const counts = new Map<string, number>();
    let waiting = offer() ? 1 : 0;
    for (const c of cases()) {
      if (!groupOf(c, myId())) continue;
      const n = unread(c);
      counts.set(c.id, n);
      waiting += n ? 1 : 0;
      const grew = before.has(c.id) && n > before.get(c.id)!;
      if (grew && !(document.hasFocus() && location.hash.includes(c.id))) {
        blip(sound());
        notice(c.id, c.customer.name || t('case.visitor'), c.last?.body ?? '');
      }
    }
    before = counts;
    chrome.attention = waiting;
    badge(waiting, offer() ? t('offer.title') : '');
  });
  $effect(() => () => {
    chrome.attention = 0;
    badge(0);
  });
}
