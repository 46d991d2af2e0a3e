/**
 * Any brand colour, made legible.  PURE.
 *
 * From one colour come the four the widget paints with: the brand surface, the text on it, a soft
 * tint, and the brand as text; each pair holds WCAG AA (4.5) in the light and in the dark theme.
 */

export type Rgb = [number, number, number];

export interface Palette {
  surface: string;
  onSurface: string;
  soft: string;
  text: string;
}

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** --surface of tokens.css in the dark theme; a test holds them equal. */
export const NIGHT: Rgb = [19, 29, 28];

export function rgb(hex: string): Rgb {
  const n = /^#[0-9a-f]{6}$/i.test(hex) ? parseInt(hex.slice(1), 16) : 0;
  return [n >> 16, (n >> 8) & 255, n & 255];
}

export const hex = (c: Rgb): string =>
  `#${c.map((v) => Math.round(v).toString(16).padStart(2, "0")).join("")}`;

export const mix = (a: Rgb, b: Rgb, part: number): Rgb =>
  a.map((v, i) => v + (b[i]! - v) * part) as Rgb;

function luminance(c: Rgb): number {
  const [r, g, b] = c.map((v) => {
    const s = v / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** White or a dark of the same hue, whichever reads; black when that dark is not dark enough. */
export function on(surface: Rgb): Rgb {
  if (contrast(surface, WHITE) >= 4.5) return WHITE;
  const dark = mix(surface, BLACK, 0.82);
  return contrast(surface, dark) >= 4.6 ? dark : BLACK;
}

/** The colour moved towards `towards` until it reads on every one of `backs`. */
export function until(colour: Rgb, towards: Rgb, backs: Rgb[], goal: number): Rgb {
  for (let part = 0; part < 1; part += 0.04) {
    const tried = rgb(hex(mix(colour, towards, part)));
    if (backs.every((back) => contrast(tried, back) >= goal)) return tried;
  }
  return towards;
}

export function palette(brand: string, dark: boolean): Palette {
  const base = rgb(brand);
  const [paper, ink] = dark ? [NIGHT, WHITE] : [WHITE, BLACK];
  // Made brighter before it is made paler: a dark brown becomes an orange, and not a grey; a fifth
  // paler at least, or a deep green would glow.
  const bright = base.map((v) => v * Math.max(1, 200 / Math.max(...base, 1))) as Rgb;
  const surface = dark ? until(mix(bright, ink, 0.2), ink, [paper], 8) : base;
  const soft = mix(paper, bright, dark ? 0.18 : 0.14);
  const text = until(surface, ink, [paper, soft], 5);
  return { surface: hex(surface), onSurface: hex(on(surface)), soft: hex(soft), text: hex(text) };
}
