// The newer draft wins and the other stays within reach.
import { describe, expect, it } from 'vitest';
import { choose, type Kept, type Served } from '../src/drafts/choose';

const local = (over: Partial<Kept> = {}): Kept => ({ body: 'aquí', rev: 3, at: 2000, dirty: true, previous: null, ...over });
const served = (over: Partial<Served> = {}): Served => ({ body: 'allá', rev: 3, previous: null, updated_at: new Date(1000).toISOString(), ...over });

describe('choose', () => {
  it('keeps what was typed here after the last save', () => {
    expect(choose(local(), served())).toEqual(local());
  });
  it('takes the server when nothing was typed here since', () => {
    expect(choose(local({ dirty: false }), served({ rev: 7 }))).toMatchObject({ body: 'allá', rev: 7, dirty: false });
  });
  it('keeps the later of two hands, with the other as the previous version', () => {
    expect(choose(local({ at: 9000 }), served({ rev: 5 }))).toMatchObject({ body: 'aquí', rev: 5, previous: 'allá', dirty: true });
    expect(choose(local({ at: 500 }), served({ rev: 5 }))).toMatchObject({ body: 'allá', rev: 5, previous: 'aquí', dirty: false });
  });
  it('forgets a draft that the server no longer has, unless it was never saved', () => {
    expect(choose(local({ dirty: false }), undefined)).toBeUndefined();
    expect(choose(local(), undefined)).toMatchObject({ body: 'aquí', rev: 0 });
  });
  it('does not call the same text a conflict', () => {
    expect(choose(local({ body: 'allá', rev: 1 }), served({ rev: 5 }))).toMatchObject({ dirty: false, rev: 5, previous: null });
  });
  it('takes the server on a computer that has none', () => {
    expect(choose(undefined, served())).toMatchObject({ body: 'allá', dirty: false });
  });
});
