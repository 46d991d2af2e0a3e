// Reads a shortcut ("F2", "Ctrl+K", "j") and says whether a key press is it. Pure.
// Ctrl+Alt is AltGr on Spanish keyboards (it types @, #, €): it is never a shortcut, whatever the letter.
export interface Press { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; shiftKey: boolean; isComposing?: boolean }

export function matches(press: Press, combo: string): boolean {
  if (press.isComposing || (press.ctrlKey && press.altKey) || press.altKey) return false;
  const parts = combo.split('+');
  const key = parts.pop()!;
  const ctrl = parts.includes('Ctrl');
  if (ctrl !== (press.ctrlKey || press.metaKey)) return false;
  // A sign ("?", "/") may need Shift to be typed; a letter or a named key must say so.
  if (/^([a-z0-9]|\w{2,})$/i.test(key) && parts.includes('Shift') !== press.shiftKey) return false;
  return press.key.toLowerCase() === key.toLowerCase();
}
/** Single characters can be switched off (WCAG 2.1.4) and never act while somebody writes. */
export const isLetter = (combo: string): boolean => combo.length === 1;

export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.tagName === 'TEXTAREA' || target.tagName === 'SELECT') return true;
  return target.tagName === 'INPUT' && !['checkbox', 'radio', 'button', 'range', 'color'].includes((target as HTMLInputElement).type);
}
