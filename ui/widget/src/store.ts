/**
 * What the widget remembers in the page's own localStorage, under the account's key.
 *
 * The token (never a cookie, never in an address), the draft, and one entry for each message not yet
 * acknowledged: an entry of its own, so that two tabs of the shop never overwrite each other's.
 * Where storage is refused (private modes, blocked site data) it remembers for this page only.
 */

export interface Waiting {
  client_id: string;
  body: string;
  attachments: { id: string; name: string; media_type: string; size: number }[];
  at: string;
  failed?: string;
}

export interface Store {
  get(name: string): string | null;
  set(name: string, value: string | null): void;
  waiting(): Waiting[];
  keep(message: Waiting): void;
  drop(clientId: string): void;
  forget(): void;
}

type Box = Record<string, string>;

/** Storage is used as the plain object it also is, so that an object can stand in for it. */
export function store(key: string, box: Box = usable()): Store {
  const prefix = `atiende.${key}.`;
  const get = (name: string): string | null => box[prefix + name] ?? null;
  const set = (name: string, value: string | null): void => {
    try {
      if (value === null) delete box[prefix + name];
      else box[prefix + name] = value;
    } catch {
      // full: the page still works, it only forgets
    }
  };
  const mine = (of = ""): string[] =>
    Object.keys(box)
      .filter((each) => each.startsWith(prefix + of))
      .map((each) => each.slice(prefix.length));
  return {
    get,
    set,
    waiting() {
      const found: Waiting[] = [];
      for (const each of mine("out.")) {
        try {
          found.push(JSON.parse(get(each)!) as Waiting);
        } catch {
          set(each, null);
        }
      }
      return found.sort((a, b) => (a.at < b.at ? -1 : 1));
    },
    keep: (message) => set(`out.${message.client_id}`, JSON.stringify(message)),
    drop: (clientId) => set(`out.${clientId}`, null),
    forget: () => mine().forEach((each) => set(each, null)),
  };
}

function usable(): Box {
  try {
    const found = window.localStorage as unknown as Box;
    found["atiende"] = "1";
    delete found["atiende"];
    return found;
  } catch {
    return {};
  }
}
