/**
 * The messages.  Nodes are kept by key and only added or changed, never drawn again, so that the
 * polite log announces what is new and nothing else; the history of the first `ready` comes in
 * while the log is busy, and is not read out.
 */
import type { Model } from "../model";
import type { Waiting } from "../store";
import type { Message } from "../types";
import type { Words } from "../words";
import { ours, rich, system, theirs, type Bytes } from "./bubble";
import { attr, h, icon, text } from "./dom";

export interface Log {
  node: HTMLElement;
  update(model: Model): void;
}

interface Acts extends Bytes {
  retry(id: string): void;
  discard(id: string): void;
}

export function log(w: Words, company: string, welcome: string, acts: Acts): Log {
  const list = h("div.cv", { role: "log", "aria-label": w.t("messages"), "aria-live": "off" });
  const dots = h("i", { "aria-hidden": "true" }, h("b"), h("b"), h("b"));
  const typist = h("span");
  const typing = h("div.ty", { hidden: true }, dots, typist);
  const mark = h("div.rd");
  const node = h("div.body", { tabindex: "0", "aria-label": w.t("messages"), role: "region" }, list, typing);
  const nodes = new Map<string, { node: HTMLElement; sign: string }>();
  let heard = false;
  let atEnd = true;
  // The end stays in sight when the room for it shrinks: a strip appears, the composer grows.
  new ResizeObserver(() => atEnd && toEnd()).observe(node);
  node.addEventListener("scroll", () => {
    atEnd = node.scrollHeight - node.scrollTop - node.clientHeight < 80;
  });

  function toEnd(): void {
    node.scrollTop = node.scrollHeight;
  }

  const keyed = (key: string, sign: string, make: () => HTMLElement): HTMLElement => {
    const old = nodes.get(key);
    if (old?.sign === sign) return old.node;
    const made = make();
    old?.node.replaceWith(made);
    nodes.set(key, { node: made, sign });
    return made;
  };

  const bubble = (each: Message): HTMLElement | null => {
    // Ours keep the key they had while waiting: the bubble stays where it is when it is sent.
    const key = each.client_id ?? each.id;
    const sign = `${each.deleted}${each.body}${each.attachments.length}`;
    if (each.direction === "system") {
      return each.data.event ? keyed(key, "", () => system(each, w)) : null;
    }
    return keyed(key, sign, () =>
      each.direction === "in" ? ours(each, w, acts) : theirs(each, w, company, acts),
    );
  };

  const sending = ({ thread }: Model): Waiting[] => thread.waiting.filter((each) => !each.failed);

  const pending = (each: Waiting): HTMLElement =>
    keyed(each.client_id, `false${each.body}${each.attachments.length}`, () => ours(each, w, acts));

  function failure(each: Waiting): HTMLElement {
    const button = (key: "retry" | "discard", act: (id: string) => void) =>
      h("button", { onclick: () => act(each.client_id) }, w.t(key));
    return keyed(`${each.client_id}!`, each.failed ?? "", () =>
      h(
        "div.rd.bad",
        {},
        icon("warn"),
        h("span", {}, each.failed === "rate_limited" ? w.t("failed") : w.said("error", each.failed!)),
        button("retry", acts.retry),
        button("discard", acts.discard),
      ),
    );
  }

  function marked(model: Model): void {
    const { thread, line } = model;
    const last = sending(model).at(-1);
    const sent = thread.messages.filter((each) => each.direction === "in").at(-1);
    const read = !!sent && (sent.state === "read" || sent.rev <= thread.readByAgent);
    const state = last
      ? w.t(line === "lost" ? "waiting_net" : "sending")
      : sent
        ? w.t(read ? "read" : "sent", { time: w.time((read && thread.readAt) || sent.at) })
        : "";
    mark.className = read && !last ? "rd seen" : "rd";
    if (mark.dataset.state === state) return;
    mark.dataset.state = state;
    mark.replaceChildren(
      h("span", {}, state),
      icon(last ? "clock" : read ? "read" : "sent"),
    );
  }

  /** Puts the nodes in this order, moving only those out of place. */
  function place(wanted: HTMLElement[]): void {
    const keep = new Set<Node>(wanted);
    for (const old of [...list.childNodes]) if (!keep.has(old)) old.remove();
    wanted.forEach((each, i) => {
      if (list.childNodes[i] !== each) list.insertBefore(each, list.childNodes[i] ?? null);
    });
  }

  function update(model: Model): void {
    const { thread } = model;
    const before = list.childElementCount;
    const now = new Date();
    const wanted: HTMLElement[] = [];
    let day = "";
    if (welcome) {
      wanted.push(
        keyed("welcome", "", () => h("div.m", {}, h("span.ic", { "aria-hidden": "true" }, icon("bot")), rich(h("div.bb"), welcome))),
      );
    }
    const lastOurs = thread.messages.filter((each) => each.direction === "in").at(-1);
    for (const each of thread.messages) {
      const label = w.day(each.at, now);
      const drawn = bubble(each);
      if (!drawn) continue;
      if (label !== day) {
        wanted.push(keyed(`day ${label}`, "", () => h("span.dt", {}, `${label}, ${w.time(each.at)}`)));
      }
      day = label;
      wanted.push(drawn);
      if (each === lastOurs && !sending(model).length) drawn.append(mark);
    }
    for (const each of thread.waiting) {
      const drawn = pending(each);
      wanted.push(drawn);
      if (each.failed) wanted.push(failure(each));
      else drawn.append(mark);
    }
    marked(model);
    place(wanted);
    typing.hidden = thread.typing === null || model.line === "lost";
    if (!typing.hidden) text(typist, w.t("typing", { name: thread.typing || company }));
    if (!heard && (thread.held || !model.started)) {
      heard = true;
      requestAnimationFrame(() => attr(list, "aria-live", "polite"));
    }
    const mine = thread.waiting.length > 0 && list.childElementCount > before;
    if (atEnd || mine) toEnd();
  }

  return { node, update };
}
