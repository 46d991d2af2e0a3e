/** The files beside the message being written: each uploads at once, and may be taken off. */
import { Refused, type Upload } from "../api";
import type { Attachment } from "../types";
import type { Words } from "../words";
import { attr, h, icon } from "./dom";

const MAX_FILES = 10;

export interface Uploads {
  node: HTMLElement;
  add(files: Iterable<File>): void;
  busy(): boolean;
  ready(): Attachment[];
  clear(): void;
}

interface Wiring {
  upload(file: File, progress: (part: number) => void): Promise<Upload>;
  complain(key: string, values: Record<string, string | number>): void;
  changed(): void;
}

interface One {
  node: HTMLElement;
  done: Attachment | null;
  cancel: () => void;
}

export function uploads(w: Words, maxMb: number, wiring: Wiring): Uploads {
  const node = h("div.up", { hidden: true });
  const all = new Set<One>();
  let bad: Record<string, string> = {};

  const refresh = (): void => {
    node.hidden = !all.size;
    wiring.changed();
  };

  /** The files of one choice that are refused for the same reason are named together. */
  function refuse(key: string, name: string): void {
    bad[key] = bad[key] ? `${bad[key]}, ${name}` : name;
    wiring.complain(key, { mb: maxMb, name: bad[key] });
  }

  function take(one: One): void {
    all.delete(one);
    one.node.remove();
    refresh();
  }

  async function begin(file: File): Promise<void> {
    const { name } = file;
    const bar = h("progress", { max: 1, value: 0, "aria-label": w.t("uploading", { name }) });
    const off = h("button", { "aria-label": w.t("remove", { name }) }, icon("close"));
    const one: One = {
      node: h("div.chip", {}, h("span.n", {}, name), off, bar),
      done: null,
      cancel: () => take(one),
    };
    off.onclick = () => one.cancel();
    all.add(one);
    node.append(one.node);
    refresh();
    try {
      const upload = await wiring.upload(file, (part) => attr(bar, "value", part));
      one.cancel = () => {
        upload.cancel();
        take(one);
      };
      one.done = await upload.done;
      bar.remove();
      refresh();
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      if (!all.has(one)) return; // taken off by the visitor
      take(one);
      refuse(refusal.key, name);
    }
  }

  return {
    node,
    add(files) {
      bad = {};
      for (const file of files) {
        if (all.size >= MAX_FILES) return wiring.complain("too_many_files", {});
        if (file.size > maxMb * 1e6) refuse("file_too_big", file.name);
        else void begin(file);
      }
    },
    busy: () => [...all].some((each) => !each.done),
    ready: () => [...all].flatMap((each) => each.done ?? []),
    clear() {
      for (const each of all) each.node.remove();
      all.clear();
      refresh();
    },
  };
}
