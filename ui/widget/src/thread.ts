/**
 * The conversation as this page holds it.  PURE: frames in, a new value out.
 *
 * `held` is the newest rev seen, told in `hello` after a cut, so that the server sends only what is
 * missing.  A message of ours stands in `waiting` until the server's own copy (same client id)
 * arrives, by ack or by message, in any order, any number of times.
 */
import type { Waiting } from "./store";
import type { Message, ServerFrame, State } from "./types";

export interface Thread {
  held: number;
  messages: Message[];
  waiting: Waiting[];
  state: State;
  readByAgent: number;
  readAt: string | null;
  readByMe: number;
  typing: string | null;
}

export const empty = (waiting: Waiting[], open: boolean, opens_at: string | null): Thread => ({
  held: 0,
  messages: [],
  waiting,
  state: { phase: "none", position: null, agent: null, open, opens_at },
  readByAgent: 0,
  readAt: null,
  readByMe: 0,
  typing: null,
});

/** Newer revs replace older ones; order is by time, then by rev. */
export function merge(held: Message[], came: Message[]): Message[] {
  const byId = new Map(held.map((each) => [each.id, each]));
  for (const each of came) {
    const old = byId.get(each.id);
    if (!old || each.rev >= old.rev) byId.set(each.id, each);
  }
  return [...byId.values()].sort((a, b) =>
    a.at === b.at ? a.rev - b.rev : a.at < b.at ? -1 : 1,
  );
}

const arrived = (waiting: Waiting[], messages: Message[]): Waiting[] => {
  const known = new Set(messages.map((each) => each.client_id));
  return waiting.filter((each) => !known.has(each.client_id));
};

function acknowledged(thread: Thread, id: string, client: string, rev: number, at: string): Thread {
  const ours = thread.waiting.find((each) => each.client_id === client);
  if (!ours) return thread;
  const message: Message = {
    id,
    rev,
    at,
    direction: "in",
    author_kind: "customer",
    author_name: null,
    kind: "text",
    body: ours.body,
    state: "sent",
    client_id: client,
    deleted: false,
    attachments: ours.attachments,
    data: {},
  };
  const messages = merge(thread.messages, [message]);
  // `held` stays: an ack tells of one message, and there may be others below its rev.
  return { ...thread, messages, waiting: arrived(thread.waiting, messages) };
}

export function receive(thread: Thread, frame: ServerFrame, now: string): Thread {
  switch (frame.t) {
    case "ready":
    case "message": {
      const messages = merge(thread.messages, frame.messages);
      const next = {
        ...thread,
        messages,
        waiting: arrived(thread.waiting, messages),
        held: Math.max(thread.held, frame.rev),
        typing: frame.messages.some((each) => each.direction === "out") ? null : thread.typing,
      };
      if (frame.t === "message") return next;
      return { ...next, state: frame.state, readByAgent: frame.read ?? thread.readByAgent };
    }
    case "ack":
      return acknowledged(thread, frame.id, frame.client_id, frame.rev, frame.at);
    case "typing":
      return { ...thread, typing: frame.on ? (frame.name ?? "") : null };
    case "read":
      if (frame.rev <= thread.readByAgent) return thread;
      return { ...thread, readByAgent: frame.rev, readAt: frame.at ?? now };
    case "state": {
      const typing = frame.state.phase === "active" ? thread.typing : null;
      return { ...thread, state: frame.state, typing };
    }
    case "error":
      if (!frame.client_id) return thread;
      return {
        ...thread,
        waiting: thread.waiting.map((each) =>
          each.client_id === frame.client_id ? { ...each, failed: frame.key } : each,
        ),
      };
    default:
      return thread;
  }
}

/** What came from the company and the visitor has not seen. */
export const unread = (thread: Thread): number =>
  thread.messages.filter((each) => each.direction === "out" && each.rev > thread.readByMe).length;
