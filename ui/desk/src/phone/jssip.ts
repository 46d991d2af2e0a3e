// The softphone in JsSIP. Loaded when it is first wanted: it is heavier than half of the desk.
// Its events are told on as states; how a call survives a restart of the server is in `refresh`.
import { UA, WebSocketInterface } from 'jssip';
import type { RTCSession } from 'jssip/lib/RTCSession';
import type { IncomingRequest } from 'jssip/lib/SIPMessage';
import type { RTCSessionEvent } from 'jssip/lib/UA';
import { address } from '../api/client';
import { openMic, type Credentials, type Devices, type Link, type Phone, type PhoneState, type Session, type Sound } from './phone';
import { Way } from './way';

const BUSY = 486;
/** What the server closes the socket with when another page took the phone, or the session is over. */
const TAKEN = 4409;
const REGISTER_AGAIN_MS = 1000;
const REGISTER_TRIES = 3;
const DTMF = { transportType: 'RFC2833', duration: 160, interToneGap: 80 };

export class JsSipPhone implements Phone {
  private ua: UA | null = null;
  private session: RTCSession | null = null;
  private call = '';
  private stage: Session['stage'] = 'ringing';
  private link: Link = 'off';
  private tries = 0;
  private registered = false;
  private again: ReturnType<typeof setTimeout> | undefined;
  private chosen: Devices = { mic: '', speaker: '' };
  private ice: RTCIceServer[] = [];
  private mic: MediaStream | null = null;
  private readonly ear = new Audio();
  private readonly told = new Set<(state: PhoneState) => void>();
  private before = { lost: 0, got: 0 };
  private readonly way = new Way();

  constructor() {
    this.ear.autoplay = true;
  }

