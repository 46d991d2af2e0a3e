/**
 * One visitor's chat: what is kept, what is sent, what is known.  The views read `model()` and call
 * the acts below; they hear of changes once an animation frame.
 *
 * Sending never waits for the line: the message is kept in the page's storage first, shown at once,
 * and sent now or after the next `ready`.  The client id makes a second sending harmless.
 */
import { api, Refused } from "./api";
import { whose, type Chat, type Model } from "./model";
import { socket } from "./socket";
import { store as openStore, type Waiting } from "./store";
import { empty, receive, unread } from "./thread";
import type { Config, Lang, Message, ServerFrame } from "./types";

export function chat(base: string, config: Config, lang: Lang, signed: string | null): Chat {
  const kept = openStore(config.key);
  const calls = api(base);
  const listeners: (() => void)[] = [];
  const hearers: ((message: Message) => void)[] = [];
  const rings = new Set<string>();
  let identity = signed;
  let thread = empty(kept.waiting(), config.open, config.opens_at);
  let token = kept.get("token");
  let live = kept.get("live") === "1";
  let starting = false;
  let fresh = false;
  let typingSent = 0;
  let problem: Model["problem"] = null;
  let wrong: Record<string, string> = {};
  let frame = 0;
  thread.readByMe = Number(kept.get("seen")) || 0;

  const changed = (): void => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      for (const each of listeners) each();
    });
  };
  const complain: Chat["complain"] = (key, values = {}) => {
    problem = key ? { key, values } : null;
    changed();
  };

  const line = socket({
    url: `${base.replace(/^http/, "ws")}/chat/live`,
    hello: () => ({ t: "hello", token, held: thread.held }),
    frame: hear,
    changed,
    ended(key) {
      if (key === "token_unknown") leave(false);
      else complain(key);
    },
  });

  function hear(came: ServerFrame): void {
    const before = thread;
    thread = receive(thread, came, new Date().toISOString());
    for (const each of before.waiting) {
      const gone = !thread.waiting.some((other) => other.client_id === each.client_id);
      if (gone) kept.drop(each.client_id);
    }
    follow();
    if (came.t === "error") refusedOne(came.key, came.client_id, came.values);
    else if (came.t === "ready" || came.t === "message") ring(came.messages, !before.held);
    if (came.t === "ready") flush();
    changed();
  }

  /** An old chat is over until the new one's first message, and not taken up by the next page. */
  function follow(): void {
    const { phase } = thread.state;
    if (phase !== "ended") fresh &&= phase === "none";
    else if (fresh) thread = { ...thread, state: { ...thread.state, phase: "none" } };
    if (phase !== "none") kept.set("live", phase === "ended" && !fresh ? null : "1");
  }

  function refusedOne(key: string, clientId?: string, values?: Record<string, string | number>) {
    const one = thread.waiting.find((each) => each.client_id === clientId);
    if (one) kept.keep(one);
    if (!one || key === "rate_limited") complain(key, values);
  }

  function ring(messages: Message[], first: boolean): void {
    for (const each of messages) {
      const fresh = each.direction === "out" && each.rev > thread.readByMe && !rings.has(each.id);
      rings.add(each.id);
      if (fresh && !first) for (const hearer of hearers) hearer(each);
    }
  }

  const put = ({ client_id, body, attachments }: Waiting): boolean =>
    line.send({ t: "message", client_id, body, attachments: attachments.map((each) => each.id) });

  function flush(): void {
    // Another tab may have kept one that this page never saw.
    const known = new Set(thread.messages.map((each) => each.client_id));
    const waiting = kept.waiting().filter((each) => !known.has(each.client_id));
    thread = { ...thread, waiting };
    for (const each of waiting) if (!each.failed) put(each);
  }

  /** Out of this chat: `all` forgets the draft and what waits too, for another person comes. */
  function leave(all = true): void {
    line.want(false);
    if (all) kept.forget();
    for (const name of ["token", "live", "who", "seen"]) kept.set(name, null);
    token = null;
    live = false;
    thread = empty(kept.waiting(), config.open, config.opens_at);
    changed();
  }

  function setLive(on: boolean): void {
    live = on;
    kept.set("live", on ? "1" : null);
  }

  const asks = (): Model["asks"] => {
    const known = token !== null || identity !== null;
    const fields = config.prechat.filter((each) => !known || each.key === "topic");
    return live || !(config.consent || fields.length) ? null : fields;
  };

  async function start(form: Record<string, string | boolean>): Promise<boolean> {
    if (starting) return false;
    starting = true;
    problem = null;
    wrong = {};
    changed();
    try {
      const page = location.href.split(/[?#]/)[0];
      const all = { key: config.key, consent: false, lang, page, identity, visitor: token, ...form };
      token = (await calls.start(all)).token;
      kept.set("token", token);
      kept.set("who", identity ? whose(identity) : null);
      setLive(true);
      fresh = true;
      line.want(true);
      return true;
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      wrong = refusal.fields;
      const shown = ["consent", ...(asks() ?? []).map((each) => each.key)];
      if (shown.some((each) => each in wrong)) return false;
      // Asked for what a signed visitor need not say: the signature is no good any more.
      if (identity && refusal.key === "form_invalid") identity = null;
      else complain(refusal.key, refusal.values);
      return false;
    } finally {
      starting = false;
      changed();
    }
  }

  /** A chat that asks for no form starts by itself, at the first message or file. */
  const started = async () => live || (!asks() && (await start({})));

  // Another person at the same browser must not see the first one's chat.
  if (identity && token && (kept.get("who") ?? whose(identity)) !== whose(identity)) leave();
  if (live) line.want(true);
  if (live && identity && kept.get("who") === null) void start({ consent: true });

  return {
    model: () => ({
      thread,
      line: line.line(),
      started: live,
      starting,
      asks: asks(),
      problem,
      wrong,
      unread: unread(thread),
      sound: kept.get("sound") !== "off",
    }),
    start,
    async send(body, attachments) {
      const one: Waiting = {
        client_id: crypto.randomUUID?.() ?? `${Date.now()}-${String(Math.random()).slice(2)}`,
        body,
        attachments,
        at: new Date().toISOString(),
      };
      kept.keep(one);
      thread = { ...thread, waiting: [...thread.waiting, one] };
      typingSent = 0;
      problem = null;
      changed();
      await (live ? put(one) : started());
    },
    retry(clientId) {
      const one = thread.waiting.find((each) => each.client_id === clientId);
      if (!one) return;
      const { failed: _, ...again } = one;
      kept.keep(again);
      const waiting = thread.waiting.map((each) => (each === one ? again : each));
      thread = { ...thread, waiting };
      problem = null;
      void (live ? put(again) : started());
      changed();
    },
    discard(clientId) {
      kept.drop(clientId);
      const waiting = thread.waiting.filter((each) => each.client_id !== clientId);
      thread = { ...thread, waiting };
      changed();
    },
    async upload(file, progress) {
      if (!(await started()) || !token) throw new Refused(problem?.key ?? "down");
      return calls.upload(file, token, progress);
    },
    bytes: (id) => calls.bytes(id, token ?? ""),
    typing(on) {
      if (on ? Date.now() - typingSent < 3000 : !typingSent) return;
      typingSent = on ? Date.now() : 0;
      line.send({ t: "typing", on });
    },
    seen() {
      const newest = thread.messages.reduce((most, each) => Math.max(most, each.rev), 0);
      if (newest <= thread.readByMe || !line.send({ t: "read", rev: newest })) return;
      thread = { ...thread, readByMe: newest };
      kept.set("seen", String(newest));
      changed();
    },
    end: () => void line.send({ t: "end" }),
    again() {
      setLive(false);
      line.want(false);
      thread = { ...thread, state: { ...thread.state, phase: "none", agent: null } };
      changed();
    },
    identify(next) {
      const other = next === null || (kept.get("who") ?? "") !== whose(next);
      identity = next;
      if (other && token && kept.get("who") !== null) leave();
      else if (other && next && live) void start({ consent: true });
      changed();
    },
    draft(text) {
      if (text !== undefined) kept.set("draft", text || null);
      return kept.get("draft") ?? "";
    },
    toggleSound() {
      kept.set("sound", kept.get("sound") === "off" ? null : "off");
      changed();
    },
    complain,
    onChange: (listener) => void listeners.push(listener),
    onMessage: (listener) => void hearers.push(listener),
  };
}
