import { describe, expect, it } from "vitest";
import type { Waiting } from "../src/store";
import { empty, merge, receive, unread, type Thread } from "../src/thread";
import type { Message, ServerFrame, State } from "../src/types";

const state: State = { phase: "active", position: null, agent: "Ana", open: true, opens_at: null };
const message = (rev: number, more: Partial<Message> = {}): Message => ({
  id: `m${more.client_id ?? rev}`,
  rev,
  direction: "out",
  author_kind: "agent",
  author_name: "Ana",
  kind: "text",
  body: `b${rev}`,
  state: "sent",
  client_id: null,
  at: `2026-01-01T00:00:${String(rev).padStart(2, "0")}.000Z`,
  deleted: false,
  attachments: [],
  data: {},
  ...more,
});
const waiting = (id: string): Waiting => ({ client_id: id, body: id, attachments: [], at: "2026-01-01T00:00:01.000Z" });
const play = (thread: Thread, ...frames: ServerFrame[]): Thread =>
  frames.reduce((held, frame) => receive(held, frame, "2026-01-01T00:01:00.000Z"), thread);
const start = (): Thread => empty([waiting("c1"), waiting("c2")], true, null);

describe("the outbox", () => {
  const ack: ServerFrame = { t: "ack", client_id: "c1", id: "mc1", rev: 3, at: "2026-01-01T00:00:03.000Z" };
  const own: ServerFrame = {
    t: "message",
    rev: 3,
    messages: [message(3, { client_id: "c1", direction: "in", author_kind: "customer" })],
  };
  it("holds a message until the server has it, once, in any order and any number of times", () => {
    for (const frames of [[ack], [own], [ack, own], [own, ack], [ack, ack, own, own]]) {
      const after = play(start(), ...frames);
      expect(after.waiting.map((each) => each.client_id)).toEqual(["c2"]);
      expect(after.messages.map((each) => each.client_id)).toEqual(["c1"]);
    }
  });
  it("does not take an ack for having seen what came before it", () => {
    expect(play(start(), ack).held).toBe(0);
    expect(play(start(), own).held).toBe(3);
  });
  it("marks the refused one, and only that", () => {
    const after = play(start(), { t: "error", key: "rate_limited", client_id: "c2" });
    expect(after.waiting.map((each) => each.failed)).toEqual([undefined, "rate_limited"]);
  });
});

describe("resume", () => {
  it("ends in the same messages whatever was doubled, reordered or cut", () => {
    const all = [1, 2, 3, 4, 5].map((rev) => message(rev));
    const edited = { ...message(6), id: "m2", at: all[1]!.at, body: "edited" };
    const whole = merge([], [...all, edited]);
    expect(whole.map((each) => each.body)).toEqual(["b1", "edited", "b3", "b4", "b5"]);
    for (const came of [[...all, edited].reverse(), [edited, ...all, edited], [...all, ...all, edited]]) {
      expect(merge([], came)).toEqual(whole);
    }
  });
  it("asks again from the newest rev it holds", () => {
    const first = play(start(), { t: "ready", rev: 7, messages: [message(7)], state });
    expect(first.held).toBe(7);
    const later = play(first, { t: "ready", rev: 9, messages: [message(9)], state, read: 8 });
    expect([later.held, later.messages.length, later.readByAgent]).toEqual([9, 2, 8]);
  });
});

describe("what is told", () => {
  it("counts what the visitor has not seen", () => {
    const after = play(start(), { t: "message", rev: 5, messages: [message(4), message(5)] });
    expect(unread(after)).toBe(2);
    expect(unread({ ...after, readByMe: 4 })).toBe(1);
  });
  it("stops typing when the answer comes, and when the chat ends", () => {
    const typing = play(start(), { t: "typing", on: true, name: "Ana" });
    expect(typing.typing).toBe("Ana");
    expect(play(typing, { t: "message", rev: 5, messages: [message(5)] }).typing).toBeNull();
    expect(play(typing, { t: "state", state: { ...state, phase: "ended" } }).typing).toBeNull();
  });
  it("never takes a read mark back", () => {
    const read = play(start(), { t: "read", rev: 5, at: "x" }, { t: "read", rev: 3, at: "y" });
    expect([read.readByAgent, read.readAt]).toEqual([5, "x"]);
  });
});
