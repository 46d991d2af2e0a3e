// What was recorded in a case: asked once, and again when the server says that one of its recordings moved.
import { SvelteMap } from 'svelte/reactivity';
import { get } from '../../api/client';
import type { Recording } from '../../api/types';

const shelves = new SvelteMap<string, readonly Recording[]>();
const asked = new Map<string, { stamp: string; running: Promise<void> }>();

/** The recording of one call, or undefined while nothing is known of it. */
export const recordingOf = (caseId: string, interaction: string): Recording | undefined =>
  shelves.get(caseId)?.find((r) => r.interaction_id === interaction);

/** Asks unless it was asked with this stamp before; the stamp is whatever changes when the answer would. */
export function load(caseId: string, stamp: string): Promise<void> {
  const before = asked.get(caseId);
  if (before?.stamp === stamp) return before.running;
  const running = get<{ items: Recording[] }>(`/api/cases/${caseId}/recordings`).then(
    // An answer to an older question may come later.
    ({ items }) => void (asked.get(caseId)?.stamp === stamp && shelves.set(caseId, items)),
    (error) => { asked.delete(caseId); throw error; },
  );
  asked.set(caseId, { stamp, running });
  return running;
}
