import { describe, expect, it } from "vitest";
import en from "../words.en.json";
import es from "../words.es.json";
import { whose } from "../src/model";
import { words } from "../src/words";
import { initials } from "../src/view/dom";

describe("words", () => {
  it("says the same in both languages, with the same values", () => {
    expect(Object.keys(en)).toEqual(Object.keys(es));
    const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [key, text] of Object.entries(es)) expect(values(en[key as keyof typeof en]), key).toEqual(values(text));
  });
  it("falls back when the server says a key it does not know", () => {
    expect(words("es").said("error", "nothing_like_it")).toBe(es["error.other"]);
    expect(words("en").said("error", "file_too_big", { name: "a.pdf", mb: 10 })).toBe("a.pdf: over the limit of 10 MB.");
  });
  it("tells days as people do", () => {
    const now = new Date(2026, 4, 20, 9);
    const at = (day: number) => new Date(2026, 4, day, 14, 5).toISOString();
    expect(words("es").day(at(20), now)).toBe("hoy");
    expect(words("es").day(at(19), now)).toBe("ayer");
    expect(words("es").day(at(3), now)).toBe("3 de mayo");
    expect(words("es").when(at(21), now)).toBe("mañana, 14:05");
    expect(words("es").size(1_200_000)).toBe("1,2 MB");
  });
});

describe("names", () => {
  it("makes initials of any name", () => {
    expect([initials("Valentina Restrepo"), initials("  ana "), initials(""), initials("Ñ 🦊")]).toEqual(["VR", "A", "", "Ñ🦊"]);
  });
  it("tells whose a signed identity is, and nobody's when it cannot", () => {
    expect(whose(`${btoa('{"id":"ana"}')}.x`)).toBe("ana");
    expect(["", ".", "%%%.x", `${btoa("[]")}.x`].map(whose)).toEqual(["", "", "", ""]);
  });
});
