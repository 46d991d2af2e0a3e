// The shapes the server sends, as docs/en/developers/contract.md and store/migrations/0005_live.sql say.

export type Id = string;
export type Iso = string;

export interface Me {
  user: { id: Id; name: string; email: string; locale: string; theme: Theme; preferences: Preferences; team_id: Id | null };
  roles: string[];
  permissions: string[];
  is_agent: boolean;
  organisation: { name: string; country: string; locale: string; tz: string };
  setup: { done: boolean; step: string };
}
export type Theme = 'light' | 'dark' | 'auto';
export interface Preferences {
  enter_sends?: boolean;
  letter_keys?: boolean;
  sound?: boolean;
  volume?: number;
  notifications?: boolean;
  [key: string]: unknown;
}
export interface PublicInfo {
  name: string;
  locale: string;
  version: string;
  setup_needed: boolean;
  demo: boolean;
  demo_logins: { name: string; email: string; password: string; role: string }[];
}

export interface Named { id: Id; name: string }
export type InteractionState = string;

export interface CaseState {
  id: Id;
  number: number;
  topic: string;
  state: string;
  campaign: Named & { disposition_set_id: Id | null; disposition_required: boolean };
  queue: Named | null;
  customer: Named & { kind: string; tier: string };
  owner: Named | null;
  opened_at: Iso;
  resolved_at: Iso | null;
  closed_at: Iso | null;
  reopened_count: number;
  disposition: { id: Id; path: string; note: string | null; data: DispositionData | null; at: Iso } | null;
  interactions: {
    id: Id; channel: string; state: InteractionState; outcome: string | null; conversation_id: Id | null; account_id: Id | null;
    queue_id: Id | null; started_at: Iso; answered_at: Iso | null; ended_at: Iso | null; ended_by: string | null;
    direction?: 'in' | 'out' | string;
    /** What became of a call out: answered, busy, no_answer, wrong_number, rejected, congestion, canceled, no_phone, failed. */
    result?: string | null;
    /** Of a call: no, may (the agent may begin), on, paused, processing, ready, failed, expired. */
    recording?: string | null;
    /** While it is a live telephone call. */
    call?: { state: string; since: Iso; direction?: 'in' | 'out' | string; number: string; agent_id: Id | null; muted: boolean; signal?: boolean; listeners?: { name: string; mode: string }[] } | null;
  }[];
  assignments: Assignment[];
  work: { id: Id; state: string; queue_id: Id; interaction_id: Id | null; virtual_start: Iso }[];
  conversations: ConversationState[];
  last: { body: string; kind: string; direction: string; author_kind: string; at: Iso } | null;
}
export interface Assignment {
  id: Id; work_id: Id; agent_id: Id; agent_name: string; state: 'connecting' | 'active' | 'held' | 'lost' | 'wrapping';
  started_at: Iso; waiting_since: Iso | null; wrap_started_at: Iso | null; wrap_until: Iso | null;
}
export interface ConversationState {
  id: Id; version: number; account_id: Id; channel: string; state: string; live: boolean; last_in_at: Iso | null;
  last_out_at: Iso | null; read_by_customer: number; visitor: Record<string, unknown> | null; unread: number;
}
export interface DispositionData { date?: string; amount?: number }

/** What was recorded of one call; `peaks` are 0 to 255, the customer's and the agents'. */
export interface Recording {
  id: Id; interaction_id: Id; state: 'processing' | 'ready' | 'failed' | 'expired'; may_listen: boolean; duration_ms: number;
  peaks: [number[], number[]]; spans: { role: string; agent: string | null; from_ms: number; to_ms: number }[];
  marks: { kind: string; from_ms: number; to_ms: number; agent: string | null }[]; expires_at: Iso;
}
export interface Attachment { id: Id; name: string; media_type: string; size: number }
export interface Message {
  id: Id; case_id: Id; conversation_id: Id | null; interaction_id: Id | null; rev: number; case_rev: number;
  direction: 'in' | 'out' | 'note' | 'system' | string; kind: string; author_kind: string; author_id: Id | null; author_name: string | null;
  body: string; data: Record<string, unknown> | null; client_id: string | null; state: string; error: string | null; at: Iso;
  deleted: boolean; channel: string; attachments: Attachment[];
}

