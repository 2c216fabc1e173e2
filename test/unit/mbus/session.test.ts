import { describe, expect, test } from 'vitest';
import { encodeFrame, type Frame } from '../../../drivers/mbus/frame.ts';
import { encrypt, mode5Configuration } from '../../../drivers/mbus/encryption.ts';
import { Station, type Saying } from '../../../drivers/mbus/station.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { mbusMeter, openMbus, told, type MbusDevice, type OpenedMbus } from '../../support/mbus-session.ts';
import { honestly, identified, playMbus, telegram, type PlayedMbus } from '../../support/played-mbus.ts';
import { passing } from '../../support/timing-out.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const WHO = identified('12345678');
const NEVER = new AbortController().signal;

type Line = AsyncDisposable & OpenedMbus & { readonly played: PlayedMbus; readonly clock: FakeClock };

/** Meters at a converter, and a session with them in which short waits pass by themselves. */
async function line(...stations: Station[]): Promise<Line> {
  const played = await playMbus(stations);
  const clock = new FakeClock({ flows: 15 });
  const opened = await openMbus({ host: '127.0.0.1', port: played.port, timeout: '900ms' }, clock);
  return {
    ...opened,
    played,
    clock,
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await played[Symbol.asyncDispose]();
    },
  };
}

function station(telegrams: () => readonly Saying[], address: number | undefined = 5, who = WHO): Station {
  return new Station({ address, identification: who, telegrams });
}

/** The requests that were made, in short. */
function asked({ played }: Line): readonly string[] {
  return played.asked.map((frame: Frame) => {
    if (frame.kind === 'acknowledgement') return 'ack';
    if (frame.kind === 'long') return `select ${frame.data.toString('hex')}`;
    return `${frame.control.toString(16)} ${frame.address}`;
  });
}

