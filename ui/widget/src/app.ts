/** The widget's entry: the loader fetches it at the first click and calls `mount` with its button. */
import { chat } from "./chat";
import type { Handle, Handover } from "./types";
import { attr, h, icon, text } from "./view/dom";
import { panel } from "./view/panel";
import { chime, unlock } from "./view/sound";
import { sheet } from "./view/theme";
import { words } from "./words";

export function mount(over: Handover): Handle {
  const { base, config, lang, identity, root, button } = over;
  const w = words(lang);
  const talk = chat(base, config, lang, identity);
  const box = panel(config, lang, w, talk, () => show(false));
  const badge = h("i", { hidden: true, "aria-hidden": "true" });
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet(config.color)];
  // The loader drew the bubble; the way to close comes beside it, and the sheet shows one of them.
  button.firstElementChild?.append(...icon("down").childNodes);
  button.append(badge);
  root.insertBefore(box.node, button);
  let open = false;

  const looking = (): boolean => open && !document.hidden;

  function show(next: boolean): void {
    if (next === open) return;
    open = next;
    box.node.hidden = !open;
    unlock();
    refresh();
    if (open) box.focus();
    else button.focus();
  }

  function refresh(): void {
    if (looking()) talk.seen();
    const { unread } = talk.model();
    attr(button, "aria-expanded", String(open));
    const label = open ? w.t("close") : unread ? w.t("open_unread", { n: unread }) : w.t("open");
    attr(button, "aria-label", label);
    badge.hidden = open || !unread;
    text(badge, unread > 9 ? "9+" : String(unread || ""));
    box.update();
  }

  button.onclick = () => show(!open);
  box.node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (!box.escape()) show(false);
  });
  document.addEventListener("visibilitychange", refresh);
  talk.onChange(refresh);
  talk.onMessage(() => {
    if (!looking() && talk.model().sound) chime();
  });
  refresh();
  if (over.open) show(true);
  return { open: () => show(true), close: () => show(false), identify: talk.identify };
}
