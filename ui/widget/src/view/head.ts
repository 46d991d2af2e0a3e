/** The panel's head: who attends, the menu (sound, end the chat) and the button that minimises. */
import type { Chat, Model } from "../model";
import type { Words } from "../words";
import { attr, h, icon, initials, text } from "./dom";

export interface Head {
  node: HTMLElement;
  menu: HTMLElement;
  update(model: Model): void;
  escape(): boolean;
}

export function head(w: Words, title: string, chat: Chat, close: () => void): Head {
  const avatar = h("span.av", { "aria-hidden": "true" });
  const name = h("h2");
  const line = h("p");
  const more = h(
    "button.ib",
    { "aria-label": w.t("more"), "aria-expanded": "false", onclick: () => show(!!menu.hidden) },
    icon("more"),
  );
  const less = h(
    "button.ib",
    { "aria-label": w.t("minimise"), onclick: close },
    icon("less"),
  );
  const menu = h("div.menu", { hidden: true });
  let model: Model;

  function show(open: boolean, focusBack = true): void {
    menu.hidden = !open;
    attr(more, "aria-expanded", String(open));
    if (open) {
      main();
      menu.querySelector("button")?.focus();
    } else if (focusBack) more.focus();
  }

  const item = (label: string, act: () => void, kind = ""): HTMLElement =>
    h("button", { class: kind, onclick: act }, label);

  function main(): void {
    const { sound, thread, started } = model;
    const living = started && ["waiting", "active", "closed"].includes(thread.state.phase);
    const hush = item(w.t(sound ? "sound_off" : "sound_on"), () => {
      chat.toggleSound();
      show(false);
    });
    menu.replaceChildren(hush, ...(living ? [item(w.t("end"), ask)] : []));
  }

  function ask(): void {
    const end = (): void => {
      chat.end();
      show(false);
    };
    const yes = item(w.t("end_yes"), end, "yes");
    const no = item(w.t("end_no"), () => show(false));
    menu.replaceChildren(h("div", {}, h("p", {}, w.t("end_ask")), h("div", {}, yes, no)));
    no.focus();
  }

  menu.addEventListener("focusout", (event) => {
    const to = event.relatedTarget as Node | null;
    if (to && to !== more && !menu.contains(to)) show(false, false);
  });

  let shown = "";
  return {
    node: h("div.hd", {}, avatar, h("div.who", {}, name, line), more, less),
    menu,
    update(next) {
      model = next;
      const { agent, phase, open } = next.thread.state;
      const attended = phase === "active" && agent ? agent : "";
      text(name, attended || title);
      text(
        line,
        attended
          ? title + (next.line === "lost" ? "" : ` · ${w.t("online")}`)
          : w.t(open ? "subtitle_open" : "subtitle_closed"),
      );
      if (shown === `${attended}.`) return;
      shown = `${attended}.`;
      avatar.className = attended ? "av on" : "av";
      avatar.replaceChildren(initials(attended || title));
    },
    escape() {
      if (menu.hidden) return false;
      show(false);
      return true;
    },
  };
}