describe('a conversation', () => {
  test('begins with a reset, and counts its requests', async () => {
    await using bus = await line(station(() => [telegram(WHO, '0c13 01000000')]));
    const meter = mbusMeter({ address: 5 }, ['volume']);
    for (let round = 0; round < 3; round++) expect(told(await bus.read(meter))).toEqual([0.001]);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '5b 5', '7b 5']);
  });

  test('selects before each readout by secondary address, and the count begins anew', async () => {
    await using bus = await line(station(() => [telegram(WHO, '0c13 01000000')], undefined));
    const meter = mbusMeter({ address: '12345678 KAM' }, ['volume']);
    for (let round = 0; round < 2; round++) expect(told(await bus.read(meter))).toEqual([0.001]);
    const select = 'select 785634122d2cffff';
    expect(asked(bus)).toEqual([select, '7b 253', select, '7b 253']);
  });

  test('asks on while more telegrams follow, each record under its own name', async () => {
    const telegrams = [
      telegram(WHO, '0c13 01000000 1f'),
      telegram(WHO, '0c13 02000000 0c06 03000000 1f'),
      telegram(WHO, '4c13 04000000'),
    ];
    await using bus = await line(station(() => telegrams));
    const meter = mbusMeter({ address: 5 }, ['volume', 'volume #2', 'energy', 'volume storage 1']);
    for (let round = 0; round < 2; round++) expect(told(await bus.read(meter))).toEqual([0.001, 0.002, 3, 0.004]);
    const readout = ['40 5', '7b 5', '5b 5', '7b 5'];
    expect(asked(bus)).toEqual([...readout, ...readout]);
  });

  test('ends with the telegram that has the last of what is wanted, and begins from the first the next time', async () => {
    const telegrams = [telegram(WHO, '0c13 01000000 1f'), telegram(WHO, '0c06 03000000')];
    await using bus = await line(station(() => telegrams));
    const meter = mbusMeter({ address: 5 }, ['volume']);
    for (let round = 0; round < 2; round++) expect(told(await bus.read(meter))).toEqual([0.001]);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '40 5', '7b 5']);
  });

  test('takes no end that never comes', async () => {
    await using bus = await line(station(() => [telegram(WHO, '0c13 01000000 1f')]));
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['energy'])))).toEqual(['refused']);
    expect(bus.played.asked.length).toBe(65);
  });

  test('asks again, with the same count, for what was garbled or lost', async () => {
    let volume = 0;
    await using bus = await line(station(() => [telegram(WHO, `0c13 0${(volume += 1)}000000`)]));
    const meter = mbusMeter({ address: 5 }, ['volume']);
    expect(told(await bus.read(meter))).toEqual([0.001]);
    let spoilt = 0;
    bus.played.manner = (answer, socket) => {
      spoilt += 1;
      const damaged = Buffer.from(answer);
      damaged.writeUInt8(damaged.readUInt8(20) ^ 4, 20);
      if (spoilt === 1) socket.write(damaged);
      if (spoilt > 2) socket.write(answer);
    };
    expect(told(await passing(bus.read(meter), bus.clock))).toEqual([0.002]);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '5b 5', '5b 5', '5b 5']);
    expect(bus.observed.map(({ event }) => event)).toEqual(['checksum-error', 'timeout']);
  });

  test('asks a silent meter as often as it may, and once the next time', async () => {
    await using bus = await line();
    const meter = mbusMeter({ address: 5 }, ['volume']);
    expect(told(await passing(bus.read(meter), bus.clock))).toEqual(['no-answer']);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '7b 5', '7b 5']);
    expect(told(await passing(bus.read(meter), bus.clock))).toEqual(['no-answer']);
    expect(asked(bus).slice(4)).toEqual(['40 5', '7b 5']);
  });

  test('goes on with a meter that knows no reset', async () => {
    await using bus = await line(station(() => [telegram(WHO, '0c13 01000000')]));
    bus.played.manner = (answer, socket) => void (answer.length > 1 && socket.write(answer));
    expect(told(await passing(bus.read(mbusMeter({ address: 5 }, ['volume'])), bus.clock))).toEqual([0.001]);
  });

  test('is not misled by an echo of what was sent', async () => {
    await using bus = await line(station(() => [telegram(WHO, '0c13 01000000')]));
    bus.played.manner = (answer, socket) => {
      const last = bus.played.asked.at(-1);
      if (last !== undefined) socket.write(Buffer.concat([encodeFrame(last), answer]));
    };
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['volume'])))).toEqual([0.001]);
    expect(told(await bus.read(mbusMeter({ address: '12345678' }, ['volume'])))).toEqual([0.001]);
    expect(bus.observed).toEqual([]);
  });

  test('takes no answer from another address, and none of a meter that was not meant', async () => {
    const other = encodeFrame({ kind: 'long', control: 8, address: 6, ...telegram(WHO, '0c13 01000000') });
    await using bus = await line(station(() => [telegram(WHO, '0c13 01000000')]));
    bus.played.manner = (answer, socket) => void socket.write(answer.length > 1 ? other : answer);
    expect(told(await passing(bus.read(mbusMeter({ address: 5 }, ['volume'])), bus.clock))).toEqual(['foreign-answer']);
    const stranger = encodeFrame({
      kind: 'long',
      control: 8,
      address: 253,
      ...telegram(identified('87654321'), '0c13 01000000'),
    });
    bus.played.manner = (answer, socket) => void socket.write(answer.length > 1 ? stranger : answer);
    expect(told(await bus.read(mbusMeter({ address: '12345678' }, ['volume'])))).toEqual(['foreign-answer']);
  });

  test.each([
    ['7001', 'device-failure'],
    ['7008', 'device-busy'],
    ['7900', 'malformed-answer'],
    ['7200', 'malformed-answer'],
  ])('that ends with %s makes all points bad, %s', async (said, reason) => {
    const saying = { information: Number.parseInt(said.slice(0, 2), 16), data: Buffer.from(said.slice(2), 'hex') };
    await using bus = await line(station(() => [saying]));
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['volume', 'energy'])))).toEqual([reason, reason]);
    expect(bus.observed.map(({ event }) => event)).toEqual([
      reason === 'malformed-answer' ? 'malformed-frame' : 'exception',
    ]);
  });

  test('with an encrypted meter needs its key', async () => {
    const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
    const data = encrypt(Buffer.from('0c1301000000', 'hex'), key, { identification: WHO, access: 1 });
    const said = telegram(WHO, data.toString('hex'), { configuration: mode5Configuration(data) });
    await using bus = await line(station(() => [said]));
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'key');
    await writeFile(file, `${key.toString('hex')}\n`, { mode: 0o600 });
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['volume'], 'bare')))).toEqual(['not-available']);
    expect(told(await bus.read(mbusMeter({ address: 5, key: { file } }, ['volume'])))).toEqual([0.001]);
    await writeFile(file, 'secret', { mode: 0o600 });
    const wrong = bus.read(mbusMeter({ address: 5, key: { file } }, ['volume'], 'other'));
    await expect(wrong).rejects.toMatchObject({ code: 'configuration-invalid' });
  });

  test('of two devices at one address goes on with one count', async () => {
    await using bus = await line(station(() => [telegram(WHO, '0c13 01000000 0c06 05000000')]));
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['volume'], 'one')))).toEqual([0.001]);
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['energy'], 'other')))).toEqual([5]);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '5b 5']);
  });
});

describe('units', () => {
  const records = '0c06 12345678 0c0f 12345678 0c13 67452301';

  test('that are wanted are converted exactly, and what no decimal says is bad', async () => {
    await using bus = await line(station(() => [telegram(WHO, records)]));
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
    await using bus = await line(station(() => [telegram(WHO, heat, { status: 4 })]));
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
    await using bus = await line(station(() => [telegram(WHO, heat)]));
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
    await using bus = await line(station(() => [telegram(WHO, '')], 6));
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
    await using bus = await line(station(() => [telegram(WHO, stored)]));
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
    await using bus = await line(station(() => [telegram(WHO, '0c06 40000000 4c06 10000000')]));
    const meter = mbusMeter({ address: 5 }, ['energy']);
    const history = bus.session.history?.(meter, meter.points, { from: 0, to: 1 }, NEVER) ?? [];
    await expect(Array.fromAsync(history)).rejects.toMatchObject({ code: 'device-refused' });
  });
});
