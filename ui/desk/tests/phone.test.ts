// The softphone's state: what follows from the server's word and the phone's, and getting a phone at all.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CaseState } from '../src/api/types';
import * as desk from '../src/phone/call.svelte';
import { judge } from '../src/phone/network';
import type { Credentials, Phone, PhoneState, Sound } from '../src/phone/phone';
import { answersItself, callOf, grade, isDeaf, isStale, isTrying, isWanted, type MyCall } from '../src/phone/rules';

const ME = 'me';
function made(call: Partial<NonNullable<MyCall['call']>> | null, assignment: string | null = 'active'): CaseState {
  const i = { id: 'i1', channel: 'voice', state: 'active', call: call && { state: 'connected', since: '1', number: '+511', agent_id: ME, muted: false, ...call } };
  return { id: 'c', interactions: [{ id: 'i0', call: null }, i], assignments: assignment ? [{ agent_id: ME, state: assignment }] : [] } as unknown as CaseState;
}
const mine = callOf([made({})], ME)!;
const talking = { call: 'i1', stage: 'talking' } as const;
const ringing = { call: 'i1', stage: 'ringing' } as const;

describe('the call that is mine', () => {
  it('is the live one of a gestión that I attend', () => {
    expect(mine.interaction).toBe('i1');
    expect(callOf([made({}, 'wrapping')], ME)).toBeNull();
    expect(callOf([made({}, null)], ME)).toBeNull();
    const again = made({}, 'wrapping');
    again.assignments = [...again.assignments, { ...again.assignments[0]!, id: 'b', state: 'active' }];
    expect(callOf([again], ME)?.interaction).toBe('i1');
    expect(callOf([made(null)], ME)).toBeNull();
    expect(callOf([made({ agent_id: 'other' })], ME)).toBeNull();
  });
  it('is answered by the phone itself when I have it already, never an offer', () => {
    expect(answersItself(ringing, mine)).toBe(true);
    expect(answersItself(ringing, null)).toBe(false);
    expect(answersItself({ ...ringing, call: 'i2' }, mine)).toBe(false);
    expect(answersItself(talking, mine)).toBe(false);
  });
  it('is dropped when the server has it no longer, not before it has told of it', () => {
    expect(isStale(talking, null, 'i1')).toBe(true);
    expect(isStale(talking, null, '')).toBe(false);
    expect(isStale(talking, mine, 'i1')).toBe(false);
    expect(isStale(ringing, null, 'i1')).toBe(false);
  });
  it('asks to be rung again when no phone is in it', () => {
    expect(isDeaf(null, mine, true)).toBe(true);
    expect(isDeaf(null, mine, false)).toBe(false);
    expect(isDeaf(talking, mine, true)).toBe(false);
    expect(isDeaf(null, callOf([made({ state: 'ringing' })], ME), true)).toBe(true);
    expect(isDeaf(null, callOf([made({ state: 'alerting' })], ME), true)).toBe(true);
    expect(isDeaf(null, callOf([made({ state: 'waiting' })], ME), true)).toBe(false);
  });
  it('is tried until somebody answers, when it goes out', () => {
    const tries = ['ringing', 'dialing', 'alerting', 'connected', 'held'].map((state) => isTrying(callOf([made({ state, direction: 'out' })], ME)));
    expect(tries).toEqual([true, true, true, false, false]);
    expect(isTrying(mine)).toBe(false);
    expect(isTrying(null)).toBe(false);
  });
  it('wants a phone on duty and in a call, never without calls', () => {
    expect(isWanted(true, 1, 'available', null)).toBe(true);
    expect(isWanted(true, 1, 'paused', null)).toBe(true);
    expect(isWanted(true, 1, 'offline', null)).toBe(false);
    expect(isWanted(true, 0, 'available', null)).toBe(false);
    expect(isWanted(true, 0, 'offline', mine)).toBe(true);
    expect(isWanted(false, 1, 'available', mine)).toBe(false);
  });
});

it('says of the network what its candidates mean', () => {
  const stun = [{ urls: 'stun:x' }];
  expect(judge(new Set(['host', 'srflx']), stun)).toBe('open');
  expect(judge(new Set(['host', 'relay']), stun)).toBe('relayed');
  expect(judge(new Set(['host']), stun)).toBe('blocked');
  expect(judge(new Set(['host']), [])).toBe('local');
  expect(judge(new Set(), [])).toBe('blocked');
});

it('grades the sound as it is heard', () => {
  expect(grade({ loss: 0, rtt: 60, jitter: 5 })).toBe('good');
  expect(grade({ loss: 0.02, rtt: 60, jitter: 5 })).toBe('fair');
  expect(grade({ loss: 0, rtt: 700, jitter: 5 })).toBe('poor');
});

