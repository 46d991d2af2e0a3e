// The files that go with the next message of one conversation: the upload begins at once and shows its progress.
import { SvelteMap } from 'svelte/reactivity';
import { newId, upload } from '../../api/client';
import type { Attachment } from '../../api/types';

export interface Going { key: string; name: string; size: number; file: File; part: number; done: Attachment | null; error: unknown }
const by = new SvelteMap<string, Going[]>();

export const filesOf = (conversation: string): readonly Going[] => by.get(conversation) ?? [];
const change = (conversation: string, key: string, with_: Partial<Going>): void => {
  by.set(conversation, (by.get(conversation) ?? []).map((f) => (f.key === key ? { ...f, ...with_ } : f)));
};

export function attach(conversation: string, files: Iterable<File>): void {
  for (const file of files) {
    const going: Going = { key: newId(), name: file.name || 'captura.png', size: file.size, file, part: 0, done: null, error: null };
    by.set(conversation, [...(by.get(conversation) ?? []), going]);
    start(conversation, going);
  }
}
export function start(conversation: string, f: Going): void {
  change(conversation, f.key, { error: null, part: 0 });
  upload<Attachment>(`/api/uploads?conversation=${conversation}`, f.file, f.name, (part) => change(conversation, f.key, { part })).then(
    (done) => change(conversation, f.key, { done, part: 1 }),
    (error: unknown) => change(conversation, f.key, { error }),
  );
}
export const remove = (conversation: string, key: string): void => void by.set(conversation, filesOf(conversation).filter((f) => f.key !== key));
/** Takes what is uploaded, to be sent with a message. */
export function take(conversation: string): Attachment[] {
  const done = filesOf(conversation).flatMap((f) => (f.done ? [f.done] : []));
  by.delete(conversation);
  return done;
}
