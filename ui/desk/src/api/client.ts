// The one door to the server: JSON in and out, the X-Atiende header, errors as keys with words in the catalogues.
import { words } from '../i18n/words.svelte';
import { sampleDelay } from '../live/quality.svelte';

/** What the server answered instead of what was asked: a key under `problem.` and its values. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly key: string,
    readonly values: Record<string, unknown> = {},
    readonly fields: Record<string, string> = {},
  ) {
    super(key);
  }
}

export const OFFLINE = 'offline';
let base = '.';
let onSessionEnd: () => void = () => {};
/** main.ts says what to do when the session ends under the agent's feet. */
export const whenSessionEnds = (then: () => void): void => void (onSessionEnd = then);
export const setBase = (address: string): void => void (base = address);
export const address = (path: string): string => base + path;

/** An id made by the screen: the same call twice changes things once. */
export function newId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6]! & 0x0f) | 0x40;
  b[8] = (b[8]! & 0x3f) | 0x80;
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

type Call = { keepalive?: boolean; signal?: AbortSignal };

export async function api<T>(method: string, path: string, body?: unknown, call: Call = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-Atiende'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const started = performance.now();
  let answer: Response;
  try {
    answer = await fetch(address(path), {
      method, headers, credentials: 'same-origin', cache: 'no-store',
      body: body === undefined ? null : JSON.stringify(body), ...call,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, OFFLINE);
  }
  sampleDelay(performance.now() - started);
  return (await read(answer, path)) as T;
}

async function read(answer: Response, path: string): Promise<unknown> {
  const text = await answer.text();
  let data: Record<string, unknown> = {};
  try {
    data = text ? JSON.parse(text) : {};
  } catch {
    if (answer.ok) throw new ApiError(answer.status, 'unexpected');
  }
  if (answer.ok) return data;
  if (answer.status === 401 && !path.startsWith('/api/login') && !path.startsWith('/api/me')) onSessionEnd();
  const key = typeof data.key === 'string' ? data.key : answer.status >= 500 ? 'unavailable' : 'unexpected';
  throw new ApiError(answer.status, key, { ...(data.values as object) }, { ...(data.fields as Record<string, string>) });
}

export const get = <T>(path: string, call?: Call) => api<T>('GET', path, undefined, call);
export const post = <T>(path: string, body: unknown = {}, call?: Call) => api<T>('POST', path, body, call);
export const patch = <T>(path: string, body: unknown) => api<T>('PATCH', path, body);
export const put = <T>(path: string, body: unknown, call?: Call) => api<T>('PUT', path, body, call);
export const del = <T>(path: string, body?: unknown) => api<T>('DELETE', path, body);

/** A file, with its progress (0..1): fetch cannot tell it, XMLHttpRequest can. */
export function upload<T>(path: string, file: Blob, name: string, progress: (part: number) => void, more: Record<string, string> = {}): Promise<T> {
  return new Promise((done, failed) => {
    const call = new XMLHttpRequest();
    call.open('POST', address(path));
    call.setRequestHeader('X-Atiende', '1');
    call.upload.onprogress = (e) => e.lengthComputable && progress(e.loaded / e.total);
    call.onerror = () => failed(new ApiError(0, OFFLINE));
    call.onload = () => read(new Response(call.responseText, { status: call.status || 500 }), path).then((x) => done(x as T), failed);
    const form = new FormData();
    for (const [key, value] of Object.entries(more)) form.append(key, value);
    form.append('file', file, name);
    call.send(form);
  });
}

/** The sentence a person reads for any failure. */
export function problemWords(error: unknown): string {
  if (!(error instanceof ApiError)) return words('problem.unexpected');
  return words(`problem.${error.key}`, error.values as Record<string, string | number>, words('problem.unexpected'));
}
export const fieldWords = (error: unknown, field: string): string | undefined =>
  error instanceof ApiError && error.fields[field] ? words(`field.${error.fields[field]}`, {}, words('problem.unexpected')) : undefined;
