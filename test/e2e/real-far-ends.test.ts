import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { startCentre } from '../support/centre-process.ts';
import { Daemon } from '../support/daemon.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { describeWith, peerPath, sharedFixture, testWith } from '../support/peers.ts';
import { startPymodbus } from '../support/pymodbus.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PEERS = ['pymodbus', 'mosquitto', 'mosquitto_sub', 'fixtures'] as const;

type Image = {
  readonly table: string;
  readonly image: Readonly<Record<string, number>>;
  readonly points: readonly { readonly address: number; readonly expected: string | null }[];
};
type Sent = { readonly point: string; readonly value: unknown; readonly quality: string; readonly reason?: string };
type ProfilePoints = Readonly<Record<string, { readonly read: string }>>;

/** What a meter with this image must be heard to say: by point name, or undefined where it has no such register. */
function expectations(profile: string, { table, points }: Image): ReadonlyMap<string, number | null> {
  const file = new URL(`../../config/profiles/${profile}.yaml`, import.meta.url);
  const { points: known } = parse(readFileSync(file, 'utf8')) as { points: ProfilePoints };
  const expected = new Map(points.map((point) => [`${table} ${point.address}`, point.expected]));
  return new Map(
    Object.entries(known).map(([name, { read }]) => {
      const value = expected.get(read) ?? null;
      return [name, value === null ? null : Number(value)];
    }),
  );
}

/** The first readings of every point of `device`, as mosquitto_sub prints them. */
async function heardBySubscriber(port: number, device: string, points: number): Promise<ReadonlyMap<string, Sent>> {
  const subscriber = spawn(peerPath('mosquitto_sub'), ['-p', String(port), '-q', '1', '-t', 'weir/1/test/live']);
  const heard = new Map<string, Sent>();
  try {
    for await (const line of createInterface({ input: subscriber.stdout })) {
      const { readings } = JSON.parse(line) as { readings: readonly Sent[] };
      for (const reading of readings.filter(({ point }) => point.startsWith(`${device}/`)))
        heard.set(reading.point, reading);
      if (heard.size >= points) break;
    }
  } finally {
    subscriber.kill();
  }
  return heard;
}

function asExpected(readings: ReadonlyMap<string, Sent>, device: string): ReadonlyMap<string, unknown> {
  return new Map(
    [...readings].map(([id, { value, quality, reason }]) => [
      id.slice(device.length + 1),
      quality === 'good' ? value : quality === 'bad' && reason === 'refused' ? null : `${quality} ${reason}`,
    ]),
  );
}

describeWith(PEERS, 'from a meter that pymodbus plays to mosquitto_sub and weir centre', () => {
  for (const [profile, image, device] of [
    ['eastron/sdm630', 'eastron_sdm630', 'main-meter'],
    ['carlo-gavazzi/em24', 'carlo_gavazzi_em24', 'sub-meter'],
  ] as const) {
    testWith(
      PEERS,
      `every value of ${profile} arrives exactly, and what the meter does not have is bad`,
      async () => {
        const file = sharedFixture(`modbus/images/${image}.json`);
        const map = JSON.parse(readFileSync(file, 'utf8')) as Image;
        const expected = expectations(profile, map);
        expect([...expected.values()].filter((value) => value !== null)).toHaveLength(map.points.length);
        await using folder = await temporaryFolder();
        await using broker = await startMosquitto();
        await using meter = await startPymodbus(file);
        await using daemon = new Daemon(folder.path);
        const subscribed = heardBySubscriber(broker.port, device, expected.size);
        const output = join(folder.path, 'received.ndjson');
        const centre = await startCentre(['--url', broker.url, '--output', output]);
        await daemon.start({
          connections: {
            bus: { driver: 'modbus', transport: 'tcp', host: '127.0.0.1', port: meter.port, timeout: '10s' },
          },
          devices: { [device]: { connection: 'bus', profile, every: '1s' } },
          destinations: { centre: { url: broker.url } },
        });

        expect(asExpected(await subscribed, device)).toEqual(expected);
        const kept = async (): Promise<ReadonlyMap<string, Sent>> => {
          const whole = (await readFile(output, 'utf8')).split('\n').slice(0, -1);
          return new Map(whole.map((line) => JSON.parse(line) as Sent).map((reading) => [reading.point, reading]));
        };
        await expect.poll(async () => (await kept()).size).toBe(expected.size);
        expect(await centre.kill('SIGINT')).toMatchObject({ exit: 0 }); // nothing is missing
        expect(asExpected(await kept(), device)).toEqual(expected);
      },
      120_000,
    );
  }
});
