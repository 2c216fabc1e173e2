import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/model/clock.ts';
import { badReading, type Reading, type Reason, type Value } from '../../src/model/reading.ts';
import { freePort } from './free-port.ts';
import { scriptedDriver } from './scripted-driver.ts';
import { startedGateway, type StartedGateway } from './started-gateway.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Held =
  | Value
  | { readonly bad: Reason }
  | { readonly value: Value; readonly sourceTime: number; readonly reason?: Reason };

/** The points of one boiler that is polled ten times a second, and what it holds. */
export const points = {
  temperature: { unit: 'Cel', min: -10, max: 120 },
  heat: { type: 'uint64', unit: 'kW.h' },
  flow: { type: 'float32', unit: 'furlong' },
  serial: { type: 'string' },
  running: { type: 'bool', labels: { true: 'on', false: 'off' } },
  mode: { type: 'uint16', labels: { 0: 'off', 1: 'eco', 2: 'comfort' }, write: {} },
  alarm: { type: 'int16', labels: { '-1': 'unknown', 40: 'low water' } },
  setpoint: { unit: 'Cel', write: { min: 5, max: 60, step: 0.5 } },
  broken: {},
  metered: {},
  secret: { class: 'bulk' },
} as const;

export type ServedGateway = StartedGateway & {
  readonly endpoint: string;
  /** What the boiler holds, by the names of its points. */
  readonly plant: Map<string, Held>;
  /** A folder for whoever needs one. */
  readonly folder: string;
  /** The folder of the server's certificates. */
  readonly pki: string;
};

/** A gateway that serves its boiler by OPC UA to `operator`, who may write, and `viewer`, whose passwords are their names. */
export async function servedGateway(security: object = {}): Promise<ServedGateway> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  await mkdir(join(path, 'secrets'));
  const user = async (name: string, write: boolean): Promise<object> => {
    const file = join(path, 'secrets', name);
    await writeFile(file, `${name}\n`, { mode: 0o600 });
    return { password: { file }, write };
  };
  const plant = new Map<string, Held>([
    ['temperature', 61.5],
    ['heat', 18_446_744_073_709_551_615n],
    ['flow', 0.5],
    ['serial', 'B-77 "north"'],
    ['running', true],
    ['mode', 1],
    ['alarm', 40],
    ['setpoint', 45],
    ['broken', { bad: 'refused' }],
    ['metered', { value: 7, sourceTime: 1_790_000_000_000 }],
    ['secret', 1],
  ]);
  const port = await freePort();
  const gateway = stack.use(
    await startedGateway(boiler(plant), {
      connections: { basement: { driver: 'scripted' } },
      devices: { boiler: { connection: 'basement', every: '100ms', points } },
      servers: {
        scada: {
          protocol: 'opcua',
          port,
          security,
          users: { operator: await user('operator', true), viewer: await user('viewer', false) },
          select: { class: ['normal'] },
        },
      },
    }),
  );
  await gateway.untilTold('server-up');
  const resources = stack.move();
  return {
    ...gateway,
    endpoint: `opc.tcp://127.0.0.1:${port}`,
    plant,
    folder: path,
    pki: join(gateway.folder, 'journal/opcua/server'),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function nameOf(id: string): string {
  return id.slice('boiler/'.length);
}

function readingOf(
  plant: ReadonlyMap<string, Held>,
  { number, id }: { readonly number: number; readonly id: string },
  now: number,
): Reading {
  const held = plant.get(nameOf(id));
  if (held === undefined) return badReading(number, 'no-answer', now);
  if (typeof held !== 'object') {
    return { point: number, sourceTime: null, receivedTime: now, quality: 'good', value: held };
  }
  if ('bad' in held) return badReading(number, held.bad, now);
  return { point: number, receivedTime: now, quality: 'good', ...held };
}

function boiler(plant: Map<string, Held>) {
  return scriptedDriver({
    read: async (_device, asked, { clock }) => asked.map((point) => readingOf(plant, point, clock.monotonic())),
    write: async (_device, writes) => {
      for (const { point, value } of writes) plant.set(nameOf(point.id), value);
      return writes.map(({ point }) => readingOf(plant, point, systemClock.monotonic()));
    },
  });
}