  connect(c: Credentials): void {
    this.disconnect();
    this.ice = c.ice;
    this.tries = 0;
    this.registered = false;
    const url = new URL(address(c.ws), location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    const ua = (this.ua = new UA({
      sockets: [new WebSocketInterface(url.href)],
      uri: c.uri,
      authorization_user: c.username,
      password: c.password,
      register_expires: 600,
      session_timers: false,
      no_answer_timeout: 120, // the server decides how long it rings
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 2,
      user_agent: 'Atiende',
    }));
    const mine = (then: () => void) => () => this.ua === ua && then();
    ua.on('connecting', mine(() => this.to(this.registered ? 'down' : 'connecting')));
    ua.on('disconnected', (e) => this.ua === ua && this.lost(e.code));
    ua.on('registered', mine(() => this.ready()));
    ua.on('registrationFailed', mine(() => this.refused()));
    ua.on('newRTCSession', (e: RTCSessionEvent) => {
      if (this.ua === ua && e.originator === 'remote') this.rings(e.session, (e.request as IncomingRequest).getHeader('X-CC-ID') ?? '');
    });
    this.to('connecting');
    ua.start();
  }

  disconnect(): void {
    clearTimeout(this.again);
    const ua = this.ua;
    this.ua = null;
    if (this.session) this.over(this.session);
    ua?.stop();
    this.to('off');
  }

  async answer(): Promise<void> {
    const session = this.session;
    if (!session || this.stage !== 'ringing') return;
    this.stage = 'answering';
    this.way.answered();
    this.tell();
    try {
      const mic = await openMic(this.chosen.mic);
      if (this.session !== session) return mic.getTracks().forEach((track) => track.stop());
      this.mic = mic;
      session.answer({ mediaStream: mic, mediaConstraints: { audio: true, video: false }, pcConfig: { iceServers: this.ice, rtcpMuxPolicy: 'require' } });
    } catch (error) {
      if (this.session === session) {
        this.stage = 'ringing';
        this.tell();
      }
      throw error;
    }
  }

  reject(): void {
    if (this.session && this.stage === 'ringing') this.end(this.session, BUSY);
  }

  hangup(): void {
    if (this.session) this.end(this.session);
  }

  mute(on: boolean): void {
    if (on) this.session?.mute({ audio: true });
    else this.session?.unmute({ audio: true });
  }

  dtmf(key: string): void {
    if (this.session && this.stage === 'talking') this.session.sendDTMF(key, DTMF as never);
  }

  async devices(chosen: Devices): Promise<void> {
    const before = this.chosen;
    this.chosen = chosen;
    // Not every browser can choose where it is heard.
    if (chosen.speaker !== before.speaker && 'setSinkId' in this.ear) await this.ear.setSinkId(chosen.speaker).catch(() => {});
    const sender = this.session?.connection?.getSenders().find((each) => each.track?.kind === 'audio');
    if (!sender || chosen.mic === before.mic) return;
    const mic = await openMic(chosen.mic);
    const track = mic.getAudioTracks()[0]!;
    track.enabled = sender.track?.enabled ?? true;
    await sender.replaceTrack(track);
    this.mic?.getTracks().forEach((each) => each.stop());
    this.mic = mic;
  }

  async sound(): Promise<Sound | null> {
    const report = await this.session?.connection?.getStats();
    if (!report) return null;
    const heard: Sound = { level: 0, energy: 0, loss: 0, rtt: 0, jitter: 0 };
    report.forEach((each) => {
      if (each.type === 'inbound-rtp' && each.kind === 'audio') {
        const lost = each.packetsLost - this.before.lost;
        const got = each.packetsReceived - this.before.got;
        this.before = { lost: each.packetsLost, got: each.packetsReceived };
        Object.assign(heard, { level: each.audioLevel ?? 0, energy: each.totalAudioEnergy ?? 0, jitter: (each.jitter ?? 0) * 1000, loss: lost > 0 ? lost / (lost + Math.max(0, got)) : 0 });
      }
      if (each.type === 'remote-inbound-rtp' && each.kind === 'audio') heard.rtt = (each.roundTripTime ?? 0) * 1000;
    });
    return heard;
  }

  watch(told: (state: PhoneState) => void): () => void {
    this.told.add(told);
    told(this.state());
    return () => this.told.delete(told);
  }

  private state = (): PhoneState => ({ link: this.link, session: this.session ? { call: this.call, stage: this.stage } : null, blocked: this.way.blocked });
  private tell(): void {
    for (const each of this.told) each(this.state());
  }
  private to(link: Link): void {
    this.link = link;
    this.tell();
  }

  private ready(): void {
    this.tries = 0;
    if (this.registered) this.refresh();
    this.registered = true;
    this.to('ready');
  }

  /** The call's other end still has the address of the socket that was lost, and its hang-up would go there. */
  private refresh(): void {
    const session = this.session;
    if (session?.isEstablished()) (session as unknown as { sendRequest(method: string, how: object): void }).sendRequest('UPDATE', { extraHeaders: [`Contact: ${session.contact}`] });
  }

  private lost(code?: number): void {
    if (code === TAKEN) {
      const ua = this.ua;
      this.ua = null;
      if (this.session) this.over(this.session);
      ua?.stop();
      return this.to('taken');
    }
    this.to(this.registered ? 'down' : 'connecting');
  }

  /** An exchange that has just begun may not have been told of the phone yet. */
  private refused(): void {
    const ua = this.ua;
    if (!ua?.isConnected()) return;
    if (++this.tries > REGISTER_TRIES) return this.to('refused');
    clearTimeout(this.again);
    this.again = setTimeout(() => this.ua === ua && ua.register(), REGISTER_AGAIN_MS);
  }

  private rings(session: RTCSession, call: string): void {
    const before = this.session;
    if (before && this.call !== call) return void session.terminate({ status_code: BUSY });
    // The same call anew: the server has given up the leg that was.
    if (before) this.end(before);
    this.session = session;
    this.call = call;
    this.stage = 'ringing';
    this.before = { lost: 0, got: 0 };
    this.way.begin();
    session.on('peerconnection', ({ peerconnection }) => {
      peerconnection.addEventListener('track', (e) => this.hear(e as RTCTrackEvent));
      peerconnection.addEventListener('iceconnectionstatechange', () => this.session === session && this.way.says(peerconnection.iceConnectionState) && this.tell());
    });
    session.on('icecandidate', ({ candidate, ready }) => this.way.found(candidate.type, ready));
    session.on('confirmed', () => {
      if (this.session !== session) return;
      this.stage = 'talking';
      this.tell();
    });
    session.on('ended', () => this.over(session));
    session.on('failed', () => this.over(session));
    this.tell();
  }

  private hear(e: RTCTrackEvent): void {
    this.ear.srcObject = e.streams[0] ?? new MediaStream([e.track]);
    void this.ear.play().catch(() => {}); // it plays at the next gesture, of which a call has plenty
  }

  private end(session: RTCSession, status_code?: number): void {
    try {
      session.terminate(status_code ? { status_code } : {});
    } catch {
      // It has just ended by itself.
    }
    this.over(session);
  }

  private over(session: RTCSession): void {
    if (this.session !== session) return;
    this.way.over();
    this.session = null;
    this.mic?.getTracks().forEach((track) => track.stop());
    this.mic = null;
    this.ear.srcObject = null;
    this.tell();
  }
}
