import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { backoff } from "../src/backoff";
import { contrast, hex, NIGHT, palette, rgb } from "../src/contrast";
import { linkify } from "../src/linkify";
import { store, type Waiting } from "../src/store";

describe("contrast", () => {
  const brands = ["#5b3419", "#0c5a55", "#ffffff", "#000000", "#ffee00", "#777777", "#ff0000", "#00ffff", "#7f00ff"];
  it("makes any brand colour legible in both themes", () => {
    for (let i = 0; i < 400; i++) {
      brands.push(`#${((i * 7919 * 2081) % 0xffffff).toString(16).padStart(6, "0")}`);
    }
    for (const brand of brands) {
      for (const dark of [false, true]) {
        const made = palette(brand, dark);
        const paper = dark ? NIGHT : rgb("#ffffff");
        expect(contrast(rgb(made.surface), rgb(made.onSurface)), brand).toBeGreaterThanOrEqual(4.5);
        expect(contrast(rgb(made.text), paper), brand).toBeGreaterThanOrEqual(4.5);
        expect(contrast(rgb(made.text), rgb(made.soft)), brand).toBeGreaterThanOrEqual(4.5);
      }
    }
  });
  it("knows the dark surface of the tokens", () => {
    const tokens = readFileSync(new URL("../src/night/tokens.css", import.meta.url), "utf8");
    expect(tokens).toContain(`--surface: ${hex(NIGHT)};`);
  });
});

describe("linkify", () => {
  const links = (text: string) => linkify(text).filter((part) => part.href).map((part) => part.href);
  it("leaves out the end of the sentence", () => {
    expect(links("Vea https://nogal.pe/mesas?a=1. ¿Sí?")).toEqual(["https://nogal.pe/mesas?a=1"]);
    expect(links("(https://es.wikipedia.org/wiki/Roble_(árbol))")).toEqual([
      "https://es.wikipedia.org/wiki/Roble_(%C3%A1rbol)",
    ]);
  });
  it("takes web and mail addresses and nothing that runs", () => {
    expect(links("www.nogal.pe y ventas@nogal.pe")).toEqual(["https://www.nogal.pe/", "mailto:ventas@nogal.pe"]);
    expect(links("javascript:alert(1) data:text/html,x file:///etc/passwd")).toEqual([]);
  });
  it("loses no character", () => {
    for (const text of ["", "hola", "a https://x.pe b", "https://", "<b>https://x.pe</b>", "ñ www.a.b, c@d.ef."]) {
      expect(linkify(text).map((part) => part.text).join("")).toBe(text);
    }
  });
});

describe("backoff", () => {
  it("grows, is bounded, and never comes back all at once", () => {
    expect(backoff(0, 0)).toBe(250);
    expect(backoff(0, 1)).toBe(500);
    expect(backoff(40, 1)).toBe(15_000);
    expect(backoff(40, 0)).toBe(7_500);
  });
});

describe("store", () => {
  const message = (id: string, at: string): Waiting => ({ client_id: id, body: id, attachments: [], at });
  it("keeps each waiting message apart, so that two tabs never lose one", () => {
    const box = {};
    const [one, two] = [store("k", box), store("k", box)];
    one.keep(message("b", "2"));
    two.keep(message("a", "1"));
    expect(one.waiting().map((each) => each.client_id)).toEqual(["a", "b"]);
    two.drop("b");
    expect(one.waiting().map((each) => each.client_id)).toEqual(["a"]);
  });
  it("keeps the draft, by account, and forgets all of one account at once", () => {
    const box: Record<string, string> = { other: "x" };
    store("k", box).set("draft", "hola");
    store("j", box).set("draft", "adiós");
    expect(store("k", box).get("draft")).toBe("hola");
    store("k", box).forget();
    expect(box).toEqual({ other: "x", "atiende.j.draft": "adiós" });
  });
  it("survives what it cannot read and what it cannot write", () => {
    const box = new Proxy<Record<string, string>>({ "atiende.k.out.x": "{" }, {
      set: () => {
        throw new Error("full");
      },
    });
    const kept = store("k", box);
    expect(kept.waiting()).toEqual([]);
    expect(() => kept.set("draft", "x")).not.toThrow();
  });
});
