// The browser's own memory (IndexedDB): drafts and messages not sent yet survive a crash. Without it (a private
// window) the desk works on, and only the server keeps drafts.
type Store = 'drafts' | 'outbox';
let opening: Promise<IDBDatabase | null> | undefined;

function open(): Promise<IDBDatabase | null> {
  opening ??= new Promise((done) => {
    if (typeof indexedDB === 'undefined') return done(null);
    const request = indexedDB.open('atiende', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('drafts');
      request.result.createObjectStore('outbox');
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(null);
  });
  return opening;
}
async function run<T>(store: Store, mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  const db = await open();
  if (!db) return undefined;
  return new Promise((done) => {
    const request = act(db.transaction(store, mode).objectStore(store));
    request.onsuccess = () => done(request.result);
    request.onerror = () => done(undefined);
  });
}
export const keep = (store: Store, key: string, value: unknown): Promise<unknown> => run(store, 'readwrite', (s) => s.put(value, key));
export const forget = (store: Store, key: string): Promise<unknown> => run(store, 'readwrite', (s) => s.delete(key));

/** Everything whose key begins with `prefix` (the user's id). */
export async function kept<T>(store: Store, prefix: string): Promise<[string, T][]> {
  const range = IDBKeyRange.bound(prefix, prefix + '\uffff');
  const [keys, values] = await Promise.all([run(store, 'readonly', (s) => s.getAllKeys(range)), run(store, 'readonly', (s) => s.getAll(range))]);
  return (keys ?? []).map((key, i) => [String(key), values![i] as T]);
}
