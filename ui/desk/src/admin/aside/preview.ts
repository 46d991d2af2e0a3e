// The widget's own code shows the administrator's settings, without a network: what is seen is what visitors get.
import { address } from '../../api/client';
import { read } from '../values';

export type View = 'chat' | 'form' | 'queue';
export interface Shown { update: (config: unknown, lang: string, view: View) => void; destroy: () => void }
type Preview = { mount: (place: HTMLElement, config: unknown, lang: string, view: View) => Shown };
declare global { interface Window { AtiendePreview?: Preview } }

let loading: Promise<Preview> | undefined;
/** /chat/preview.js is a module of the same server; asked for once, when a preview is first shown. */
export function previewer(): Promise<Preview> {
  loading ??= new Promise<Preview>((done, failed) => {
    const script = document.createElement('script');
    script.type = 'module';
    script.src = address('/chat/preview.js');
    script.onload = () => (window.AtiendePreview ? done(window.AtiendePreview) : failed(new Error('no preview')));
    script.onerror = () => failed(new Error('no preview'));
    document.head.append(script);
  });
  loading.catch(() => (loading = undefined));
  return loading;
}
/** What /chat/config would say of the settings being edited. */
export function visitorConfig(draft: unknown, company: string): Record<string, unknown> {
  const config = { ...(read(draft, 'config') as Record<string, unknown>) };
  const consent = config.consent as { es?: string; en?: string } | undefined;
  return { ...config, key: 'preview', name: company, consent: consent?.es || consent?.en ? consent : null, open: true, opens_at: null };
}
