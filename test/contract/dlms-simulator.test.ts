import { describe, expect, test } from 'vitest';
import { KeptCounters } from '../../drivers/meter/kept-counters.ts';
import { playedValue } from '../../drivers/meter/played-values.ts';
import type { Reading } from '../../src/model/reading.ts';
import { dlmsDevice, simulatedDlms, WAYS, type DlmsDevice, type Way } from '../support/dlms-session.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { memoryState } from '../support/memory-state.ts';
import { testWith } from '../support/peers.ts';
import { untilWritten } from '../support/timing-out.ts';

const never = new AbortController().signal;

process.env['WEIR_TEST_DLMS_PASSWORD'] = '12345678';
process.env['WEIR_TEST_DLMS_WRONG'] = '87654321';
process.env['WEIR_TEST_DLMS_ENCRYPTION'] = '000102030405060708090a0b0c0d0e0f';
process.env['WEIR_TEST_DLMS_AUTHENTICATION'] = 'D0D1D2D3 D4D5D6D7 D8D9DADB DCDDDEDF';
process.env['WEIR_TEST_DLMS_OTHER'] = '00000000000000000000000000000000';

const password = { env: 'WEIR_TEST_DLMS_PASSWORD' };
const keys = {
  encryption: { env: 'WEIR_TEST_DLMS_ENCRYPTION' },
  authentication: { env: 'WEIR_TEST_DLMS_AUTHENTICATION' },
};
const systemTitle = '5749520000000099';
const wrong = { env: 'WEIR_TEST_DLMS_WRONG' };
const other = { env: 'WEIR_TEST_DLMS_OTHER' };

const ASSOCIATIONS = {
  none: { client: 16 },
  lls: { client: 32, association: 'lls', password },
  'hls5-gmac': { client: 1, association: 'hls5-gmac', keys, systemTitle },
  'hls5-gmac, dedicated key': { client: 1, association: 'hls5-gmac', keys, systemTitle, dedicatedKey: true },
  'hls5-gmac, dedicated key, general blocks': {
    ...{ client: 1, association: 'hls5-gmac', keys, systemTitle },
    ...{ dedicatedKey: true, generalBlocks: true },
  },
  'lls, encrypted': { client: 32, association: 'lls', password, keys, systemTitle },
} as const;

const POINTS = [
  { obis: '1-0:1.8.0', unit: 'kW.h' },
  { obis: '1-0:32.7.0' },
  { obis: '0-0:96.1.0' },
  { obis: '1-0:2.8.0', unit: 'W.h' },
];

const valuesOf = (readings: readonly Reading[]) => readings.map(({ value, reason }) => reason ?? value);

/** What the simulated meter has at an instant, in the units of `POINTS`. */
function expectedAt(wall: number): readonly unknown[] {
  const raw = (code: string, unit: string, exponent: number): number =>
    Number(playedValue('meter', code, unit, exponent).raw(wall / 1_000));
  return [
    Number(`${raw('1-0:1.8.0', 'W.h', 0)}e-3`),
    Number(`${raw('1-0:32.7.0', 'V', -1)}e-1`),
    '00000001',
    raw('1-0:2.8.0', 'W.h', 0),
  ];
}

const cases = WAYS.flatMap((way) => Object.entries(ASSOCIATIONS).map(([name, settings]) => ({ way, name, settings })));

const reached = (way: Way, settings: object): object =>
  way.startsWith('hdlc') ? { physical: 17, ...settings } : settings;

