import { setTimeout as sleep } from 'node:timers/promises';
import { dlms } from '../../drivers/dlms/driver.ts';
import { withParity } from '../../drivers/meter/seven-bits.ts';
import { systemClock } from '../../src/model/clock.ts';
import { openSerial } from '../../src/wire/serial.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { dlmsDevice } from './dlms-session.ts';
import { speedOf } from './optical-meter.ts';
import { openPtyPair } from './pty-pair.ts';

const FLAG = 0x7e;
const REACTION = 200; // milliseconds: what a meter lets pass before it answers a text

/** What a meter at an optical head does besides answering well. */
type Vices = {
  /** So many of its texts get lost. */
  readonly mute?: number;
  /** What it says that it is, instead of what a meter that can do mode E says. */
  readonly identification?: string;
  /** It does not repeat the choice of HDLC. */
  readonly unconfirming?: boolean;
};

export type OpticalDlms = AsyncDisposable & {
  /** The port to open. */
  readonly path: string;
  /** The speeds that our port had while the meter answered, one after the other. */
  readonly speeds: readonly number[];
};

/** The simulated meter on two ptys that are joined. Ptys have no speed: what our port is set to is looked up. */
export async function plugInDlms(vices: Vices = {}): Promise<OpticalDlms> {
  const stack = new AsyncDisposableStack();
  const pair = stack.use(await openPtyPair());
  const line = { path: pair.theirs, baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1, timeout: 10_000 } as const;
  const wire = await openSerial(line, systemClock, new AbortController().signal);
  const speeds: number[] = [];
  const state = { mute: vices.mute ?? 0 };
  let last: Promise<void> = Promise.resolve();
  const say = async (bytes: Buffer): Promise<void> => {
    if (bytes[0] !== FLAG) await sleep(REACTION);
    const speed = await speedOf(pair.ours);
    if (speeds.at(-1) !== speed) speeds.push(speed);
    const text = bytes[0] !== FLAG;
    if (text && state.mute > 0) state.mute -= 1;
    else if (wire.open) wire.send(bytes);
  };
  const slow: Wire = {
    get open() {
      return wire.open;
    },
    listen: (listener) => wire.listen(listener),
    send: (bytes) => {
      const isChoice = bytes[0] === 0x06;
      if (isChoice && vices.unconfirming === true) return;
      const identification = bytes[0] !== FLAG && !isChoice ? vices.identification : undefined;
      const said = identification === undefined ? bytes : withParity(Buffer.from(`/${identification}\r\n`));
      last = last.then(() => say(said));
    },
    destroy: () => wire.destroy(),
    [Symbol.asyncDispose]: async () => {
      await last;
      await wire[Symbol.asyncDispose]();
    },
  };
  const settings = { clock: systemClock, end: { wire: slow, framing: undefined } };
  const simulation = await dlms.simulate?.([{ device: dlmsDevice({}, []), points: new Map() }], settings);
  if (simulation === undefined) throw new Error('dlms has a simulator');
  stack.use(simulation);
  return { path: pair.ours, speeds, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
