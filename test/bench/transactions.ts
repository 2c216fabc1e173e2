import { modbus } from '../../drivers/modbus/driver.ts';
import { connectionSchema } from '../../drivers/modbus/connection-schema.ts';
import { systemClock } from '../../src/model/clock.ts';
import { startLibmodbusRtu } from '../support/libmodbus.ts';
import { modbusDevice } from '../support/modbus-session.ts';
import { openPtyPair } from '../support/pty-pair.ts';
import { start } from './processes.ts';
import { bareModbus } from './yardsticks.ts';

// Transactions a second, one after the other: ours beside bare modbus-serial over TCP, and over a pty against libmodbus.
// `node test/bench/transactions.ts`

const SPAN = 2_000;
const never = new AbortController().signal;
const context = {
  clock: systemClock,
  connection: 'bench',
  observe: () => undefined,
  answered: () => undefined,
  tap: { listener: undefined },
};

/** Reads of ten registers each. */
async function perSecond(settings: object, unit: number, requests = 1): Promise<number> {
  const points = Array.from({ length: requests }, (_, index) => ({ read: `input ${index * 15}`, type: 'uint16' }));
  const device = modbusDevice(points, { unit, maxGap: 0 });
  await using session = await modbus.open(connectionSchema.parse(settings), [device], context, never);
  if (!('read' in session)) throw new Error('modbus is polled');
  const began = performance.now();
  let transactions = 0;
  while (performance.now() - began < SPAN) transactions += (await session.read(device, device.points, never)).length;
  return (transactions * 1_000) / (performance.now() - began);
}

await using farEnd = start(process.execPath, ['test/bench/far-end.ts']);
const port = Number(await farEnd.line());
const bare = (await bareModbus(port, 1)).values;
const tcp = await perSecond({ host: '127.0.0.1', port }, 1);
const wide = await perSecond({ host: '127.0.0.1', port, pipeline: 8 }, 1, 8);
await using line = await openPtyPair();
await using _device = await startLibmodbusRtu(line.theirs, { unit: 17, baud: 4_000_000 });
const pty = await perSecond({ transport: 'serial', path: line.ours, baud: 4_000_000, parity: 'none' }, 17);
process.stdout.write(`transactions a second, one register each:
  bare modbus-serial over TCP: ${Math.round(bare)}
  ours over TCP: ${Math.round(tcp)} (${(tcp / bare).toFixed(2)} × bare), eight outstanding: ${Math.round(wide)}
  ours over a pty: ${Math.round(pty)}
`);
