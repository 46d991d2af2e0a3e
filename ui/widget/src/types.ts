/** The shapes of the contract's "visitor's side", as the server sends them. */

export type Lang = "es" | "en";
export type FieldKey = "name" | "email" | "phone" | "topic";
export type Both = { es: string; en: string };

export interface Config {
  key: string;
  name: string;
  title: Both;
  welcome: Both;
  away: Both;
  color: string;
  consent: (Both & { url: string }) | null;
  prechat: { key: FieldKey; required: boolean }[];
  files: boolean;
  max_file_mb: number;
  languages: Lang[];
  position: boolean;
  launcher: "right" | "left";
  open: boolean;
  opens_at: string | null;
}

export interface Attachment {
  id: string;
  name: string;
  media_type: string;
  size: number;
}

export interface Message {
  id: string;
  rev: number;
  direction: "in" | "out" | "system";
  author_kind: "customer" | "agent" | "bot" | "system";
  author_name: string | null;
  kind: string;
  body: string;
  state: string;
  client_id: string | null;
  at: string;
  deleted: boolean;
  attachments: Attachment[];
  data: { event?: string; name?: string; position?: number };
}

export interface State {
  phase: "closed" | "waiting" | "active" | "ended" | "none";
  position: number | null;
  agent: string | null;
  open: boolean;
  opens_at: string | null;
}

export type ServerFrame =
  | { t: "ready"; rev: number; messages: Message[]; state: State; read?: number }
  | { t: "message"; rev: number; messages: Message[] }
  | { t: "ack"; client_id: string; id: string; rev: number; at: string }
  | { t: "typing"; on: boolean; name: string | null }
  | { t: "read"; rev: number; at?: string | null }
  | { t: "state"; state: State }
  | { t: "ping" }
  | { t: "error"; key: string; client_id?: string; values?: Record<string, string | number> }
  | { t: "bye"; key: string };

/** What the loader hands to the app, and what the app gives back. */
export interface Handover {
  base: string;
  key: string;
  config: Config;
  lang: Lang;
  identity: string | null;
  host: HTMLElement;
  root: ShadowRoot;
  button: HTMLButtonElement;
  open: boolean;
}

export interface Handle {
  open(): void;
  close(): void;
  identify(token: string | null): void;
}
