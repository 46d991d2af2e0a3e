/** One message as nodes: text with its links, files, images, system lines. */
import { linkify } from "../linkify";
import type { Attachment, Message } from "../types";
import type { Key, Words } from "../words";
import { h, icon, initials } from "./dom";

export interface Bytes {
  bytes(id: string): Promise<Blob>;
}

export function rich(node: HTMLElement, body: string): HTMLElement {
  for (const part of linkify(body)) {
    if (!part.href) node.append(part.text);
    else {
      node.append(
        h("a", { href: part.href, target: "_blank", rel: "noopener noreferrer nofollow" }, part.text),
      );
    }
  }
  return node;
}

/** The name without its ending, which the line below tells. */
const stem = (name: string): string => name.replace(/\.[a-z0-9]{1,5}$/i, "");
const ending = (name: string): string => (/\.([a-z0-9]{1,5})$/i.exec(name)?.[1] ?? "").toUpperCase();

export function file(each: Attachment, w: Words, from: Bytes): HTMLElement {
  const save = async (): Promise<void> => {
    const url = URL.createObjectURL(await from.bytes(each.id));
    const link = h("a", { href: url, download: each.name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 6e4);
  };
  const press = () => void save().catch(() => undefined);
  const detail = [ending(each.name), w.size(each.size)].filter(Boolean).join(" · ");
  const row = h(
    "button.fl",
    { onclick: press },
    h("span", {}, icon("file")),
    h("span.vh", {}, `${w.t("download")} `),
    h("span.n", {}, h("b", {}, stem(each.name)), h("small", {}, detail)),
    icon("download"),
  );
  if (/^image\/(jpeg|png|gif|webp)$/.test(each.media_type) && each.size < 8e6) {
    void picture(each, w, from, press).then((drawn) => drawn && row.replaceWith(drawn));
  }
  return row;
}

/** Drawn on a canvas: an <img> of a blob would need `img-src blob:` in the shop's CSP. */
async function picture(
  each: Attachment,
  w: Words,
  from: Bytes,
  press: () => void,
): Promise<HTMLElement | null> {
  try {
    const bitmap = await createImageBitmap(await from.bytes(each.id));
    const scale = Math.min(1, 480 / bitmap.width, 480 / bitmap.height);
    const canvas = h("canvas", { width: bitmap.width * scale, height: bitmap.height * scale });
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return h("button.im", { "aria-label": w.t("image", { name: each.name }), onclick: press }, canvas);
  } catch {
    return null;
  }
}

export function theirs(message: Message, w: Words, company: string, from: Bytes): HTMLElement {
  const agent = message.author_name;
  const who = message.author_kind === "bot" ? w.t("bot") : (agent ?? company);
  return h(
    "div.m",
    {},
    h("span.ic", { "aria-hidden": "true" }, agent ? initials(agent) : icon("bot")),
    h("span.vh", {}, `${who}: `),
    message.deleted
      ? h("div.bb.gone", {}, w.t("deleted"))
      : message.body && rich(h("div.bb", { dir: "auto" }), message.body),
    ...message.attachments.map((each) => file(each, w, from)),
  );
}

export function ours(
  message: { body: string; attachments: Attachment[]; deleted?: boolean },
  w: Words,
  from: Bytes,
): HTMLElement {
  return h(
    "div.mine",
    {},
    h("span.vh", {}, `${w.t("you")}: `),
    message.deleted
      ? h("div.bb.gone", {}, w.t("deleted"))
      : message.body && rich(h("div.u", { dir: "auto" }), message.body),
    ...message.attachments.map((each) => file(each, w, from)),
  );
}

export function system(message: Message, w: Words): HTMLElement {
  const { event, name, position } = message.data;
  const after = event === "joined" && position ? "_after" : "";
  const key = `event_${event}${after}` as Key;
  const values = { name: name ?? "", n: position ?? "" };
  return h("div.q", {}, icon("people"), h("span", {}, w.t(key, values)));
}
