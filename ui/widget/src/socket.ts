/**
 * The live line to the server.
 *
 * Theory of operation: `off` until wanted; `trying` while a socket opens; `up` from `ready` on; lost
 * sockets are tried again after a jittered wait, at once when the browser says the network is back or
 * the page is looked at again.  The server pings each 10 s: 25 s of silence is a dead line, even when
 * the browser has not noticed.  A `bye` that says not to come back ends it.
 */
import { backoff } from "./backoff";
import type { ServerFrame } from "./types";

export type Line = "off" | "trying" | "up" | "lost";
const SILENCE_MS = 25_000;
const FINAL = new Set(["token_unknown", "origin_refused", "too_many_sockets", "blocked"]);

export interface Socket {
  want(on: boolean): void;
  send(frame: object): boolean;
  line(): Line;
}

export interface Wiring {
  url: string;
  hello(): object;
  frame(frame: ServerFrame): void;
  changed(line: Line): void;
  ended(key: string): void;
}

export function socket(wiring: Wiring): Socket {
  let ws: WebSocket | null = null;
  let line: Line = "off";
  let attempt = 0;
  let retry = 0;
  let silence = 0;
  let wanted = false;

  const say = (next: Line): void => {
    if (next === line) return;
    line = next;
    wiring.changed(line);
  };

  const close = (): void => {
    clearTimeout(retry);
    clearTimeout(silence);
    const old = ws;
    ws = null;
    old?.close();
  };

  const lost = (): void => {
    close();
    if (!wanted) return say("off");
    say("lost");
    retry = window.setTimeout(connect, backoff(attempt++, Math.random()));
  };

  const heard = (): void => {
    clearTimeout(silence);
    silence = window.setTimeout(lost, SILENCE_MS);
  };

  const read = (data: unknown): void => {
    heard();
    let frame: ServerFrame;
    try {
      frame = JSON.parse(String(data)) as ServerFrame;
    } catch {
      return;
    }
    if (frame.t === "ping") return void ws?.send('{"t":"pong"}');
    if (frame.t === "bye") {
      if (!FINAL.has(frame.key)) return lost();
      wanted = false;
      close();
      say("off");
      return wiring.ended(frame.key);
    }
    if (frame.t === "ready") {
      attempt = 0;
      say("up");
    }
    wiring.frame(frame);
  };

  const connect = (): void => {
    close();
    if (!wanted) return;
    if (line !== "lost") say("trying");
    const mine = new WebSocket(wiring.url);
    ws = mine;
    heard();
    mine.onopen = () => mine.send(JSON.stringify(wiring.hello()));
    mine.onmessage = (event) => ws === mine && read(event.data);
    mine.onclose = () => ws === mine && lost();
  };

  const now = (): void => {
    if (wanted && line !== "up") connect();
  };
  addEventListener("online", now);
  addEventListener("offline", () => wanted && lost());
  document.addEventListener("visibilitychange", () => !document.hidden && line === "lost" && now());

  return {
    want(on) {
      if (on === wanted) return;
      wanted = on;
      attempt = 0;
      if (on) connect();
      else {
        close();
        say("off");
      }
    },
    send(frame) {
      if (line !== "up" || ws?.readyState !== WebSocket.OPEN) return false;
      ws.send(JSON.stringify(frame));
      return true;
    },
    line: () => line,
  };
}
