// The files of a message that has not left, and the addresses of a customer as they are listed.
import { describe, expect, it } from 'vitest';
import { ApiError } from '../src/api/client';
import type { Identity } from '../src/api/types';
import { held, hopeless, unfit, type Going } from '../src/desk/composer/files.svelte';
import { listed, typed } from '../src/desk/customer/load.svelte';

const going = (over: Partial<Going>): Going => ({ key: 'k', name: 'a', size: 1, file: new File([], 'a'), part: 0, done: null, error: null, picture: '', ...over });
const done = { id: 'f', name: 'a', media_type: 'image/png', size: 1 };

describe('files', () => {
  it('are refused before they travel, with the limit', () => {
    expect(unfit({ size: 30 * 1024 * 1024 })).toMatchObject({ key: 'file_too_big', values: { mb: 25 } });
    expect(unfit({ size: 0 })).toMatchObject({ key: 'file_empty' });
    expect(unfit({ size: 25 * 1024 * 1024 })).toBeNull();
  });
  it('are tried again only when that can help', () => {
    expect([413, 415, 422, 0, 503].map((status) => hopeless(new ApiError(status, 'x')))).toEqual([true, true, true, false, false]);
  });
  it('say why the message stays: one that failed, one on its way', () => {
    expect(held([going({ done })])).toBeNull();
    expect(held([going({}), going({ done })])).toBe('composer.wait_files');
    expect(held([going({}), going({ error: new ApiError(415, 'x') })])).toBe('composer.bad_files');
  });
});

describe('addresses', () => {
  const identity = (id: string, kind: string, value: string): Identity => ({ id, kind, value, label: null, verified: false, primary: false });
  const all = [identity('1', 'crm', 'ana@x.pe'), identity('2', 'email', 'ana@x.pe'), identity('3', 'crm', 'C-12'), identity('4', 'crm', 'C-12'), identity('5', 'phone', '999888')];
  it('are listed once', () => expect(listed(all).map((i) => i.id)).toEqual(['2', '3', '5']));
  it('go back to the server without those of the channel', () => expect(typed(all).map((i) => i.value)).toEqual(['ana@x.pe', '999888']));
});
