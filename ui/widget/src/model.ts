/** What the views know of a chat, and what they may ask of it.  chat.ts does it; preview.ts plays it. */
import type { Upload } from "./api";
import type { Line } from "./socket";
import type { Thread } from "./thread";
import type { Attachment, Config, Message } from "./types";

export const MAX_BODY = 4000;

export interface Model {
  thread: Thread;
  line: Line;
  started: boolean;
  starting: boolean;
  /** The fields to ask before the chat; null when there is nothing to ask. */
  asks: Config["prechat"] | null;
  problem: { key: string; values: Record<string, string | number> } | null;
  wrong: Record<string, string>;
  unread: number;
  sound: boolean;
}

export interface Chat {
  model(): Model;
  start(form: Record<string, string | boolean>): Promise<boolean>;
  send(body: string, attachments: Attachment[]): Promise<void>;
  retry(clientId: string): void;
  discard(clientId: string): void;
  upload(file: File, progress: (part: number) => void): Promise<Upload>;
  bytes(id: string): Promise<Blob>;
  typing(on: boolean): void;
  seen(): void;
  end(): void;
  again(): void;
  identify(token: string | null): void;
  draft(text?: string): string;
  toggleSound(): void;
  complain(key: string | null, values?: Record<string, string | number>): void;
  onChange(listener: () => void): void;
  onMessage(listener: (message: Message) => void): void;
}

/** Whose identity a signed token carries: read, not trusted; it only tells one visitor from another. */
export function whose(token: string): string {
  try {
    const text = atob((token.split(".")[0] ?? "").replace(/-/g, "+").replace(/_/g, "/"));
    return String((JSON.parse(text) as { id?: unknown }).id ?? "");
  } catch {
    return "";
  }
}
