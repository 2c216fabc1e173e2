import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { scaling } from '../../src/model/decimal.ts';
import type { Reading } from '../../src/model/reading.ts';
import { modbusDevice, openModbus } from '../support/modbus-session.ts';
import { describeWith, sharedFixture, testWith } from '../support/peers.ts';
import { peersFor, pymodbusWays, servePymodbus, startPymodbus } from '../support/pymodbus.ts';

type Image = {
  readonly table: string;
  readonly image: Readonly<Record<string, number>>;
  readonly points: readonly {
    readonly name: string;
    readonly address: number;
    readonly encoding: string;
    readonly divisor: number;
    readonly expected: string | null;
  }[];
};

const TYPES: Readonly<Record<string, object>> = {
  'int32-lswfirst': { type: 'int32', order: 'CDAB' },
  int16: { type: 'int16' },
  float32: { type: 'float32' },
};

const PEERS = ['pymodbus', 'fixtures'] as const;
const METERS = ['carlo_gavazzi_em24', 'eastron_sdm630'] as const;

describeWith(PEERS, 'the images of real meters, served by pymodbus', () => {
  for (const [meter, way] of METERS.flatMap((name) => pymodbusWays.map((each) => [name, each] as const))) {
    testWith(
      peersFor(way),
      `every value of ${meter} is exact over ${way}, and what it does not have is refused`,
      async () => {
        const file = sharedFixture(`modbus/images/${meter}.json`);
        const { table, image, points } = JSON.parse(readFileSync(file, 'utf8')) as Image;
        // Registers that the image leaves out: in a hole, half in one, and beyond its end.
        const missing = [20, 11, 5_000].filter((address) => !(address in image && address + 1 in image));
        const device = modbusDevice([
          ...points.map(({ address, encoding }) => ({ read: `${table} ${address}`, ...TYPES[encoding] })),
          ...missing.map((address) => ({ read: `${table} ${address}`, type: 'int32' })),
        ]);
        await using server = await servePymodbus(way, file);
        await using modbus = await openModbus({}, [device], { settings: server.settings });
        // The first round learns where the holes are, the second one knows.
        for (const round of ['learning', 'knowing']) {
          const readings = new Map((await modbus.read(device)).map((reading) => [reading.point, reading]));
          expect(readings.size, round).toBe(device.points.length);
          const values = points.map(({ divisor }, index) => scaled(readings.get(index + 1), divisor));
          expect(values, round).toEqual(
            points.map(({ expected }) => (expected === null ? 'refused' : Number(expected))),
          );
          const absent = missing.map((_, index) => readings.get(points.length + 1 + index));
          expect(absent, round).toEqual(
            missing.map(() => expect.objectContaining({ quality: 'bad', reason: 'refused' })),
          );
        }
      },
    );
  }

  testWith(PEERS, 'two meters behind one address are told apart by their units', async () => {
    await using server = await startPymodbus(
      `${sharedFixture('modbus/images/eastron_sdm630.json')}@3`,
      `${sharedFixture('modbus/images/carlo_gavazzi_em24.json')}@4`,
    );
    const eastron = modbusDevice([{ read: 'input 0', type: 'float32' }], { unit: 3 }, 'eastron');
    const gavazzi = modbusDevice([{ read: 'input 0', type: 'int32', order: 'CDAB' }], { unit: 4 }, 'gavazzi');
    await using modbus = await openModbus(server, [eastron, gavazzi]);
    expect(await modbus.read(eastron)).toMatchObject([{ quality: 'good', value: Math.fround(230.1) }]);
    expect(await modbus.read(gavazzi)).toMatchObject([{ quality: 'good', value: 2_301 }]);
  });
});

function scaled(reading: Reading | undefined, divisor: number): number | bigint | string | undefined {
  if (typeof reading?.value !== 'number') return reading?.reason;
  return scaling(1 / divisor, 0)(reading.value);
}
