import { dlms } from '../../drivers/dlms/driver.ts';
import type { AskSession } from '../../drivers/dlms/ask-session.ts';
import { AskSession as Asking } from '../../drivers/dlms/ask-session.ts';
import type { DriverContext } from '../../src/collect/driver.ts';
import type { Clock } from '../../src/model/clock.ts';
import type { StateStore } from '../../src/model/state-store.ts';
import { openSerial } from '../../src/wire/serial.ts';
import type { Wire } from '../../src/wire/wire.ts';
import { openPtyPair } from './pty-pair.ts';

export type DlmsDevice = Parameters<AskSession['read']>[0];

const never = new AbortController().signal;

/** How a simulated meter is reached. */
export const WAYS = ['wrapper over tcp', 'wrapper over udp', 'hdlc over tcp', 'hdlc over a pty'] as const;
export type Way = (typeof WAYS)[number];

export function dlmsDevice(settings: object, points: readonly object[]): DlmsDevice {
  return {
    id: 'meter',
    settings: dlms.schemas.device.parse(settings),
    points: points.map((point, index) => ({
      number: index + 1,
      id: `meter/point-${index + 1}`,
      address: dlms.schemas.point.parse(point),
    })),
  } as unknown as DlmsDevice;
}

/** What the driver was told of by `observe`: event and detail. */
export type Oddities = (readonly [event: string, detail: string])[];

export type DlmsLine = AsyncDisposable & {
  readonly oddities: Oddities;
  /** What was sent and heard. */
  readonly frames: Buffer[];
  /** A session of the driver with the simulated meter, for these settings of ours. */
  open(device: DlmsDevice, state?: StateStore): Promise<AskSession>;
};

/** A simulated meter with these settings, at the end of whichever way. */
export async function simulatedDlms(way: Way, settings: object, clock: Clock): Promise<DlmsLine> {
  const stack = new AsyncDisposableStack();
  const { end, connection } = await endOf(way, clock, stack);
  const simulation = await dlms.simulate?.([{ device: dlmsDevice(settings, []), points: new Map() }], { end, clock });
  if (simulation === undefined) throw new Error('dlms has a simulator');
  stack.use(simulation);
  const oddities: Oddities = [];
  const frames: Buffer[] = [];
  return {
    oddities,
    frames,
    open: async (device, state) => {
      const keys = dlms.schemas.connection.parse({ ...connection, ...simulation.address });
      const session = await dlms.open(
        keys,
        [device],
        { ...contextOf(clock, oddities, state), tap: { listener: ({ bytes }) => frames.push(bytes) } },
        never,
      );
      if (!(session instanceof Asking)) throw new Error('it is asked');
      return stack.use(session);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function endOf(way: Way, clock: Clock, stack: AsyncDisposableStack) {
  if (way === 'hdlc over a pty') {
    const pair = stack.use(await openPtyPair());
    const line = { baud: 115_200, dataBits: 8, parity: 'none', stopBits: 1, timeout: 5_000 } as const;
    const wire: Wire = await openSerial({ ...line, path: pair.theirs }, clock, never);
    const connection = { transport: 'serial', path: pair.ours, baud: line.baud };
    return { end: { wire, framing: undefined }, connection };
  }
  const transport = { 'wrapper over tcp': 'tcp', 'wrapper over udp': 'udp', 'hdlc over tcp': 'hdlc' }[way];
  const framing = way === 'hdlc over tcp' ? { framing: 'hdlc' } : {};
  const connection = { transport: transport === 'hdlc' ? 'tcp' : transport, ...framing };
  return { end: { transport, host: '127.0.0.1', port: 0 }, connection };
}

function contextOf(clock: Clock, oddities: Oddities, state: StateStore | undefined): DriverContext {
  return {
    clock,
    connection: 'line',
    observe: (event, _, detail) => oddities.push([event, detail]),
    answered: () => undefined,
    tap: { listener: undefined },
    ...(state !== undefined && { state }),
  };
}
