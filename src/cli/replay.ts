import { readFile } from 'node:fs/promises';
import type { SimulatedEnd } from '../collect/simulation.ts';
import { drivers } from '../drivers.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { listenTcp, listenUdp, listenWire, type Attend, type Listener } from '../wire/listen.ts';
import { Recording } from '../wire/replay.ts';
import { parseTrace, type Trace } from '../wire/trace-text.ts';

export type LoadedRecording = { readonly trace: Trace; readonly recording: Recording };

/** Reads a recording; rejects with `usage` for a file that is none. */
export async function loadRecording(file: string): Promise<LoadedRecording> {
  const trace = parseTrace(await readRecording(file), file);
  const recording = new Recording(trace.frames, await numberingOf(trace));
  if (recording.size === 0) throw new GatewayError('usage', `${file} holds no question: nothing was sent in it`);
  return { trace, recording };
}

/** Answers at `end` what was asked in a recording, as it was answered then. Rejects as the listeners do. */
export function startReplay(recording: Recording, end: SimulatedEnd, clock: Clock): Promise<Listener> {
  const attend = attendBy(recording, clock);
  if ('wire' in end) return Promise.resolve(listenWire(end.wire, attend));
  return end.transport === 'udp' ? listenUdp(end, attend) : listenTcp(end, attend);
}

async function readRecording(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new GatewayError('usage', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

async function numberingOf({ driver, transport }: Trace): Promise<number> {
  const load = Object.entries(drivers).find(([name]) => name === driver)?.[1];
  return (await load?.())?.numbering?.[transport] ?? 0;
}

function attendBy(recording: Recording, clock: Clock): Attend {
  return ({ send }) => {
    let rest: Buffer = Buffer.alloc(0);
    return (bytes) => {
      const reply = recording.reply(Buffer.concat([rest, bytes]));
      rest = reply.rest;
      for (const answer of reply.answers) clock.after(answer.after, () => send(answer.bytes));
    };
  };
}
