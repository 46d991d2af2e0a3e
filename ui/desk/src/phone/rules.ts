// What follows from what the server says and what the phone says. Pure.
import type { CaseState } from '../api/types';
import { myAssignment } from '../live/versions';
import type { Session, Sound } from './phone';

export type CallState = NonNullable<CaseState['interactions'][number]['call']>;
export interface MyCall { c: CaseState; interaction: string; call: CallState }

const TALKING = new Set(['connected', 'held', 'dialing', 'alerting']);
const ANSWERED = new Set(['connected', 'held']);
const WITH_ME = new Set(['connecting', 'active', 'held', 'lost']);

/** The live call that is mine by the server's word: I have the gestión, and the call is at my phone. */
export function callOf(cases: readonly CaseState[], me: string): MyCall | null {
  for (const c of cases) {
    const mine = myAssignment(c, me);
    if (!mine || !WITH_ME.has(mine.state)) continue;
    for (const i of c.interactions) if (i.call && (i.call.agent_id === me || i.call.agent_id === null)) return { c, interaction: i.id, call: i.call };
  }
  return null;
}

/** A phone that rings for what I already have answers by itself: accepted without it, or the page was loaded anew. */
export const answersItself = (s: Session | null, mine: MyCall | null): boolean => s?.stage === 'ringing' && !!mine && s.call === mine.interaction;

/** A phone that talks in a call that is mine no longer: its hang-up was lost on the way. */
export const isStale = (s: Session | null, mine: MyCall | null, known: string): boolean => s?.stage === 'talking' && s.call === known && mine?.interaction !== s.call;

/** I have a call, and no phone in it: the server is asked to ring again. A phone that is being rung (`ringing`) comes by itself, unless it is another one by now. */
export const isDeaf = (s: Session | null, mine: MyCall | null, ready: boolean): boolean => ready && !s && !!mine && (TALKING.has(mine.call.state) || mine.call.state === 'ringing');

/** A call out that nobody has answered yet. */
export const isTrying = (mine: MyCall | null): boolean => mine?.call.direction === 'out' && !ANSWERED.has(mine.call.state);

/** Whether the phone is wanted at all. */
export const isWanted = (voice: boolean, slots: number, presence: string | undefined, mine: MyCall | null): boolean => voice && (!!mine || (slots > 0 && !!presence && presence !== 'offline'));

/** A phone that is in no call of one's own: a supervisor listens. */
export const isListening = (s: Session | null): boolean => !!s?.call.startsWith('sup-');

export type Grade = 'good' | 'fair' | 'poor';
/** As it is heard: 150 ms one way and 1 % lost are noticed, the double is a nuisance (ITU-T G.114, E-model). */
export function grade(s: Pick<Sound, 'loss' | 'rtt' | 'jitter'>): Grade {
  if (s.loss > 0.05 || s.rtt > 600 || s.jitter > 80) return 'poor';
  return s.loss > 0.01 || s.rtt > 300 || s.jitter > 40 ? 'fair' : 'good';
}
