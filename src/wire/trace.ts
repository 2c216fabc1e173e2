/** One frame as it went over the wire, whole where the protocol could tell. */
export type TracedFrame = {
  readonly direction: 'sent' | 'received';
  readonly bytes: Buffer;
  /** What it says, for people: `unit 1: read holding 100, 2 registers`; `noise` for what was no frame. */
  readonly meaning: string;
};

/** Where a driver shows its frames. `listener` comes and goes while the connection lives: look at it for each frame. */
export type FrameTap = { listener: ((frame: TracedFrame) => void) | undefined };

/** The same tap, but each of `secrets` is asterisks in what it shows: what opens a device must not travel in a recording. */
export function tapHiding(tap: FrameTap, secrets: Iterable<Buffer>): FrameTap {
  return {
    get listener() {
      const { listener } = tap;
      if (listener === undefined) return undefined;
      return (frame: TracedFrame) => listener({ ...frame, bytes: hidden(frame.bytes, secrets) });
    },
  };
}

function hidden(bytes: Buffer, secrets: Iterable<Buffer>): Buffer {
  const shown = Buffer.from(bytes);
  for (const secret of secrets) {
    if (secret.length === 0) continue;
    for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, at + 1)) {
      shown.fill('*', at, at + secret.length);
    }
  }
  return shown;
}
