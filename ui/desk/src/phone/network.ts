// Whether the network lets a call's audio through: asked of the browser before the first call does.

/** `relayed`: only by the TURN server; `blocked`: a server that was to help did not answer; `local`: no server is set, and none is needed inside one network. */
export type Network = 'open' | 'relayed' | 'local' | 'blocked';
const PATIENCE_MS = 5000;

/** What follows from the kinds of candidates that were found. */
export function judge(kinds: ReadonlySet<string>, servers: readonly RTCIceServer[]): Network {
  if (!servers.length) return kinds.has('host') ? 'local' : 'blocked';
  if (kinds.has('srflx') || kinds.has('prflx')) return 'open';
  return kinds.has('relay') ? 'relayed' : 'blocked';
}

/** Gathers candidates with these servers, for a few seconds at most; nothing is sent to anybody else. */
export async function checkNetwork(servers: readonly RTCIceServer[]): Promise<Network> {
  const connection = new RTCPeerConnection({ iceServers: [...servers] });
  const kinds = new Set<string>();
  try {
    await new Promise<void>((done) => {
      const over = setTimeout(done, PATIENCE_MS);
      connection.onicecandidate = ({ candidate }) => {
        if (candidate?.type) kinds.add(candidate.type);
        // The best there is, or the end of the list.
        if (!candidate || candidate.type === 'srflx') { clearTimeout(over); done(); }
      };
      connection.addTransceiver('audio', { direction: 'recvonly' });
      void connection.createOffer().then((offer) => connection.setLocalDescription(offer)).catch(() => done());
    });
  } finally {
    connection.close();
  }
  return judge(kinds, servers);
}
