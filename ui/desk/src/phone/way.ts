// A call's way through the network: how long one is looked for before the call is answered, and whether one was found.
const GATHER_MS = 1000;
/** The sound is on its way in less, or there is none. */
const THROUGH_MS = 4000;

export class Way {
  /** The last call's sound found none: UDP is dropped, and no TURN server helps. */
  blocked = false;
  private through = false;
  private answeredAt = 0;
  private due: ReturnType<typeof setTimeout> | undefined;

  begin(): void {
    this.blocked = this.through = false;
    this.answeredAt = 0;
    this.due = undefined;
  }

  answered(): void {
    this.answeredAt = Date.now();
  }

  /** A relay reaches us wherever anything does; where UDP is dropped, the other servers' silence takes ten seconds.
   *  Ways that are found later are tried while it talks. */
  found(type: string | null, ready: () => void): void {
    if (type === 'relay') ready();
    else this.due ??= setTimeout(ready, GATHER_MS);
  }

  /** What the browser says of it; whether that is news. */
  says(state: RTCIceConnectionState): boolean {
    if (state === 'connected' || state === 'completed') this.through = true;
    else if (state !== 'failed') return false;
    this.blocked = state === 'failed';
    return true;
  }

  /** The server gives up on a silent phone before the browser does. */
  over(): void {
    if (this.answeredAt && !this.through && Date.now() - this.answeredAt > THROUGH_MS) this.blocked = true;
  }
}
