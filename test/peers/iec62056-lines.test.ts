import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { iec62056 } from '../../drivers/iec62056/driver.ts';
import type { DriverDevice, Session } from '../../src/collect/driver.ts';
import { systemClock } from '../../src/model/clock.ts';
import { plugInMeter, type OpticalMeter } from '../support/optical-meter.ts';
import { describeWith } from '../support/peers.ts';
import type { ReadoutMeter } from '../support/played-readout.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NEVER = new AbortController().signal;

const METER: ReadoutMeter = {
  identification: 'WIR5TEST-METER',
  lines: ['F.F(00000000)', 'C.1.0(00004711)', '1.8.0(001234.567*kWh)', '1.8.0*01(001200.000*kWh)'],
  address: '00004711',
};

const POINTS = [{ obis: '1-0:1.8.0', unit: 'kW.h' }, { obis: '1-0:1.8.0*1', unit: 'kW.h' }, { obis: '0-0:96.1.0' }];
const VALUES = [1_234.567, 1_200, '00004711'];

function deviceOf(points: readonly object[], settings: object = {}): DriverDevice<unknown, unknown> {
  return {
    id: 'meter',
    settings: iec62056.schemas.device.parse({ timezone: 'Europe/Berlin', ...settings }),
    points: points.map((point, index) => ({
      number: index + 1,
      id: `meter/${index + 1}`,
      address: iec62056.schemas.point.parse(point),
    })),
  };
}

async function open({ path }: OpticalMeter, settings: object = {}): Promise<Session> {
  const connection = iec62056.schemas.connection.parse({ path, answerTimeout: '5s', ...settings });
  const context = {
    clock: systemClock,
    connection: 'head',
    observe: () => undefined,
    answered: () => undefined,
    tap: { listener: undefined },
  };
  const session = await iec62056.open(connection, [], context, NEVER);
  if ('read' in session) return session;
  throw new TypeError('it listens');
}

async function read(session: Session, device = deviceOf(POINTS)): Promise<readonly unknown[]> {
  const readings = await session.read(device, device.points, NEVER);
  return readings.map(({ value, reason }) => value ?? reason);
}

