// What GET /api/setup answers, and every step after it.
export interface Person { id: string; name: string; email: string; state: string; url: string | null }
export type Weekly = Record<string, [string, string][]>;
export interface Setup {
  step: Step | 'done';
  done: boolean;
  company: { name: string; country: string; locale: string; tz: string };
  team: { people: Person[] };
  queue: { id: string | null; name: string; tz: string; weekly: Weekly };
  channel: { id: string; channel: string; name: string; public_key: string; config: Record<string, unknown>; snippet: string } | null;
  first: { arrived: boolean; attended: boolean };
}
export const STEPS = ['company', 'team', 'queue', 'channel', 'first'] as const;
export type Step = (typeof STEPS)[number];
export type StepProps = { data: Setup; failure: unknown; save: (body: unknown) => Promise<boolean> };
