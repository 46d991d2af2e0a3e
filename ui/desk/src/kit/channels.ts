// One hue and one drawing for each kind of channel; a channel not listed here looks like a plain chat.
import type { IconName } from './Icon.svelte';

const LOOK: Record<string, { tone: string; icon: IconName }> = {
  webchat: { tone: 'chat', icon: 'message-square' },
  messages: { tone: 'chat', icon: 'message-square' },
  whatsapp: { tone: 'wa', icon: 'message-circle' },
  voice: { tone: 'voz', icon: 'phone' },
  email: { tone: 'mail', icon: 'mail' },
  sms: { tone: 'sms', icon: 'message-square-text' },
  social: { tone: 'soc', icon: 'at-sign' },
};
const look = (channel: string) => LOOK[channel] ?? LOOK.webchat!;
export const channelTone = (channel: string): string => look(channel).tone;
export const channelIcon = (channel: string): IconName => look(channel).icon;
