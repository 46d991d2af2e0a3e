/** The visitor's HTTP calls.  Every failure is a `Refused` with a key of the catalogue. */
import type { Attachment } from "./types";

export class Refused extends Error {
  constructor(
    readonly key: string,
    readonly fields: Record<string, string> = {},
    readonly values: Record<string, string | number> = {},
  ) {
    super(key);
  }
}

interface Problem {
  key?: string;
  fields?: Record<string, string>;
  values?: Record<string, string | number>;
}

const refused = (status: number, body: Problem): Refused =>
  new Refused(
    body.key ?? (status === 429 ? "rate_limited" : status >= 500 ? "down" : "other"),
    body.fields,
    body.values,
  );

export interface Api {
  start(form: object): Promise<{ token: string; conversation: string }>;
  upload(file: File, token: string, progress: (part: number) => void): Upload;
  bytes(id: string, token: string): Promise<Blob>;
}

export interface Upload {
  done: Promise<Attachment>;
  cancel(): void;
}

export function api(base: string): Api {
  return {
    async start(form) {
      let answer: Response;
      try {
        answer = await fetch(`${base}/chat/start`, {
          method: "POST",
          credentials: "omit",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(form),
        });
      } catch {
        throw new Refused("down");
      }
      const body = (await answer.json().catch(() => ({}))) as Problem;
      if (!answer.ok) throw refused(answer.status, body);
      return body as { token: string; conversation: string };
    },
    // XMLHttpRequest: fetch still cannot tell how much of a body has been sent.
    upload(file, token, progress) {
      const call = new XMLHttpRequest();
      const done = new Promise<Attachment>((resolve, reject) => {
        call.upload.onprogress = (event) => progress(event.loaded / (event.total || 1));
        call.onerror = call.onabort = () => reject(new Refused("upload_failed"));
        call.onload = () => {
          let body: Problem = {};
          try {
            body = JSON.parse(call.responseText) as Problem;
          } catch {
            /* not ours: a proxy's page */
          }
          if (call.status < 300) resolve(body as Attachment);
          else reject(body.key ? refused(call.status, body) : new Refused("upload_failed"));
        };
      });
      const form = new FormData();
      form.append("file", file, file.name);
      call.open("POST", `${base}/chat/upload`);
      call.setRequestHeader("Authorization", `Bearer ${token}`);
      call.send(form);
      return { done, cancel: () => call.abort() };
    },
    async bytes(id, token) {
      const answer = await fetch(`${base}/chat/attachments/${encodeURIComponent(id)}`, {
        credentials: "omit",
        headers: { Authorization: `Bearer ${token}` },
      });
      if (!answer.ok) throw refused(answer.status, {});
      return answer.blob();
    },
  };
}