describeWith('socat', 'an optical head', () => {
  test('begins at 300 Bd, changes to the speed that the meter offers, and begins at 300 Bd again', async () => {
    await using meter = await plugInMeter(METER);
    await using session = await open(meter);
    expect(await read(session)).toEqual(VALUES);
    expect(await read(session)).toEqual(VALUES);
    expect(meter.speeds).toEqual([300, 9_600, 300, 9_600]);
  });

  test('goes no faster than it may', async () => {
    await using meter = await plugInMeter(METER);
    await using session = await open(meter, { maxBaud: 2_400 });
    expect(await read(session)).toEqual(VALUES);
    expect(meter.speeds).toEqual([300, 2_400]);
  });

  test('asks again a meter that is silent at first', async () => {
    await using meter = await plugInMeter(METER, { deaf: 1 });
    await using session = await open(meter);
    expect(await read(session)).toEqual(VALUES);
    expect(meter.asked()).toBe(2);
  });

  test('asks again a meter that garbles its first readout, and believes none of that', async () => {
    await using meter = await plugInMeter(METER, { garbles: 1 });
    await using session = await open(meter);
    expect(await read(session)).toEqual(VALUES);
    expect(meter.asked()).toBe(2);
    await using garbler = await plugInMeter(METER, { garbles: 1 });
    await using impatient = await open(garbler, { retries: 0 });
    expect(await read(impatient)).toEqual(VALUES.map(() => 'malformed-answer'));
  });

  test('hears past its own echo', async () => {
    await using meter = await plugInMeter({ ...METER, registers: { '1.8.0': '(001234.567*kWh)' } }, { echoes: true });
    await using session = await open(meter);
    expect(await read(session)).toEqual(VALUES);
    expect(await read(session, deviceOf(POINTS.slice(0, 1), { registers: true }))).toEqual(VALUES.slice(0, 1));
  });

  test('sees to the parity itself on a line of eight bits', async () => {
    await using meter = await plugInMeter(METER, { parity: true });
    await using session = await open(meter, { softwareParity: true });
    expect(await read(session)).toEqual(VALUES);
  });

  test('wakes a meter that sleeps, and speaks to the one with that address alone', async () => {
    await using meter = await plugInMeter(METER);
    {
      await using hasty = await open(meter, { retries: 0, answerTimeout: '500ms' });
      expect(await read(hasty, deviceOf(POINTS, { address: '00000001' }))).toEqual(VALUES.map(() => 'no-answer'));
    }
    await using session = await open(meter);
    expect(await read(session, deviceOf(POINTS, { address: '00004711', wakeup: 3 }))).toEqual(VALUES);
  });

  test('says what it holds, and who it is', async () => {
    await using meter = await plugInMeter(METER);
    await using session = await open(meter);
    const device = deviceOf([]);
    expect((await session.discover?.(device, NEVER))?.map(({ name }) => name)).toEqual([
      'error-code',
      'serial-number',
      'active-energy-import',
      'active-energy-import-stored-1',
    ]);
    expect(await session.identify?.(device, NEVER)).toMatchObject({
      facts: expect.arrayContaining([{ name: 'manufacturer', value: 'WIR' }]),
    });
  });

  test('is found by whoever hears us, and by its address', async () => {
    await using meter = await plugInMeter(METER);
    const found = async (answerTimeout: string, addresses?: readonly number[]): Promise<readonly unknown[]> => {
      await using session = await open(meter, { answerTimeout });
      const range = addresses === undefined ? {} : { addresses };
      const steps = await Array.fromAsync(session.scan?.(range, NEVER) ?? []);
      return steps.map((step) => [step.address, step.found?.device, step.found?.answer]);
    };
    const answer = 'WIR5TEST-METER: mode C, up to 9600 Bd';
    expect(await found('10s')).toEqual([['whoever hears us', {}, answer]]);
    expect(await found('500ms', [1, 2])).toEqual([1, 2].map((address) => [`address ${address}`, undefined, undefined]));
  });

  test('reads single registers with a password, and says when it is wrong', async () => {
    await using folder = await temporaryFolder();
    const [right, wrong] = [join(folder.path, 'right'), join(folder.path, 'wrong')];
    await writeFile(right, '00000001\n', { mode: 0o600 });
    await writeFile(wrong, '99999999\n', { mode: 0o600 });
    const registers = { '1.8.0': '1.8.0(001234.567*kWh)', '2.8.0': '(000001.000*kWh)' };
    await using meter = await plugInMeter({ ...METER, password: '00000001', registers });
    await using session = await open(meter);
    const points = [{ obis: '1-0:1.8.0', unit: 'W.h' }, { obis: '1-0:3.8.0' }, { obis: '1-0:2.8.0', unit: 'kW.h' }];
    const settings = { registers: true, password: { file: right } };
    expect(await read(session, deviceOf(points, settings))).toEqual([1_234_567, 'refused', 1]);
    expect(meter.speeds.slice(0, 2)).toEqual([300, 9_600]);
    expect(await read(session, deviceOf(points, { ...settings, password: { file: wrong } }))).toEqual([
      'refused',
      'refused',
      'refused',
    ]);
  });

  test('tells it in partial blocks too, and what the status of a row takes from its values', async () => {
    const rows = [0x00, 0x80, 0x20, 0x04, 0x01].map((status, index) => {
      const head = `P.01(1220710${String(index + 1).padStart(2, '0')}00)(${status.toString(16).padStart(2, '0')})`;
      return `${head}(60)(1)(1.5.0)(kW)\r\n(0.${index + 1}00)\r\n`;
    });
    await using meter = await plugInMeter({ ...METER, registers: { 'P.01': rows.join('') } });
    await using session = await open(meter);
    const device = deviceOf([{ obis: '1-0:1.5.0', unit: 'W' }], { partialBlocks: true });
    const from = Date.UTC(2022, 6, 9, 22);
    const span = { from, to: from + 6 * 3_600_000 };
    const readings = (await Array.fromAsync(session.history?.(device, device.points, span, NEVER) ?? [])).flat();
    expect(readings.map(({ value, quality, reason }) => [value, quality, reason])).toEqual([
      [100, 'good', 'historical'],
      [200, 'uncertain', 'device-failure'],
      [300, 'uncertain', 'time'],
      [400, 'uncertain', 'device-failure'],
      [null, 'bad', 'device-failure'],
    ]);
  });

  test('tells what the meter has kept in its load profile', async () => {
    const profile = [
      'P.01(1220710001500)(00)(15)(2)(1.5.0)(kW)(2.5.0)(kW)',
      '(0.100)(0.000)',
      '(0.200)(0.001)',
      'P.01(1220710010000)(08)(15)(2)(1.5.0)(kW)(2.5.0)(kW)',
      '(0.400)(0.000)',
      '',
    ];
    await using meter = await plugInMeter({ ...METER, registers: { 'P.01': profile.join('\r\n') } });
    await using session = await open(meter);
    const device = deviceOf([{ obis: '1-0:1.5.0', unit: 'W' }, { obis: '1-0:9.9.9' }]);
    const from = Date.UTC(2022, 6, 9, 22);
    const portions: unknown[] = [];
    for await (const readings of session.history?.(device, device.points, { from, to: from + 3_600_001 }, NEVER) ??
      []) {
      portions.push(
        readings.map(({ point, value, sourceTime, reason }) => [point, value, (sourceTime ?? 0) - from, reason]),
      );
    }
    const quarter = 900_000;
    expect(portions).toEqual([
      [
        [1, 100, quarter, 'historical'],
        [1, 200, 2 * quarter, 'historical'],
        [1, 400, 4 * quarter, 'historical'],
      ],
    ]);
    await using bare = await plugInMeter(METER);
    await using other = await open(bare);
    const asked = other.history?.(device, device.points, { from, to: from + 1 }, NEVER)[Symbol.asyncIterator]();
    await expect(asked?.next()).rejects.toMatchObject({ code: 'device-refused' });
  });
});
