/**
 * The one script a page includes.  It asks whether this page may show the chat and how the button
 * looks, draws the button, and fetches the rest at the first click (or at once, when a chat is going
 * on).  A refused origin leaves one line in the console and nothing on the page.
 */
import css from "./launcher.css?inline";
import words from "./words.json";
import type { Config, Handle, Handover, Lang } from "../src/types";

declare const APP_HASH: string;
declare const IMPORT: (url: string) => Promise<{ mount(over: Handover): Handle }>;

interface Command {
  open(): void;
  close(): void;
  identify(token: string | null): void;
}
declare global {
  interface Window {
    Atiende?: Command;
  }
}

const script = document.currentScript as HTMLScriptElement;
const { key = "", lang, theme, identity: signed } = script.dataset;
const base = new URL(script.src).origin;
const BUBBLE = "M7.9 20A9 9 0 1 0 4 16.1L2 22Z";

let identity: string | null = signed || null;
let handle: Promise<Handle> | undefined;
let load: ((open: boolean) => Promise<Handle>) | undefined;
let wish = false;

/** White or black, whichever reads on the brand: the launcher's part of src/contrast.ts. */
function onColour(hex: string): string {
  const [r, g, b] = [1, 3, 5].map((i) => (parseInt(hex.slice(i, i + 2), 16) / 255) ** 2.2);
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b! > 0.18 ? "dark" : "light";
}

async function begin(wait = 4000): Promise<void> {
  let answer: Response | undefined;
  try {
    answer = await fetch(`${base}/chat/config?key=${encodeURIComponent(key)}`, {
      credentials: "omit",
    });
  } catch {
    // the network, or a refusal the browser will not let us read
  }
  if (answer?.ok) return draw((await answer.json()) as Config);
  if (answer && answer.status < 500) {
    return console.info(`Atiende: no chat on this page (${answer.status})`);
  }
  setTimeout(begin, wait, Math.min(wait * 2, 3e5));
}

function draw(config: Config): void {
  const { languages, color, launcher } = config;
  const spoken: Lang = [lang, document.documentElement.lang, navigator.language]
    .map((each) => each?.slice(0, 2).toLowerCase() as Lang)
    .find((each) => languages.includes(each)) ?? languages[0]!;
  const host = document.createElement("atiende-chat");
  if (theme) host.dataset.theme = theme;
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${css}:host{--lb:${color};--lo:var(--${onColour(color)})}`);
  root.adoptedStyleSheets = [sheet];
  const button = document.createElement("button");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", BUBBLE);
  svg.append(path);
  button.className = `la ${launcher}`;
  button.ariaLabel = words[spoken];
  button.ariaExpanded = "false";
  button.append(svg);
  root.append(button);
  // A single-page shop may replace its whole body: come back with the next one.
  const place = () => host.isConnected || document.body.append(host);
  const watch = new MutationObserver(place);
  for (const each of [document.documentElement, document.body]) watch.observe(each, { childList: true });
  place();
  load = (open) =>
    (handle ??= IMPORT(`${base}/chat/app${spoken === "es" ? "" : `.${spoken}`}.js?v=${APP_HASH}`)
      .then((app) =>
        app.mount({ base, key, config, lang: spoken, identity, host, root, button, open }),
      )
      .catch((broken: unknown) => {
        handle = undefined;
        throw broken;
      }));
  button.onclick = () => load!(true).catch(console.info);
  let going = wish;
  try {
    going ||= !!localStorage.getItem(`atiende.${key}.live`);
  } catch {
    // storage refused: nothing is going on that we could know of
  }
  if (going) void load(wish).catch(console.info);
}

if (!window.Atiende && key) {
  window.Atiende = {
    open() {
      wish = true;
      load?.(true).then((each) => each.open());
    },
    close: () => void handle?.then((each) => each.close()),
    identify(token) {
      identity = token;
      void handle?.then((each) => each.identify(token));
    },
  };
  if (document.body) void begin();
  else addEventListener("DOMContentLoaded", () => begin());
}
