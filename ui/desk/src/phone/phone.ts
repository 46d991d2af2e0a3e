// What the desk asks of a softphone, whatever speaks SIP behind it: jssip.ts does; tests put another in its place.

/** What POST /api/phone tells, once. */
export interface Credentials { uri: string; username: string; password: string; ws: string; ice: RTCIceServer[] }

/** `taken`: another page of the agent's has the phone; `refused`: the password is no longer good. */
export type Link = 'off' | 'connecting' | 'ready' | 'down' | 'refused' | 'taken';
/** `answering`: the agent has answered, the sound is on its way. */
export type Stage = 'ringing' | 'answering' | 'talking';
/** The one call a phone has; `call` is the server's name of it (an interaction's id). */
export interface Session { call: string; stage: Stage }
/** `blocked`: the last call's sound found no way through the network. */
export interface PhoneState { link: Link; session: Session | null; blocked?: boolean }

/** How the sound travels: level and energy of what is heard, the part lost (0..1), delays in milliseconds. */
export interface Sound { level: number; energy: number; loss: number; rtt: number; jitter: number }
export interface Devices { mic: string; speaker: string }

export interface Phone {
  /** Registers, and comes back by itself for as long as it is wanted. */
  connect(credentials: Credentials): void;
  /** Gives the phone up; a call in hand ends on this side. */
  disconnect(): void;
  /** Rejects with the browser's own error when there is no microphone to be had; the call goes on ringing then. */
  answer(): Promise<void>;
  reject(): void;
  hangup(): void;
  mute(on: boolean): void;
  dtmf(key: string): void;
  devices(chosen: Devices): Promise<void>;
  /** What has been heard since the last look; null without a call. */
  sound(): Promise<Sound | null>;
  /** Called at each change; returns the way to stop it. */
  watch(told: (state: PhoneState) => void): () => void;
}

/** The microphone that is wanted; another one when it has been unplugged. */
export async function openMic(id: string): Promise<MediaStream> {
  const how = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { ...how, ...(id ? { deviceId: { exact: id } } : {}) } });
  } catch (error) {
    if (!id || !(error instanceof DOMException) || !['OverconstrainedError', 'NotFoundError'].includes(error.name)) throw error;
    return navigator.mediaDevices.getUserMedia({ audio: how });
  }
}
