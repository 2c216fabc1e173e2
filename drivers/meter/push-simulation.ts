import type { SimulatedFault, Simulation, SimulationSettings } from '../../src/collect/simulation.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { listenTcp, listenWire, type Mouth } from '../../src/wire/listen.ts';

/** What a played meter says now; `seconds` since 1970. */
export type Saying = (seconds: number) => Buffer;

const NOISE = Buffer.from('fff8fdfeff', 'hex');
const SLOW = 2_000; // milliseconds

/**
 * Plays meters that say something every `every` milliseconds to whoever listens. Rejects with `usage` for a transport
 * that such meters do not have.
 */
export async function simulatePush(
  { clock, end, faults = [] }: SimulationSettings,
  sayings: readonly Saying[],
  every: number,
): Promise<Simulation> {
  const mouths = new Set<Mouth>();
  const attend = (mouth: Mouth): (() => void) => {
    mouths.add(mouth);
    return () => undefined;
  };
  if (!('wire' in end) && end.transport !== 'tcp') {
    throw new GatewayError('usage', `such meters are played over tcp or on a serial line, not over ${end.transport}`);
  }
  const listener = 'wire' in end ? listenWire(end.wire, attend) : await listenTcp(end, attend);
  const origin = clock.wall() - clock.monotonic();
  const say = (): void => {
    cancel = clock.after(every, say);
    for (const [index, saying] of sayings.entries()) {
      const fault = faults.find((each) => (each.unit ?? index + 1) === index + 1 && Math.random() < each.rate);
      const telegram = saying((origin + clock.monotonic()) / 1_000);
      const speak = (): void => speakTo(mouths, fault === undefined ? telegram : spoilt(telegram, fault), fault);
      if (fault?.kind === 'slow') clock.after(fault.value ?? SLOW, speak);
      else speak();
    }
  };
  let cancel = clock.after(0, say);
  return {
    address: listener.address,
    [Symbol.asyncDispose]: async () => {
      cancel();
      mouths.clear();
      await listener[Symbol.asyncDispose]();
    },
  };
}

function speakTo(mouths: Set<Mouth>, bytes: Buffer, fault: SimulatedFault | undefined): void {
  for (const mouth of mouths) {
    mouth.send(bytes);
    if (fault?.kind !== 'reset') continue;
    mouth.hangUp();
    mouths.delete(mouth);
  }
}

function spoilt(telegram: Buffer, { kind }: SimulatedFault): Buffer {
  if (kind === 'silent') return Buffer.alloc(0);
  if (kind === 'noise') return Buffer.concat([NOISE, telegram, NOISE]);
  if (kind === 'reset') return telegram.subarray(0, telegram.length >> 1);
  if (kind !== 'checksum') return telegram;
  const damaged = Buffer.from(telegram);
  const middle = damaged.length >> 1;
  damaged.writeUInt8(damaged.readUInt8(middle) ^ 1, middle);
  return damaged;
}
