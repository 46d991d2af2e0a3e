/** The panel: head, strip, messages (or the form before them), composer, foot. */
import type { Chat } from "../model";
import type { Config, Lang } from "../types";
import type { Words } from "../words";
import { composer } from "./composer";
import { attr, h, icon } from "./dom";
import { form, type Form } from "./form";
import { head } from "./head";
import { log } from "./log";
import { card, strip } from "./notices";

export interface Panel {
  node: HTMLElement;
  update(): void;
  focus(): void;
  escape(): boolean;
}

export function panel(config: Config, lang: Lang, w: Words, chat: Chat, close: () => void): Panel {
  const title = config.title[lang] || config.name;
  const top = head(w, title, chat, close);
  const warn = strip(w, chat);
  const talk = log(w, title, config.welcome[lang], chat);
  const below = card(config, lang, w, chat);
  const write = composer(config, w, chat);
  const drop = h("div.dz", { hidden: true, "aria-hidden": "true" }, w.t("drop", { mb: config.max_file_mb }));
  const foot = h(
    "div.pw",
    {},
    h("span", {}, icon("lock"), w.t("private")),
    h("span", {}, w.t("powered")),
  );
  let asking: Form | null = null;
  let asked: number | undefined;
  talk.node.append(below.node);
  const node = h(
    `section.w`,
    { role: "dialog", "aria-label": w.t("dialog", { name: title }), tabindex: -1, lang, hidden: true },
    top.node,
    warn.node,
    talk.node,
    write.node,
    foot,
    drop,
    top.menu,
  );
  if (config.launcher === "left") node.classList.add("left");

  function dropped(event: DragEvent): boolean {
    return !!write.files && !asking && !!event.dataTransfer?.types.includes("Files");
  }
  node.addEventListener("dragover", (event) => {
    if (!dropped(event)) return;
    event.preventDefault();
    drop.hidden = false;
  });
  node.addEventListener("dragleave", (event) => {
    if (!node.contains(event.relatedTarget as Node | null)) drop.hidden = true;
  });
  node.addEventListener("drop", (event) => {
    if (!dropped(event)) return;
    event.preventDefault();
    drop.hidden = true;
    write.files?.(event.dataTransfer?.files ?? []);
  });

  function update(): void {
    const model = chat.model();
    const ended = model.started && model.thread.state.phase === "ended";
    // One question more or less is another form: a signed visitor may turn out to be anybody.
    if (model.asks?.length !== asked) {
      asked = model.asks?.length;
      const focused = asking?.node.contains((node.getRootNode() as ShadowRoot).activeElement);
      asking?.node.remove();
      asking = model.asks && form(model.asks, config.consent, lang, w, chat.start);
      if (asking) talk.node.append(asking.node);
      if (focused) queueMicrotask(focus);
    }
    attr(write.node, "hidden", asking !== null || ended);
    top.update(model);
    warn.update(model);
    below.update(model);
    talk.update(model);
    asking?.update(model);
  }

  function focus(): void {
    if (asking) asking.focus();
    else if (!write.node.hidden) write.focus();
    else node.focus({ preventScroll: true });
  }

  return {
    node,
    update,
    focus,
    escape: top.escape,
  };
}
