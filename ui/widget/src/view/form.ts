/** The form before the chat: the fields the account asks for, and consent with its link and tick. */
import type { Model } from "../model";
import type { Config, FieldKey, Lang } from "../types";
import type { Words } from "../words";
import { attr, h, icon, text } from "./dom";

export interface Form {
  node: HTMLFormElement;
  update(model: Model): void;
  focus(): void;
}

const KINDS: Record<FieldKey, [type: string, autocomplete: string, max: number]> = {
  name: ["text", "name", 120],
  email: ["email", "email", 254],
  phone: ["tel", "tel", 25],
  topic: ["text", "off", 200],
};

interface Row {
  key: string;
  input: HTMLInputElement;
  required: boolean;
  wrong: HTMLElement;
  say: HTMLElement;
}

type Start = (values: Record<string, string | boolean>) => Promise<boolean>;

type Asked = Config["prechat"];

export function form(asked: Asked, agree: Config["consent"], lang: Lang, w: Words, start: Start): Form {
  const rows: Row[] = [];
  const button = h("button.main", { type: "submit" }, w.t("start"));

  function row(key: string, required: boolean, input: HTMLInputElement): Row {
    const say = h("span");
    const wrong = h("p.wr.bad", { id: `w-${key}`, hidden: true }, icon("warn"), say);
    input.id = `f-${key}`;
    attr(input, "aria-describedby", wrong.id);
    attr(input, "aria-required", required ? "true" : null);
    input.addEventListener("input", () => mark(made, ""));
    const made = { key, input, required, wrong, say };
    rows.push(made);
    return made;
  }

  function field({ key, required }: Asked[number]): HTMLElement {
    const [type, autocomplete, maxlength] = KINDS[key];
    const one = row(key, required, h("input", { type, autocomplete, maxlength, name: key }));
    const label = h("label", { for: one.input.id }, w.t(`field.${key}`));
    if (!required) label.append(h("span", {}, ` (${w.t("optional")})`));
    return h("div", {}, label, one.input, one.wrong);
  }

  function consent(to: NonNullable<Config["consent"]>): HTMLElement {
    const one = row("consent", true, h("input", { type: "checkbox", name: "consent" }));
    const label = h("label", { for: one.input.id }, to[lang] || to.es || to.en);
    if (to.url) {
      const href = { href: to.url, target: "_blank", rel: "noopener" };
      label.append(" ", h("a", href, w.t("consent_link")));
    }
    return h("div.tick", {}, one.input, label, one.wrong);
  }

  function mark(one: Row, key: string): void {
    const shown = one.key === "consent" && key === "required" ? "consent" : key;
    one.wrong.hidden = !key;
    attr(one.input, "aria-invalid", key ? "true" : null);
    if (key) text(one.say, w.said("wrong", shown));
  }

  function check(one: Row): string {
    const { input, required } = one;
    if (input.type === "checkbox") return input.checked ? "" : "required";
    if (!input.value.trim()) return required ? "required" : "";
    return input.validity.typeMismatch ? "email_invalid" : "";
  }

  function tell(found: [Row, string][]): boolean {
    for (const [one, key] of found) mark(one, key);
    const first = found.find(([, key]) => key);
    first?.[0].input.focus();
    return !first;
  }

  async function submit(): Promise<void> {
    if (!tell(rows.map((one) => [one, check(one)]))) return;
    const values = rows.map(({ key, input }) => [
      key,
      input.type === "checkbox" ? input.checked : input.value.trim() || null,
    ]);
    await start(Object.fromEntries(values.filter(([, value]) => value !== null)));
  }

  const node = h(
    "form.pre",
    { novalidate: true },
    ...asked.map(field),
    agree && consent(agree),
    button,
  );
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  let told: Model["wrong"] = {};
  return {
    node,
    update(model) {
      attr(button, "aria-disabled", model.starting && "true"); // disabled, it would lose the focus
      if (model.wrong === told) return;
      told = model.wrong;
      tell(rows.map((one) => [one, told[one.key] ?? ""]));
    },
    focus: () => (rows[0]?.input ?? button).focus(),
  };
}
