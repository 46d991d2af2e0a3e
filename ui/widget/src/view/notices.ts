/** What the visitor is told around the messages: place in the queue, out of hours, cut lines, ends. */
import type { Chat, Model } from "../model";
import type { Config, Lang } from "../types";
import type { Words } from "../words";
import { h, icon, text } from "./dom";

interface Notice {
  node: HTMLElement;
  update(model: Model): void;
}

/** The strip under the head: the line is cut, or something was refused. */
export function strip(w: Words, chat: Chat): Notice {
  const say = h("span");
  const off = h(
    "button.ib",
    { "aria-label": w.t("discard"), onclick: () => chat.complain(null) },
    icon("close"),
  );
  const mark = icon("warn");
  const node = h("div.bar", { role: "status", hidden: true }, mark, say, off);
  return {
    node,
    update({ problem, line, started }) {
      const cut = started && line === "lost";
      node.hidden = !problem && !cut;
      node.className = problem ? "bar bad" : "bar";
      off.hidden = !problem;
      if (problem) text(say, w.said("error", problem.key, problem.values));
      else if (cut) text(say, w.t("offline"));
    },
  };
}

/** The card below the messages: queue, out of hours, end. One at a time, spoken when it changes. */
export function card(config: Config, lang: Lang, w: Words, chat: Chat): Notice {
  const node = h("div", { role: "status" });
  let shown = "";

  const queue = (position: number | null): HTMLElement => {
    const place = config.position ? position : null;
    const title =
      place === null ? w.t("queue_none") : place === 1 ? w.t("queue_first") : w.t("queue_place", { n: place });
    return h(
      "div.card.row",
      {},
      h("div.rg", { "aria-hidden": "true" }, place === null ? icon("people") : String(place)),
      h("div", {}, h("b", {}, title), h("p", {}, w.t("queue_hint"))),
    );
  };

  const away = (opensAt: string | null): HTMLElement => {
    const said = config.away[lang] || w.t("away");
    const when = opensAt && w.t("opens", { when: w.when(opensAt, new Date()) });
    return h(
      "div.card.row",
      {},
      h("div.rg", { "aria-hidden": "true" }, icon("clock")),
      h("div", {}, when ? h("b", {}, when) : null, h("p", {}, said)),
    );
  };

  const ended = (): HTMLElement =>
    h(
      "div.card",
      {},
      h("p", {}, w.t("ended")),
      h("button.main", { onclick: () => chat.again() }, w.t("again")),
    );

  return {
    node,
    update({ thread, started }) {
      const { phase, position, open, opens_at } = thread.state;
      const sign = started && phase === "ended"
        ? "ended"
        : !open && phase !== "active"
          ? `away ${opens_at}`
          : started && phase === "waiting"
            ? `queue ${position}`
            : "";
      if (sign === shown) return;
      shown = sign;
      const kind = sign.split(" ")[0];
      const made =
        kind === "ended" ? ended() : kind === "away" ? away(opens_at) : kind === "queue" ? queue(position) : null;
      node.replaceChildren(...(made ? [made] : []));
    },
  };
}
