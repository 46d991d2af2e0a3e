/** Nodes without markup: no innerHTML, no style attributes, so that the strictest CSP lets it run. */
import { ICONS, type Icon } from "./icons";

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | EventListener>;

/** `h("button.ib.go", { "aria-label": "…", onclick: fn }, child, …)` */
export function h<T extends keyof HTMLElementTagNameMap>(
  what: T | `${T}.${string}`,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[T] {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag as T);
  node.className = classes.join(" ");
  if (tag === "button") node.setAttribute("type", "button");
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else attr(node, name, value);
  }
  node.append(...children.filter((each): each is Node | string => !!each));
  return node;
}

export function attr(node: Element, name: string, value: string | number | boolean | null): void {
  if (value === false || value === null) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : String(value));
}

const SVG = "http://www.w3.org/2000/svg";

export function icon(name: Icon): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", ICONS[name]);
  svg.append(shape);
  return svg;
}

export const text = (node: Node, value: string): void => {
  if (node.textContent !== value) node.textContent = value;
};

export const initials = (name: string): string => {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  const ends = parts.length > 1 ? [parts[0]!, parts[parts.length - 1]!] : parts.slice(0, 1);
  return ends.map((each) => [...each][0]!.toUpperCase()).join("");
};
