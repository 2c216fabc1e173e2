import { describe, expect, test } from 'vitest';
import { mbusMeter, told, type MbusDevice } from '../../support/mbus-session.ts';
import { meterLine, station, WHO } from '../../support/meter-line.ts';
import { honestly, telegram } from '../../support/played-mbus.ts';
import { passing } from '../../support/timing-out.ts';

const NEVER = new AbortController().signal;

describe('units', () => {
  const records = '0c06 12345678 0c0f 12345678 0c13 67452301';

  test('that are wanted are converted exactly, and what no decimal says is bad', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, records)]));
    const meter = mbusMeter({ address: 5 }, [
      'energy',
      { record: 'energy', unit: 'W.h' },
      { record: 'energy', unit: 'MW.h' },
      { record: 'energy #2', unit: 'MJ' },
      { record: 'energy #2', unit: 'kW.h' },
      { record: 'volume', unit: 'l' },
      { record: 'volume', unit: 'kW.h' },
    ]);
    const readings = told(await bus.read(meter));
    expect(readings).toEqual([
      78_563_412,
      78_563_412_000,
      78_563.412,
      785_634_120,
      'type-mismatch',
      1_234_567,
      'type-mismatch',
    ]);
  });
});

describe('what a meter sends without being asked for it by name', () => {
  const heat = [
    '0c78 12345678', // fabrication number
    '0c06 12345678 0c13 67452301 3b2d 990000 0b3b 341200 0a5a 2502 0a5e 2501 0b61 000100',
    '04 6d 0f29b62b', // 2021-11-22 09:15
    '42 6c bf2c 4c06 00345678', // stored 2021-12-31
    '8c10 06 11111111',
    '01 fd17 00',
    '02 fd66 0100',
    '0f 0102',
  ].join('');

  test('becomes points, named by the vocabulary as far as it has words', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, heat, { status: 4 })]));
    const points = (await bus.session.discover?.(mbusMeter({ address: 5, zone: 'UTC' }), NEVER)) ?? [];
    const shown = points.map(({ name, unit, quantity, kind, obis, every }) =>
      [name, unit ?? '-', quantity ?? '-', kind, obis ?? '-', every ?? '-'].join(' '),
    );
    expect(shown).toEqual([
      'serial-number - serial-number text 0-0:96.1.0 3600000',
      'heat-energy kW.h heat-energy counter 6-0:1.0.0 -',
      'heat-volume m3 heat-volume counter 6-0:2.0.0 -',
      'heat-power-error W - gauge - -',
      'heat-flow m3/h heat-flow gauge 6-0:9.0.0 -',
      'flow-temperature Cel flow-temperature gauge 6-0:10.0.0 -',
      'return-temperature Cel return-temperature gauge 6-0:11.0.0 -',
      'temperature-difference K temperature-difference gauge 6-0:12.0.0 -',
      'meter-time - meter-time text 0-0:1.0.0 -',
      'date-storage-1 - - text - 3600000',
      'heat-energy-storage-1 kW.h - gauge - 3600000',
      'heat-energy-tariff-1 kW.h - counter - -',
      'error-code - error-code state - -',
      'parameter-activation - - state - -',
      'meter-status - meter-status state 0-0:96.5.0 -',
      'clock-deviation s clock-deviation gauge - -',
      'manufacturer-data - - text - 3600000',
    ]);
    const device: MbusDevice = {
      ...mbusMeter({ address: 5, zone: 'UTC' }),
      points: points.map(({ name, address }, index) => ({ number: index + 1, id: `meter/${name}`, address })),
    };
    const readings = await bus.read(device);
    expect(readings.every(({ quality }) => quality === 'good')).toBe(true);
    const at = Date.UTC(2021, 10, 22, 9, 15);
    expect(readings[1]).toMatchObject({ value: 78_563_412, sourceTime: at });
    expect(readings[3]).toMatchObject({ sourceTime: null });
    expect(readings[8]).toMatchObject({ value: '2021-11-22T09:15:00.000Z', sourceTime: at });
    expect(readings[10]).toMatchObject({ value: 78_563_400, sourceTime: Date.UTC(2022, 0, 1) });
    expect(readings[15]?.value).toBe(Math.round((at - bus.clock.wall()) / 1_000));
    expect(readings[14]?.value).toBe(4);
    expect(readings[16]?.value).toBe('0102');
  });

  test('says who the meter is', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, heat)]));
    const identity = await bus.session.identify?.(mbusMeter({ address: 5 }), NEVER);
    expect(identity).toEqual({
      facts: [
        { name: 'id', value: '12345678' },
        { name: 'manufacturer', value: 'KAM' },
        { name: 'version', value: '01' },
        { name: 'medium', value: 'heat' },
        { name: 'secondary address', value: '12345678 KAM 01 04' },
        { name: 'fabrication-number', value: '78563412' },
      ],
      describes: 'M-Bus: 14 records in 1 telegram',
    });
  });

  test('is asked for in vain where nobody answers, and where there is nothing', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '')], 6));
    const silent = passing(bus.session.discover?.(mbusMeter({ address: 5 }), NEVER) ?? Promise.resolve([]), bus.clock);
    await expect(silent).rejects.toMatchObject({ code: 'no-answer' });
    bus.played.manner = honestly;
    const points = await bus.session.discover?.(mbusMeter({ address: 6 }), NEVER);
    expect(points?.map(({ name }) => name)).toEqual(['meter-status']);
  });
});

describe('what a meter stored', () => {
  // Of storage 1 to 3 the dates 2021-10-31, 2021-11-30 and 2021-12-31.
  const stored =
    '0c06 40000000 42 6c bf2a 4c06 10000000 8201 6c be2b 8c01 06 20000000 c201 6c bf2c cc01 06 30000000 cc01 13 05000000';

  test('comes as readings of the time at which it was stored, the oldest first', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, stored)]));
    const meter = mbusMeter({ address: 5, zone: 'UTC' }, ['energy', 'volume', 'energy storage 1']);
    const span = { from: Date.UTC(2021, 10, 15), to: Date.UTC(2022, 5, 1) };
    const portions = await Array.fromAsync(bus.session.history?.(meter, meter.points, span, NEVER) ?? []);
    const shown = portions.map((portion) =>
      portion.map(({ point, value, sourceTime, reason }) => [point, value, sourceTime, reason]),
    );
    expect(shown).toEqual([
      [[1, 20, Date.UTC(2021, 11, 1), 'historical']],
      [
        [1, 30, Date.UTC(2022, 0, 1), 'historical'],
        [2, 0.005, Date.UTC(2022, 0, 1), 'historical'],
      ],
    ]);
  });

  test('is nothing where there is no date', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '0c06 40000000 4c06 10000000')]));
    const meter = mbusMeter({ address: 5 }, ['energy']);
    const history = bus.session.history?.(meter, meter.points, { from: 0, to: 1 }, NEVER) ?? [];
    await expect(Array.fromAsync(history)).rejects.toMatchObject({ code: 'device-refused' });
  });
});