export interface Offer {
  id: Id; work_id: Id; case_id: Id; case_number: number; media: string; channel: string | null; queue: string; queue_id: Id;
  customer: string; tier: string; topic: string; waiting_since: Iso; offered_at: Iso; expires_at: Iso;
  reject_needs_reason: boolean; why: unknown; preview: string | null;
}
export interface AgentState {
  id: Id; name: string; team_id: Id | null; queues: Id[]; presence: string; pause_code: string | null; pending: string | null;
  pending_code: string | null; since: Iso; slots: Record<string, number>; used: Record<string, number>; active: number;
  wrapping: number; lost: number; wrap_since: Iso | null; busy_since: Iso | null; offer: Offer | null;
}
export interface WorkState {
  id: Id; case_id: Id; case_number: number; media: string; state: string; step: number; queue_id: Id; priority: number;
  virtual_start: Iso; customer: string; tier: string; topic: string; channel: string | null; preferred_agent_id: Id | null;
  agent_id: Id | null;
}
export interface Identity { id: Id; kind: string; value: string; label: string | null; verified: boolean; primary: boolean }
export interface CustomerState {
  id: Id; kind: string; name: string; document: string | null; tier: string; language: string | null; tz: string | null;
  address: string | null; notes: string | null; fields: Record<string, unknown>; since: Iso; identities: Identity[];
}
export interface QueueState {
  id: Id; name: string; campaign_id: Id; priority: number; hours_id: Id | null; sl_target_s: number; sl_goal_pct: number;
  wrapup_mode: string; wrapup_s: number; overflow_queue_id: Id | null; max_wait_s: number | null;
}

export type Requirement = 'none' | 'note' | 'date' | 'amount' | 'agreement';
export interface DispositionNode {
  id: Id; parent_id: Id | null; name: string; flags: string[]; requires: Requirement;
  /** How many gestiones ended with it in the last 30 days. */
  used?: number;
}
export interface Reference {
  queues: { id: Id; name: string; campaign_id: Id; waiting: number }[];
  agents: { id: Id; name: string; presence: string; team_id: Id | null }[];
  teams: Named[];
  pause_reasons: { code: string; name: string; productive: boolean; builtin?: boolean }[];
  disposition_sets: { id: Id; name: string; nodes: DispositionNode[] }[];
  quick_replies: { id: Id; shortcut: string; title: string; body: string }[];
  skills: Named[];
  campaigns: Named[];
  /** Whether this installation has calls. */
  voice?: boolean;
}

/** The supervisor's figures: /api/floor, then a `counters` frame each second. */
export interface FloorQueue {
  id: Id; name: string; waiting: number; oldest: Iso | null; attending: number; available: number; busy: number; offered_today: number;
  wait_s: number; answered_today: number; abandoned_today: number; sl_pct: number | null; sl_goal_pct: number; sl_target_s: number;
}
export interface FloorKpis {
  waiting: number; oldest: Iso | null; busy: number; offered: number; answered: number; abandoned: number;
  abandoned_pct: number | null; sl_pct: number | null; asa_s: number | null;
}

/** A past gestión in a list: the customer's panel, the search box, the supervisor's search. */
export interface CaseRow {
  id: Id; number: number; topic: string; state: string; opened_at: Iso; resolved_at?: Iso | null; channels?: string[];
  disposition?: string | null; customer?: string | Named; agent?: string | null; queue?: string | null; snippet?: string | null;
}
export interface Versioned<S> { version: number; state: S }
export type Routed = { result: 'done' | 'pending'; key?: string; case_id?: Id };
