import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { withoutParity, withParity } from '../../drivers/meter/seven-bits.ts';
import { systemClock } from '../../src/model/clock.ts';
import { openSerial } from '../../src/wire/serial.ts';
import { openPtyPair } from './pty-pair.ts';
import { ReadoutListener, type ReadoutMeter } from './played-readout.ts';

const run = promisify(execFile);

/** What a meter at the end of a cable does besides answering well. */
export type Vices = {
  /** So many requests it does not hear. */
  readonly deaf?: number;
  /** So many readouts it garbles. */
  readonly garbles?: number;
  /** Its line hands back what is sent. */
  readonly echoes?: boolean;
  /** It sends and expects the parity in the eighth bit. */
  readonly parity?: boolean;
};

export type OpticalMeter = AsyncDisposable & {
  /** The port to open. */
  readonly path: string;
  /** How often it was asked who it is. */
  readonly asked: () => number;
  /** The speed that our port was set to when each answer was due, in bits a second. */
  readonly speeds: readonly number[];
};

/** A meter on two ptys that are joined. Ptys have no speed: it looks at what our port is set to. */
export async function plugInMeter(meter: ReadoutMeter, vices: Vices = {}): Promise<OpticalMeter> {
  const pair = await openPtyPair();
  const line = { path: pair.theirs, baud: 9_600, dataBits: 8, parity: 'none', stopBits: 1, timeout: 10_000 } as const;
  const wire = await openSerial(line, systemClock, new AbortController().signal);
  const speeds: number[] = [];
  const state = { deaf: vices.deaf ?? 0, garbles: vices.garbles ?? 0, asked: 0 };
  const failures: unknown[] = [];
  const listener = new ReadoutListener(meter);
  const hear = async (bytes: Buffer): Promise<void> => {
    const answer = listener.answer(vices.parity === true ? withoutParity(bytes) : bytes);
    if (answer === undefined) return;
    if (answer.kind === 'identification') state.asked += 1;
    if (state.deaf > 0) {
      state.deaf -= 1;
      return;
    }
    // It begins when its reaction time is over: by then the port has to be set.
    await systemClock.sleep(200, new AbortController().signal);
    speeds.push(await speedOf(pair.ours));
    const garbles = answer.kind === 'readout' && state.garbles > 0;
    if (garbles) state.garbles -= 1;
    const said = garbles ? garbled(answer.bytes) : answer.bytes;
    wire.send(vices.parity === true ? withParity(said) : said);
  };
  wire.listen({
    received: (bytes) => {
      if (vices.echoes === true) wire.send(bytes);
      // Nobody is left to hear an answer when the test is over.
      hear(bytes).catch((error: unknown) => (wire.open ? failures.push(error) : undefined));
    },
    lost: () => undefined,
  });
  return {
    path: pair.ours,
    asked: () => state.asked,
    speeds,
    [Symbol.asyncDispose]: async () => {
      await wire[Symbol.asyncDispose]();
      await pair[Symbol.asyncDispose]();
      if (failures.length > 0) throw failures[0];
    },
  };
}

/** The speed that a port is set to, in bits a second. */
export async function speedOf(path: string): Promise<number> {
  const { stdout } = await run('stty', ['-F', path, 'speed']);
  return Number(stdout);
}

function garbled(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(copy.length >> 1) ^ 0x04, copy.length >> 1);
  return copy;
}
