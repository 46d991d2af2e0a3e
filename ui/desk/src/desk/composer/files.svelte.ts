// The files that go with the next message of one conversation: the upload begins at once and shows its progress.
import { SvelteMap } from 'svelte/reactivity';
import { ApiError, newId, upload } from '../../api/client';
import type { Attachment } from '../../api/types';

export interface Going { key: string; name: string; size: number; file: File; part: number; done: Attachment | null; error: unknown; picture: string }
/** As the server refuses it; said at once instead of after minutes of uploading. */
const MAX_MB = 25;
const by = new SvelteMap<string, Going[]>();

export const filesOf = (conversation: string): readonly Going[] => by.get(conversation) ?? [];
const change = (conversation: string, key: string, with_: Partial<Going>): void => {
  by.set(conversation, (by.get(conversation) ?? []).map((f) => (f.key === key ? { ...f, ...with_ } : f)));
};

const safe = /^image\/(png|jpeg|gif|webp)$/;
export const unfit = (file: { size: number }): ApiError | null =>
  file.size > MAX_MB * 1024 * 1024 ? new ApiError(413, 'file_too_big', { mb: MAX_MB }) : file.size ? null : new ApiError(422, 'file_empty');
/** The same file would be refused again. */
export const hopeless = (error: unknown): boolean => error instanceof ApiError && [413, 415, 422].includes(error.status);

export function attach(conversation: string, files: Iterable<File>): void {
  for (const file of files) {
    const going: Going = { key: newId(), name: file.name || 'captura.png', size: file.size, file, part: 0, done: null, error: unfit(file), picture: safe.test(file.type) ? URL.createObjectURL(file) : '' };
    by.set(conversation, [...(by.get(conversation) ?? []), going]);
    if (!going.error) start(conversation, going);
  }
}
export function start(conversation: string, f: Going): void {
  change(conversation, f.key, { error: null, part: 0 });
  upload<Attachment>(`/api/uploads?conversation=${conversation}`, f.file, f.name, (part) => change(conversation, f.key, { part })).then(
    (done) => change(conversation, f.key, { done, part: 1 }),
    (error: unknown) => change(conversation, f.key, { error }),
  );
}
const forget = (f: Going): void => { if (f.picture) URL.revokeObjectURL(f.picture); };
export function remove(conversation: string, key: string): void {
  filesOf(conversation).filter((f) => f.key === key).forEach(forget);
  by.set(conversation, filesOf(conversation).filter((f) => f.key !== key));
}
/** Takes what is uploaded, to be sent with a message. */
export function take(conversation: string): Attachment[] {
  filesOf(conversation).forEach(forget);
  const done = filesOf(conversation).flatMap((f) => (f.done ? [f.done] : []));
  by.delete(conversation);
  return done;
}
/** Why a message cannot leave yet because of its files. */
export const held = (files: readonly Going[]): 'composer.bad_files' | 'composer.wait_files' | null =>
  files.some((f) => f.error) ? 'composer.bad_files' : files.some((f) => !f.done) ? 'composer.wait_files' : null;
