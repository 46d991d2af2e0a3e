/** Finds the links in a text.  PURE: the view makes nodes of the parts, never markup. */

export interface Part {
  text: string;
  href?: string;
}

const LINK = /\bhttps?:\/\/[^\s<>"'`]+|\bwww\.[^\s<>"'`]+\.[^\s<>"'`]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gi;
const PAIRS: Record<string, string> = { ")": "(", "]": "[" };

/** Sentences end after links: take off what belongs to the sentence and not to the address. */
function trim(found: string): string {
  for (;;) {
    const last = found.slice(-1);
    const opens = PAIRS[last];
    const unpaired = opens !== undefined && found.split(opens).length < found.split(last).length;
    if (!unpaired && !/[.,;:!?…»”]/.test(last)) return found;
    found = found.slice(0, -1);
  }
}

function address(found: string): string | null {
  if (/^[\w.+-]+@/.test(found)) return `mailto:${found}`;
  try {
    const url = new URL(/^www\./i.test(found) ? `https://${found}` : found);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

export function linkify(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const found = trim(match[0]);
    const href = found && address(found);
    if (!href) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: found, href });
    from = match.index + found.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}
