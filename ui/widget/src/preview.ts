/**
 * The widget drawn in a given element from a given configuration: no network, nothing kept.  The
 * administrator's screen loads /chat/preview.js and calls `AtiendePreview.mount(element, config, lang)`.
 */
import type { Chat, Model } from "./model";
import { empty } from "./thread";
import type { Attachment, Config, Lang, Message, State } from "./types";
import { panel } from "./view/panel";
import { sheet } from "./view/theme";
import { words, type Words } from "./words";
import css from "./preview.css?inline";

export interface Preview {
  update(config: Partial<Config>, lang?: Lang, view?: View): void;
  destroy(): void;
}
export type View = "chat" | "form" | "queue";

const DEFAULTS: Config = {
  key: "preview",
  name: "",
  title: { es: "", en: "" },
  welcome: { es: "", en: "" },
  away: { es: "", en: "" },
  color: "",
  consent: null,
  prechat: [],
  files: true,
  max_file_mb: 10,
  languages: ["es", "en"],
  position: true,
  launcher: "right",
  open: true,
  opens_at: null,
};

function conversation(w: Words): Message[] {
  const at = (minute: number) => new Date(Date.now() - (9 - minute) * 6e4).toISOString();
  const pdf: Attachment = { id: "f", name: w.t("preview.file"), media_type: "application/pdf", size: 12e5 };
  const base = { kind: "text", state: "read", client_id: null, deleted: false, data: {} };
  const said = (rev: number, mine: boolean, body: string, attachments: Attachment[] = []): Message => ({
    ...base,
    id: `m${rev}`,
    rev,
    at: at(rev),
    body,
    attachments,
    direction: mine ? "in" : "out",
    author_kind: mine ? "customer" : "agent",
    author_name: mine ? null : w.t("preview.agent"),
  });
  const joined: Message = {
    ...said(2, false, ""),
    direction: "system",
    author_kind: "system",
    author_name: null,
    data: { event: "joined", name: w.t("preview.agent").split(" ")[0]! },
  };
  return [
    said(1, true, w.t("preview.ask")),
    joined,
    said(3, false, w.t("preview.answer"), [pdf]),
    said(4, true, w.t("preview.thanks")),
  ];
}

function played(config: Config, w: Words, view: View): Chat {
  const phase: State["phase"] = view === "queue" ? "waiting" : view === "chat" ? "active" : "none";
  const all = view === "form" ? [] : conversation(w);
  const state: State = {
    phase,
    position: phase === "waiting" ? 2 : null,
    agent: phase === "active" ? w.t("preview.agent") : null,
    open: config.open,
    opens_at: config.opens_at,
  };
  const model: Model = {
    thread: {
      ...empty([], true, null),
      held: 1,
      messages: view === "queue" ? all.slice(0, 1) : all,
      state,
    },
    line: "up",
    started: view !== "form",
    starting: false,
    asks: view === "form" && (config.consent || config.prechat.length) ? config.prechat : null,
    problem: null,
    wrong: {},
    unread: 0,
    sound: true,
  };
  const nothing = (): void => undefined;
  const never = <T>(): Promise<T> => new Promise(() => undefined);
  return {
    model: () => model,
    start: async () => false,
    send: async () => undefined,
    retry: nothing,
    discard: nothing,
    upload: never,
    bytes: never,
    typing: nothing,
    seen: nothing,
    end: nothing,
    again: nothing,
    identify: nothing,
    draft: () => "",
    toggleSound: nothing,
    complain: nothing,
    onChange: nothing,
    onMessage: nothing,
  };
}

export function preview(
  element: HTMLElement,
  config: Partial<Config>,
  lang: Lang = "es",
  view: View = "chat",
): Preview {
  const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
  const fill = new CSSStyleSheet();
  fill.replaceSync(css);
  function draw(next: Partial<Config>, speak: Lang, show: View): void {
    const all: Config = { ...DEFAULTS, ...next };
    const w = words(speak);
    const box = panel(all, speak, w, played(all, w, show), () => undefined);
    box.node.hidden = false;
    box.node.setAttribute("role", "region");
    root.adoptedStyleSheets = [sheet(all.color), fill];
    root.replaceChildren(box.node);
    box.update();
  }
  let last: [Partial<Config>, Lang, View] = [config, lang, view];
  draw(...last);
  return {
    update(next, speak = last[1], show = last[2]) {
      last = [next, speak, show];
      draw(...last);
    },
    destroy: () => root.replaceChildren(),
  };
}

declare global {
  interface Window {
    AtiendePreview?: { mount: typeof preview };
  }
}
window.AtiendePreview = { mount: preview };