describe('a simulated meter', () => {
  for (const { way, name, settings } of cases) {
    testWith(way.endsWith('pty') ? 'socat' : [], `is read by the ${way}, association ${name}`, async () => {
      const clock = new FakeClock();
      const own = reached(way, settings);
      await using line = await simulatedDlms(way, own, clock);
      const device = dlmsDevice(own, POINTS);
      const session = await line.open(device, memoryState());
      for (let round = 0; round < 3; round++) {
        expect(valuesOf(await session.read(device, device.points, never))).toEqual(expectedAt(clock.wall()));
        await untilWritten();
        await clock.advance(10_000);
      }
      expect(line.oddities).toEqual([]);
    });
  }

  test.each([
    ['lls', { ...ASSOCIATIONS.lls, password: wrong }, 'the password is wrong'],
    ['lls', { client: 16 }, 'it wants us to prove who we are'],
    ['none', ASSOCIATIONS.lls, 'it does not know this way of proving who we are'],
  ] as const)('with association %s says what is wrong with our credentials', async (name, ours, why) => {
    const clock = new FakeClock();
    await using line = await simulatedDlms('wrapper over tcp', ASSOCIATIONS[name], clock);
    const device = dlmsDevice(ours, POINTS);
    const session = await line.open(device);
    const refused = { code: 'access-refused', message: expect.stringContaining(why) };
    await expect(session.read(device, device.points, never)).rejects.toMatchObject(refused);
    expect(line.oddities).toEqual([['exception', expect.stringContaining(why)]]);
    await expect(session.identify(device, never)).rejects.toMatchObject(refused);
  });

  test('that refused a password is asked again at once by the driver, which keeps no time', async () => {
    await using line = await simulatedDlms('hdlc over tcp', ASSOCIATIONS.lls, new FakeClock());
    const device = dlmsDevice({ ...ASSOCIATIONS.lls, password: wrong }, POINTS);
    const session = await line.open(device);
    for (let round = 0; round < 2; round++) {
      await expect(session.read(device, device.points, never)).rejects.toMatchObject({ code: 'access-refused' });
    }
    expect(line.oddities.length).toBe(2);
  });

  test.each([
    ['encryption', { encryption: other, authentication: keys.authentication }],
    ['authentication', { encryption: keys.encryption, authentication: other }],
  ])('gives nothing to who has another %s key', async (_, others) => {
    const clock = new FakeClock();
    await using line = await simulatedDlms('hdlc over tcp', ASSOCIATIONS['hls5-gmac'], clock);
    const device = dlmsDevice({ ...ASSOCIATIONS['hls5-gmac'], keys: others }, POINTS);
    const session = await line.open(device, memoryState());
    const reading = session.read(device, device.points, never);
    await clock.advance(60_000);
    const reasons = await passingTime(reading, clock);
    expect(reasons.every(({ quality }) => quality === 'bad')).toBe(true);
  });

  test('never meets an invocation counter twice, also where the gateway was restarted', async () => {
    const clock = new FakeClock();
    await using line = await simulatedDlms('wrapper over tcp', ASSOCIATIONS['hls5-gmac'], clock);
    const device = dlmsDevice(ASSOCIATIONS['hls5-gmac'], POINTS);
    const state = memoryState();
    for (let start = 0; start < 3; start++) {
      // The meter refuses what it met before: a counter that begins anew would be found out here.
      const session = await line.open(device, state);
      expect(valuesOf(await session.read(device, device.points, never))).toEqual(expectedAt(clock.wall()));
      await session[Symbol.asyncDispose]();
    }
  });

  test('shares the numbers of a key among all who use it, and gives none away that is not kept', async () => {
    const used = Buffer.alloc(16, 7);
    const state = memoryState();
    const [one, another] = ['one', 'other'].map(
      (device) => new KeptCounters(state, { protocol: 'dlms', device, title: 'ours' }, used, () => 0),
    );
    const numbers = await Promise.all([one?.next(), another?.next(), one?.next(), another?.next()]);
    expect(new Set(numbers).size).toBe(4);
    await expect(
      new KeptCounters(undefined, { protocol: 'dlms', device: 'one' }, used, () => 0).next(),
    ).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('ask through it'),
    });
  });

  test('says who it is, and describes its points', async () => {
    const clock = new FakeClock();
    await using line = await simulatedDlms('hdlc over tcp', {}, clock);
    const device = dlmsDevice({}, []);
    const session = await line.open(device);
    const { facts } = await session.identify(device, never);
    expect(facts).toEqual(
      [
        { name: 'logical device', value: 'WIR0000000000001'.padEnd(16) },
        { name: 'serial number', value: '00000001' },
        { name: 'firmware', value: '1.0.0' },
      ].map(({ name, value }) => ({ name, value: value.trim() })),
    );
    const points = await session.discover(device, never);
    expect(points.find(({ name }) => name === 'voltage-l1')).toMatchObject({ unit: 'V', obis: '1-0:32.7.0' });
    expect(points.find(({ name }) => name === 'active-energy-import')).toMatchObject({ unit: 'kW.h', kind: 'counter' });
    const described = points.map(({ address }, index) => ({ number: index + 1, id: `meter/${index}`, address }));
    const readings = await session.read(device, described as DlmsDevice['points'], never);
    expect(readings.filter(({ quality }) => quality !== 'good')).toEqual([]);
  });

  for (const way of ['hdlc over tcp', 'wrapper over tcp', 'wrapper over udp'] as const) {
    test(`gives its load profile in general blocks by the ${way}, protected by a key of the association`, async () => {
      const clock = new FakeClock();
      const settings = ASSOCIATIONS['hls5-gmac, dedicated key, general blocks'];
      await using line = await simulatedDlms(way, settings, clock);
      const device = dlmsDevice({ frameBytes: 1_024, ...settings }, POINTS);
      const session = await line.open(device, memoryState());
      const to = clock.wall();
      const captured: Reading[] = [];
      for await (const portion of session.history(device, device.points, { from: to - 400 * 900_000, to }, never)) {
        captured.push(...portion);
      }
      expect(captured.length).toBeGreaterThanOrEqual(2 * 399);
      const wrong = captured.filter(
        ({ point, value, sourceTime }) => value !== expectedAt(sourceTime ?? 0)[point === 1 ? 0 : 3],
      );
      expect(wrong).toEqual([]);
      if (!way.startsWith('wrapper')) return;
      const [header, dedicatedGet, generalBlock] = [8, 0xd0, 0xe0];
      const tags = new Set(line.frames.map((frame) => frame[header]));
      expect([tags.has(dedicatedGet), tags.has(generalBlock)]).toEqual([true, true]);
    });
  }

  for (const way of ['hdlc over a pty', 'wrapper over tcp'] as const) {
    testWith(
      way.endsWith('pty') ? 'socat' : [],
      `gives back 10 000 rows of its load profile by the ${way}`,
      async () => {
        const clock = new FakeClock();
        await using line = await simulatedDlms(way, {}, clock);
        const device = dlmsDevice({ frameBytes: 1_024 }, POINTS);
        const session = await line.open(device);
        const to = clock.wall();
        const from = to - 10_000 * 900_000;
        const captured: Reading[] = [];
        let portions = 0;
        for await (const portion of session.history(device, device.points, { from, to }, never)) {
          captured.push(...portion);
          portions += 1;
        }
        const imports = captured.filter(({ point }) => point === 1);
        const first = Math.floor(from / 900_000) + 1;
        const gaps = imports.filter(({ sourceTime }, index) => sourceTime !== (first + index) * 900_000);
        expect(gaps).toEqual([]);
        expect(imports.length).toBeGreaterThanOrEqual(9_999);
        expect(captured.length).toBe(imports.length * 2);
        expect(portions).toBeGreaterThanOrEqual(20);
        const shown = imports.map(({ value, quality, reason }) => [value, quality, reason].join());
        const wanted = imports.map(({ sourceTime }) => [expectedAt(sourceTime ?? 0)[0], 'good', 'historical'].join());
        expect(shown.join('\n')).toBe(wanted.join('\n'));
      },
      60_000,
    );
  }
});

/** Lets time pass until `work` is over. */
async function passingTime<T>(work: Promise<T>, clock: FakeClock): Promise<T> {
  const state = { isOver: false };
  const over = (): void => void (state.isOver = true);
  work.then(over, over);
  while (!state.isOver) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(1_000);
  }
  return work;
}
