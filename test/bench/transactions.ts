import modbusSerial from 'modbus-serial';
import { modbus } from '../../drivers/modbus/driver.ts';
import { connectionSchema } from '../../drivers/modbus/connection-schema.ts';
import { systemClock } from '../../src/model/clock.ts';
import { startLibmodbusRtu } from '../support/libmodbus.ts';
import { modbusDevice } from '../support/modbus-session.ts';
import { openPtyPair } from '../support/pty-pair.ts';
import { start } from './processes.ts';

// Transactions a second, one after the other: ours beside bare modbus-serial over TCP, and over a pty against libmodbus.
// The two take turns in short slices, so that whatever else the machine does meets both. `node test/bench/transactions.ts`

const WARM_UP = 2_000;
const SLICE = 100;
const SLICES = 40;
const FASTEST = 4_000_000; // baud: the bytes of a transaction take 40 µs
const never = new AbortController().signal;
const context = {
  clock: systemClock,
  connection: 'bench',
  observe: () => undefined,
  answered: () => undefined,
  tap: { listener: undefined },
};

/** Something that makes transactions, and tells how many it has made. */
type Work = () => Promise<number>;

/** Reads of one register each. */
async function opened(stack: AsyncDisposableStack, settings: object, unit: number, requests = 1): Promise<Work> {
  const points = Array.from({ length: requests }, (_, index) => ({ read: `input ${index * 15}`, type: 'uint16' }));
  const device = modbusDevice(points, { unit, maxGap: 0 });
  const session = stack.use(await modbus.open(connectionSchema.parse(settings), [device], context, never));
  if (!('read' in session)) throw new Error('modbus is polled');
  return async () => (await session.read(device, device.points, never)).length;
}

/** The same by modbus-serial, the values thrown away. */
async function openedBare(stack: AsyncDisposableStack, port: number): Promise<Work> {
  const client = new modbusSerial.default();
  await client.connectTCP('127.0.0.1', { port });
  client.setTimeout(1_000);
  stack.defer(() => client.close(() => undefined));
  return async () => (await client.readInputRegisters(0, 1)).data.length;
}

async function perSecond(work: Work, milliseconds: number): Promise<number> {
  const began = performance.now();
  let transactions = 0;
  while (performance.now() - began < milliseconds) transactions += await work();
  return (transactions * 1_000) / (performance.now() - began);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Median rates of all, measured in turns. */
async function compare(works: readonly Work[]): Promise<readonly number[][]> {
  for (const work of works) await perSecond(work, WARM_UP);
  const rates = works.map((): number[] => []);
  for (let slice = 0; slice < SLICES; slice++) {
    for (const [index, work] of works.entries()) rates[index]?.push(await perSecond(work, SLICE));
  }
  return rates;
}

await using stack = new AsyncDisposableStack();
const farEnd = stack.use(start(process.execPath, ['test/bench/far-end.ts']));
const port = Number(await farEnd.line());
const network = { host: '127.0.0.1', port };
const [bare = [], tcp = [], wide = []] = await compare([
  await openedBare(stack, port),
  await opened(stack, network, 1),
  await opened(stack, { ...network, pipeline: 8 }, 1, 8),
]);
const line = stack.use(await openPtyPair());
stack.use(await startLibmodbusRtu(line.theirs, { unit: 17, baud: FASTEST }));
const serial = { transport: 'serial', path: line.ours, baud: FASTEST, parity: 'none' };

/** On the line one at a time: a port has one owner. */
async function onLine(settings: object): Promise<number> {
  await using owner = new AsyncDisposableStack();
  const [rates = []] = await compare([await opened(owner, { ...serial, ...settings }, 17)]);
  return Math.round(median(rates));
}

const standard = await onLine({});
const gapless = await onLine({ gap: '0ms' });
const share = median(tcp.map((rate, index) => rate / (bare[index] ?? NaN)));
process.stdout.write(`transactions a second, one register each, medians of ${SLICES} slices of ${SLICE} ms in turns:
  bare modbus-serial over TCP: ${Math.round(median(bare))}
  ours over TCP: ${Math.round(median(tcp))} (${share.toFixed(2)} × bare), eight outstanding: ${Math.round(median(wide))}
  ours over a pty at ${FASTEST} Bd, without a gap between frames: ${gapless}
  with the standard's gap of 1.75 ms, which alone allows ${Math.floor(1_000 / 1.75)}: ${standard}
`);
