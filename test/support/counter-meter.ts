import { once } from 'node:events';
import modbusSerial from 'modbus-serial';
import { freePort } from './free-port.ts';

/** A meter whose every register is part of a counter that rises with each read: no two answers are alike. */
export interface CounterMeter extends AsyncDisposable {
  readonly port: number;
  /** How often it was read. */
  readonly reads: number;
  /** Resolves once it was read so often. */
  untilRead(times: number): Promise<void>;
}

/** Serves input registers on loopback, by modbus-serial's own server; all 32-bit registers hold the count of reads. */
export async function startCounterMeter(): Promise<CounterMeter> {
  const port = await freePort();
  let reads = 0;
  const awaited: { readonly times: number; readonly resolve: () => void }[] = [];
  const server = new modbusSerial.ServerTCP(
    {
      getMultipleInputRegisters: (_address: number, length: number) => {
        reads += 1;
        for (const { times, resolve } of awaited) if (times === reads) resolve();
        return Array.from({ length }, (_, index) => (index % 2 === 0 ? reads >>> 16 : reads & 0xffff));
      },
    },
    { host: '127.0.0.1', port, unitID: 255 },
  );
  await once(server, 'initialized');
  return {
    port,
    get reads() {
      return reads;
    },
    untilRead: (times) =>
      times <= reads ? Promise.resolve() : new Promise((resolve) => awaited.push({ times, resolve })),
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** `count` points over the counter, as a device of the configuration lists them. */
export function counterPoints(count: number): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `counter-${index}`,
      { read: `input ${index * 2}`, type: 'uint32', kind: 'counter' },
    ]),
  );
}
