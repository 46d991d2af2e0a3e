// Shortcuts: what a key press is, and what it never is.
import { describe, expect, it } from 'vitest';
import { isLetter, matches, type Press } from '../src/keys/combo';

const press = (key: string, over: Partial<Press> = {}): Press => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...over });

describe('matches', () => {
  it('reads function keys, letters and Ctrl', () => {
    expect(matches(press('F2'), 'F2')).toBe(true);
    expect(matches(press('J'), 'j')).toBe(true);
    expect(matches(press('k', { ctrlKey: true }), 'Ctrl+K')).toBe(true);
    expect(matches(press('k', { metaKey: true }), 'Ctrl+K')).toBe(true);
    expect(matches(press('k'), 'Ctrl+K')).toBe(false);
  });
  it('never takes AltGr for a shortcut: on Spanish keyboards it types signs', () => {
    expect(matches(press('e', { ctrlKey: true, altKey: true }), 'e')).toBe(false);
    expect(matches(press('k', { ctrlKey: true, altKey: true }), 'Ctrl+K')).toBe(false);
  });
  it('lets a sign come with Shift but not a letter', () => {
    expect(matches(press('?', { shiftKey: true }), '?')).toBe(true);
    expect(matches(press('/', { shiftKey: true }), '/')).toBe(true);
    expect(matches(press('E', { shiftKey: true }), 'e')).toBe(false);
  });
  it('leaves alone what is being composed', () => {
    expect(matches(press('e', { isComposing: true }), 'e')).toBe(false);
  });
  it('knows which shortcuts can be switched off', () => {
    expect(isLetter('j')).toBe(true);
    expect(isLetter('F2')).toBe(false);
    expect(isLetter('Ctrl+K')).toBe(false);
  });
});
