// One sound at a time in the administration: what plays, and what could not.
import { address, problemWords, ApiError } from '../api/client';
import { toast } from '../kit/toast.svelte';

let playing = $state('');
let audio: HTMLAudioElement | null = null;

/** The address that is heard now; empty when nothing is. */
export const heard = (): string => playing;
export function hush(): void {
  audio?.pause();
  audio = null;
  playing = '';
}
/** Plays what lies at an address of the API; the same again stops it. */
export function hear(path: string): void {
  const same = playing === path;
  hush();
  if (same) return;
  const mine = (audio = new Audio(address(path)));
  playing = path;
  mine.onended = () => mine === audio && hush();
  const failed = (): void => {
    if (mine !== audio) return;
    hush();
    toast(problemWords(new ApiError(0, 'unplayable')), 'coral');
  };
  mine.onerror = failed;
  void mine.play().catch(failed);
}
/** Where a sound of a number's settings is heard: `custom/es/greeting`, or `custom/<name>` of the list. */
export function audioPath(value: string, items: { id: string; value?: unknown }[]): string {
  const own = /^custom\/([a-z]{2})\/([a-z0-9-]+)$/.exec(value);
  if (own) return `/api/admin/sentences/${own[1]}/${own[2]}`;
  const item = items.find((i) => i.value === value);
  return item ? `/api/admin/prompts/${item.id}/audio` : '';
}
