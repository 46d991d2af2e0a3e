/** Where the visitor writes: the text that grows, its counter, files, emoji, the button to send. */
import { MAX_BODY, type Chat } from "../model";
import type { Config } from "../types";
import type { Words } from "../words";
import { attr, h, icon, text } from "./dom";
import { uploads } from "./uploads";

const NEAR = MAX_BODY * 0.9;

export interface Composer {
  node: HTMLElement;
  files: ((files: Iterable<File>) => void) | null;
  focus(): void;
}

export function composer(config: Config, w: Words, chat: Chat): Composer {
  const area = h("textarea", {
    rows: 1,
    "aria-label": w.t("write"),
    placeholder: w.t("write"),
    "aria-describedby": "ct",
    enterkeyhint: "send",
    dir: "auto",
  });
  const count = h("p.ct", { id: "ct", hidden: true, "aria-live": "polite" });
  const go = h("button.ib.go", { type: "submit", "aria-label": w.t("send") }, icon("send"));
  const chips = uploads(w, config.max_file_mb, {
    upload: chat.upload,
    complain: chat.complain,
    changed: () => refresh(),
  });
  const picker = h("input", { type: "file", multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true" });
  const label = w.t("attach", { mb: config.max_file_mb });
  const clip = h(
    "button.ib",
    { "aria-label": label, title: label, onclick: () => picker.click() },
    icon("clip"),
  );
  function refresh(): void {
    const length = [...area.value].length;
    const over = length > MAX_BODY;
    count.hidden = length < NEAR;
    count.className = over ? "ct bad" : "ct";
    if (!count.hidden) {
      const format = (n: number) => n.toLocaleString(w.lang, { useGrouping: true });
      const values = { n: format(length), max: format(MAX_BODY) };
      text(count, w.t(over ? "counter_over" : "counter", values));
    }
    attr(area, "aria-invalid", over ? "true" : null);
    go.disabled = over || chips.busy() || (!area.value.trim() && !chips.ready().length);
    area.style.height = "auto";
    area.style.height = `${Math.min(132, Math.max(44, area.scrollHeight))}px`;
  }

  let idle = 0;
  function written(): void {
    chat.draft(area.value);
    refresh();
    clearTimeout(idle);
    chat.typing(area.value.trim() !== "");
    idle = window.setTimeout(() => chat.typing(false), 4000);
  }

  function send(): void {
    if (go.disabled) return;
    const body = area.value.trim();
    const attachments = chips.ready();
    area.value = "";
    clearTimeout(idle);
    chat.draft("");
    chips.clear();
    void chat.send(body, attachments);
    refresh();
    area.focus();
  }

  area.addEventListener("input", written);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  });
  const files = config.files ? (all: Iterable<File>) => chips.add(all) : null;
  picker.addEventListener("change", () => {
    files?.(picker.files ?? []);
    picker.value = "";
  });
  area.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (!files || !pasted.length) return;
    event.preventDefault();
    files(pasted);
  });

  const row = h("div.r", {}, files && clip, files && picker, area, go);
  const node = h("form.co", { "aria-label": w.t("write") }, chips.node, count, row);
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  area.value = chat.draft();
  requestAnimationFrame(refresh);
  return {
    node,
    files,
    focus: () => area.focus({ preventScroll: true }),
  };
}
