// Keeps the phone as the server's word wants it: there when the agent works, in his call, out of calls that are over.
import { untrack } from 'svelte';
import { route } from '../app/route.svelte';
import { session } from '../app/session.svelte';
import { agent, answering, cases, myId } from '../desk/mine.svelte';
import { t } from '../i18n/words.svelte';
import { toast } from '../kit/toast.svelte';
import { ready } from '../live/store.svelte';
import { answer, checkMic, drop, kept, mint, phone, rejoin, want } from './call.svelte';
import { answersItself, callOf, isDeaf, isListening, isStale, isTrying, isWanted, type MyCall } from './rules';

/** How long the server may take to tell what the phone knows already. */
const SETTLE_MS = 1500;
const AGAIN_MS = 5000;
const MINT_AGAIN_MS = 2000;

export const myCall = (): MyCall | null => (session.me ? callOf(cases(), myId()) : null);
/** Whether the frame shows the call bar: not while the call's own gestión is open, which has it. */
export function isCallElsewhere(): boolean {
  const mine = myCall();
  const here = route();
  if (mine) return !(here.name === 'mesa' && here.parts[0] === mine.c.id) && !answering.id;
  // Answered, and the server has not told of it for a while: there must be a way to hang up.
  return !!phone.session && phone.session.stage !== 'ringing' && !isListening(phone.session) && !answering.id;
}
export const hasVoice = (): boolean => session.reference?.voice ?? false;

/** Call inside a component: it lives as long as the agent's bar does. */
export function phoneWhileHere(): void {
  const mine = $derived(myCall());
  const wanted = $derived(isWanted(hasVoice(), agent()?.slots.voice ?? 0, agent()?.presence, mine));
  $effect(() => want(wanted));
  $effect(() => () => want(false));

  $effect(() => {
    if (wanted) void checkMic().then(() => ['denied', 'missing', 'insecure'].includes(phone.mic) && toast(t(`phone.mic_${phone.mic as 'denied'}`), 'coral'));
  });
  // A network that lets no audio through is said before a caller meets it; once a page.
  let looked = false;
  $effect(() => {
    if (phone.link !== 'ready' || looked) return;
    looked = true;
    void import('./network').then(({ checkNetwork }) => checkNetwork(kept()?.ice ?? [])).then((found) => found === 'blocked' && toast(t('phone.network_blocked'), 'coral')).catch(() => {});
  });
  // Once a ringing: without a microphone the agent is told, and answers by hand when there is one.
  let tried = '';
  $effect(() => {
    if (!phone.session) tried = '';
    else if (answersItself(phone.session, mine) && tried !== phone.session.call) {
      tried = phone.session.call;
      void answer();
    }
  });

  // What was mine by the server's word while the phone was in it, and is no more: its end was lost on the way.
  let known = $state('');
  $effect(() => {
    if (mine && phone.session?.call === mine.interaction) known = mine.interaction;
  });
  $effect(() => {
    if (!ready.snapshot || !isStale(phone.session, mine, known)) return;
    const waits = setTimeout(drop, SETTLE_MS);
    return () => clearTimeout(waits);
  });

  const deaf = $derived(isDeaf(phone.session, mine, phone.link === 'ready') ? mine!.interaction : '');
  $effect(() => {
    const interaction = deaf;
    if (!interaction) return;
    // A call that this page was in has just ended here and the server is about to say so; after a reload it was in none.
    let timer = setTimeout(function again() {
      void rejoin(interaction);
      timer = setTimeout(again, AGAIN_MS);
    }, known === interaction || mine?.call.state === 'ringing' ? SETTLE_MS : 0);
    return () => clearTimeout(timer);
  });

  // A call out that ended before anybody answered: why is told wherever its agent is.
  let trying: MyCall | null = null;
  $effect(() => {
    const now = mine;
    const before = trying;
    trying = isTrying(now) ? now : null;
    if (before && now?.interaction !== before.interaction) void import('./dial').then(({ tellResult }) => tellResult(before, untrack(cases).find((c) => c.id === before.c.id)));
  });

  $effect(() => {
    if (phone.link !== 'refused' || phone.session) return;
    const waits = setTimeout(() => void mint(), MINT_AGAIN_MS);
    return () => clearTimeout(waits);
  });
}
