/** The sheets of the widget, made for the account's colour; adopted, never written into the page. */
import { palette } from "../contrast";
import dark from "../night/tokens.css?inline";
import tokens from "../tokens.css?inline";
import css from "../widget.css?inline";

function brand(colour: string, night: boolean): string {
  const made = palette(colour, night);
  return `--wb:${made.surface};--wo:${made.onSurface};--ws:${made.soft};--wt:${made.text}}`;
}

export function sheet(colour: string): CSSStyleSheet {
  const night = `${dark.slice(dark.indexOf("{"), dark.lastIndexOf("}"))};${brand(colour, true)}`;
  const made = new CSSStyleSheet();
  made.replaceSync(
    `${tokens}:host{${brand(colour, false)}` +
      `@media(prefers-color-scheme:dark){:host(:not([data-theme=light]))${night}}` +
      `:host([data-theme=dark])${night}${css}`,
  );
  return made;
}
