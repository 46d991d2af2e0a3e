// What a list with its editor is made of, as data: ListPage and EditorPage draw every section from it.
import type { Component } from 'svelte';
import type { IconName } from '../kit/Icon.svelte';
import type { Item, Path } from './lists.svelte';
import type { Values } from './values';

export type Tone = 'plain' | 'amber' | 'ok' | 'coral' | 'brand' | 'info';
export type Cell = string | { text: string; tone?: Tone; icon?: IconName; sub?: string; person?: boolean };
/** Labels are keys: a column `admin.f.<key>`, a field too, its hint `admin.h.<key>` where the catalogue has one. */
export interface Column { key: string; label?: string; show: (item: Item) => Cell; end?: boolean }

export type CustomProps = { value: unknown; draft: Values; label: string; error?: string | undefined; };
export type Kind = 'text' | 'area' | 'email' | 'number' | 'toggle' | 'select' | 'many' | 'color' | 'lines' | 'zone' | 'country' | 'secret' | 'custom';
export interface FieldSpec {
  key: string;
  /** Words of its own where two forms have a field of the same name. */
  label?: string;
  kind: Kind;
  required?: boolean;
  max?: number;
  min?: number;
  /** The rule of a code, and the words that say it (`field.<says>`). */
  pattern?: RegExp;
  says?: string;
  /** A hint of its own where two forms have a field of the same name. */
  hint?: string;
  /** Written small by itself. */
  lower?: boolean;
  /** A choice of another list, or of fixed values with words under `admin.o.<key>.<value>`. */
  from?: Path;
  options?: readonly string[];
  /** Or of what is known elsewhere. */
  pick?: () => { value: string; label: string }[];
  /** The words of "none": its presence makes the choice optional (null). */
  none?: string;
  /** What is kept for "none" when that is not null. */
  nil?: string;
  /** The value kept when a number is left empty. */
  nullable?: boolean;
  custom?: Component<CustomProps, Record<string, never>, 'value'>;
  group?: string;
  wide?: boolean;
  show?: (draft: Values) => boolean;
  /** Chosen once, when the thing is made. */
  fixed?: boolean;
}
/** Who feels a change: items of another list, counted before saving. */
export interface Effect { path: Path; touches: (item: Item, other: Item) => boolean }
export type AsideProps = { item: Item | null; draft: Values };

export interface Section {
  id: string;
  path: Path;
  /** Which of the list's items are this section's, where several share an address. */
  only?: (item: Record<string, unknown>) => boolean;
  /** Asked again every so many seconds while it is looked at: something in it moves by itself. */
  every?: number;
  columns: Column[];
  fields: FieldSpec[];
  blank: () => Values;
  aside?: Component<AsideProps>;
  effects?: Effect[];
  /** People are disabled, not archived. */
  noArchive?: boolean;
  /** Built-in things are shown and not changed. */
  locked?: (item: Item) => boolean;
  made?: (item: Item) => Promise<void>;
}
export interface Entry {
  id: string;
  group: 'operation' | 'work' | 'channels' | 'company';
  icon: IconName;
  permission: string;
  section?: Section;
  page?: Component;
}
