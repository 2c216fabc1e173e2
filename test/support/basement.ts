import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCommissionedMeter, type CommissionedMeter } from './commissioned-meter.ts';
import { freePort } from './free-port.ts';
import { askWeir } from './kept-weir.ts';
import type { Ended } from './run-weir.ts';
import { temporaryFolder } from './temporary-folder.ts';

const profile = {
  driver: 'modbus',
  vendor: 'ACME',
  model: 'X1',
  description: 'a meter',
  document: { title: 'Manual', revision: '1' },
  verified: 'document',
  fingerprint: [{ read: 'holding 104', type: 'uint16', equals: 2301 }],
  points: { voltage: { read: 'holding 100', type: 'float32', unit: 'V', quantity: 'voltage-l1' } },
};

const points = {
  voltage: profile.points.voltage,
  setpoint: { read: 'holding 120', type: 'int16', scale: 0.1, unit: 'Cel', write: { min: 5, max: 60 } },
  limited: { read: 'holding 121', type: 'int16', write: { max: 1000 } },
  on: { read: 'coil 3', write: {} },
};

export interface Basement extends AsyncDisposable {
  readonly meter: CommissionedMeter;
  /** With the configuration, in which the meter is `boiler` at `basement/7`, and a profile of its model. */
  readonly folder: string;
  /** Without any. */
  readonly emptyFolder: string;
  /** Runs `weir` in the folder with the configuration. */
  weir(...words: readonly string[]): Promise<Ended>;
  /** Runs it in the empty one, the meter named by options. */
  bare(...words: readonly string[]): Promise<Ended>;
}

/** A meter in a basement, and a technician's two laptops: one knows the site, one is empty. No daemon runs on either. */
export async function enterBasement(): Promise<Basement> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder()).path;
  const emptyFolder = stack.use(await temporaryFolder()).path;
  const meter = stack.use(await startCommissionedMeter());
  const line = { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: meter.port };
  const configuration = {
    gateway: { id: 'test' },
    journal: { path: './journal' },
    connections: {
      basement: { ...line, timeout: '500ms', retries: 0 },
      nobody: { ...line, port: await freePort() },
    },
    devices: { boiler: { connection: 'basement', unit: 7, every: '10s', points } },
  };
  await writeFile(join(folder, 'weir.yaml'), JSON.stringify(configuration));
  await mkdir(join(folder, 'profiles/acme'), { recursive: true });
  await writeFile(join(folder, 'profiles/acme/x1.yaml'), JSON.stringify(profile));
  const named = ['--host', '127.0.0.1', '--port', String(meter.port), '--timeout', '500ms', '--with', 'retries=0'];
  return {
    meter,
    folder,
    emptyFolder,
    weir: (...words) => askWeir(words, { cwd: folder }),
    bare: (...words) => askWeir([...words, ...named], { cwd: emptyFolder }),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