/** A phone that does what the test says. */
class Toy implements Phone {
  state: PhoneState = { link: 'off', session: null };
  acts: string[] = [];
  failure: unknown = null;
  private told: ((state: PhoneState) => void) | undefined;
  be(state: Partial<PhoneState>) { this.state = { ...this.state, ...state }; this.told?.(this.state); }
  connect(c: Credentials) { this.acts.push(`connect ${c.username}`); this.be({ link: 'ready' }); }
  disconnect() { this.acts.push('disconnect'); this.be({ link: 'off', session: null }); }
  async answer() { if (this.failure) throw this.failure; this.be({ session: { call: 'i1', stage: 'talking' } }); }
  reject() { this.acts.push('reject'); }
  hangup() { this.acts.push('hangup'); this.be({ session: null }); }
  mute(on: boolean) { this.acts.push(`mute ${on}`); }
  dtmf(key: string) { this.acts.push(`key ${key}`); }
  async devices() {}
  async sound(): Promise<Sound> { return { level: 0.5, energy: 1, loss: 0, rtt: 1, jitter: 1 }; }
  watch(told: (state: PhoneState) => void) { this.told = told; return () => {}; }
}

describe('the phone of the desk', () => {
  const toy = new Toy();
  const asked: string[] = [];
  let status = 200;
  const kept = new Map<string, string>();
  const shelf = { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) };
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('sessionStorage', shelf);
    vi.stubGlobal('localStorage', shelf);
    vi.stubGlobal('fetch', async (path: string) => {
      asked.push(path.replace(/^\./, ''));
      return new Response(JSON.stringify(status === 200 ? { username: 'a1', ice: [] } : { key: 'voice_is_away' }), { status });
    });
    desk.makePhone(async () => toy);
    status = 200;
    asked.length = toy.acts.length = 0;
    toy.failure = null;
  });
  afterEach(() => {
    desk.want(false);
    kept.clear();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const on = async () => { desk.want(true); await vi.advanceTimersByTimeAsync(1); };

  it('gets credentials each time it is wanted, and gives the phone up after', async () => {
    await on();
    expect([asked, toy.acts, desk.phone.link]).toEqual([['/api/phone'], ['connect a1'], 'ready']);
    desk.want(false);
    expect([toy.acts.at(-1), desk.phone.link]).toEqual(['disconnect', 'off']);
  });
  it('goes on with the phone it had when the page is loaded anew', async () => {
    kept.set('atiende.phone.kept', JSON.stringify({ username: 'before', ice: [] }));
    await on();
    expect([asked, toy.acts]).toEqual([[], ['connect before']]);
    desk.want(false);
    expect(kept.size).toBe(0);
  });
  it('tries again while the telephone is away, and not where there is none', async () => {
    status = 503;
    await on();
    expect([asked.length, desk.phone.link]).toEqual([1, 'down']);
    status = 200;
    await vi.advanceTimersByTimeAsync(1100);
    expect([asked.length, desk.phone.link]).toEqual([2, 'ready']);
    desk.want(false);
    status = 409;
    await on();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([asked.length, desk.phone.link]).toEqual([3, 'off']);
  });
  it('answers what rings, and says why it cannot', async () => {
    await on();
    expect(await desk.answer()).toBe(false);
    toy.be({ session: { call: 'i1', stage: 'ringing' } });
    toy.failure = new DOMException('no', 'NotAllowedError');
    expect([await desk.answer(), desk.phone.mic, desk.phone.settings]).toEqual([false, 'denied', true]);
    toy.failure = null;
    expect([await desk.answer(), desk.phone.session?.stage, desk.phone.mic]).toEqual([true, 'talking', 'granted']);
  });
  it('keeps a muted microphone muted when the page comes back into the same call', async () => {
    await on();
    toy.be({ session: { ...talking } });
    desk.mute(true);
    toy.be({ session: null });
    expect(desk.phone.muted).toBe(false);
    toy.be({ session: { ...talking } });
    expect([desk.phone.muted, toy.acts.at(-1)]).toEqual([true, 'mute true']);
    toy.be({ session: null });
    toy.be({ session: { call: 'i2', stage: 'talking' } });
    expect(desk.phone.muted).toBe(false);
  });
  it('hangs up on its own side when the server does not answer', async () => {
    await on();
    toy.be({ session: { ...talking } });
    status = 503;
    await desk.hangup('i1');
    expect([asked.at(-1), toy.acts.at(-1), desk.phone.session]).toEqual(['/api/calls/i1/hangup', 'hangup', null]);
  });
  it('hears the other side while it talks, and only then', async () => {
    await on();
    toy.be({ session: { ...talking } });
    await vi.advanceTimersByTimeAsync(600);
    expect(desk.phone.levels.slice(-2)).toEqual([0.5, 0.5]);
    toy.be({ session: null });
    expect(desk.phone.levels.every((x) => x === 0)).toBe(true);
  });
});
