/** One frame as it went over the wire, whole where the protocol could tell. */
export type TracedFrame = {
  readonly direction: 'sent' | 'received';
  readonly bytes: Buffer;
  /** What it says, for people: `unit 1: read holding 100, 2 registers`; `noise` for what was no frame. */
  readonly meaning: string;
};

/** Where a driver shows its frames. `listener` comes and goes while the connection lives: look at it for each frame. */
export type FrameTap = { listener: ((frame: TracedFrame) => void) | undefined };
