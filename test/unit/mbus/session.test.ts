import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encrypt, mode5Configuration } from '../../../drivers/mbus/encryption.ts';
import { encodeFrame, type Frame } from '../../../drivers/mbus/frame.ts';
import { mbusMeter, told } from '../../support/mbus-session.ts';
import { meterLine, station, WHO, type MeterLine } from '../../support/meter-line.ts';
import { identified, telegram } from '../../support/played-mbus.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { passing } from '../../support/timing-out.ts';

/** The requests that were made, in short. */
function asked({ played }: MeterLine): readonly string[] {
  return played.asked.map((frame: Frame) => {
    if (frame.kind === 'acknowledgement') return 'ack';
    if (frame.kind === 'long') return `select ${frame.data.toString('hex')}`;
    return `${frame.control.toString(16)} ${frame.address}`;
  });
}

describe('a conversation', () => {
  test('begins with a reset, and counts its requests', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000')]));
    const meter = mbusMeter({ address: 5 }, ['volume']);
    for (let round = 0; round < 3; round++) expect(told(await bus.read(meter))).toEqual([0.001]);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '5b 5', '7b 5']);
  });

  test('selects before each readout by secondary address, and the count begins anew', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000')], undefined));
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
    await using bus = await meterLine(station(() => telegrams));
    const meter = mbusMeter({ address: 5 }, ['volume', 'volume #2', 'energy', 'volume storage 1']);
    for (let round = 0; round < 2; round++) expect(told(await bus.read(meter))).toEqual([0.001, 0.002, 3, 0.004]);
    const readout = ['40 5', '7b 5', '5b 5', '7b 5'];
    expect(asked(bus)).toEqual([...readout, ...readout]);
  });

  test('ends with the telegram that has the last of what is wanted, and begins from the first the next time', async () => {
    const telegrams = [telegram(WHO, '0c13 01000000 1f'), telegram(WHO, '0c06 03000000')];
    await using bus = await meterLine(station(() => telegrams));
    const meter = mbusMeter({ address: 5 }, ['volume']);
    for (let round = 0; round < 2; round++) expect(told(await bus.read(meter))).toEqual([0.001]);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '40 5', '7b 5']);
  });

  test('takes no end that never comes', async () => {
    let access = 0;
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000 1f', { access: (access += 1) })]));
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['energy'])))).toEqual(['refused']);
    expect(bus.played.asked.length).toBe(65);
  });

  test('takes what was said before, and comes late, for no telegram that goes on', async () => {
    const telegrams = [telegram(WHO, '0c13 01000000 1f'), telegram(WHO, '0c06 05000000', { access: 2 })];
    await using bus = await meterLine(station(() => telegrams));
    let answers = 0;
    let late: Buffer = Buffer.alloc(0);
    bus.played.manner = (answer, socket) => {
      if (answer.length > 1) answers += 1;
      if (answers === 1) late = answer;
      else socket.write(answers === 3 ? Buffer.concat([late, answer]) : answer);
    };
    const reading = bus.read(mbusMeter({ address: 5 }, ['volume', 'energy']));
    expect(told(await passing(reading, bus.clock))).toEqual([0.001, 5]);
  });

  test('that announces more and says the same again has said all', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000 1f')]));
    const reading = bus.read(mbusMeter({ address: 5 }, ['volume', 'volume #2', 'energy']));
    expect(told(await passing(reading, bus.clock))).toEqual([0.001, 'refused', 'refused']);
  });

  test('asks again, with the same count, for what was garbled or lost', async () => {
    let volume = 0;
    await using bus = await meterLine(station(() => [telegram(WHO, `0c13 0${(volume += 1)}000000`)]));
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
    await using bus = await meterLine();
    const meter = mbusMeter({ address: 5 }, ['volume']);
    expect(told(await passing(bus.read(meter), bus.clock))).toEqual(['no-answer']);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '7b 5', '7b 5']);
    expect(told(await passing(bus.read(meter), bus.clock))).toEqual(['no-answer']);
    expect(asked(bus).slice(4)).toEqual(['40 5', '7b 5']);
  });

  test('goes on with a meter that knows no reset', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000')]));
    bus.played.manner = (answer, socket) => void (answer.length > 1 && socket.write(answer));
    expect(told(await passing(bus.read(mbusMeter({ address: 5 }, ['volume'])), bus.clock))).toEqual([0.001]);
  });

  test('is not misled by an echo of what was sent', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000')]));
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
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000')]));
    bus.played.manner = (answer, socket) => void socket.write(answer.length > 1 ? other : answer);
    expect(told(await passing(bus.read(mbusMeter({ address: 5 }, ['volume'])), bus.clock))).toEqual(['foreign-answer']);
    const stranger = encodeFrame({
      kind: 'long',
      control: 8,
      address: 253,
      ...telegram(identified('87654321'), '0c13 01000000'),
    });
    bus.played.manner = (answer, socket) => void socket.write(answer.length > 1 ? stranger : answer);
    const meant = mbusMeter({ address: '12345678' }, ['volume']);
    expect(told(await passing(bus.read(meant), bus.clock))).toEqual(['foreign-answer']);
  });

  test.each([
    ['7001', 'device-failure'],
    ['7008', 'device-busy'],
    ['7900', 'malformed-answer'],
    ['7200', 'malformed-answer'],
  ])('that ends with %s makes all points bad, %s', async (said, reason) => {
    const saying = { information: Number.parseInt(said.slice(0, 2), 16), data: Buffer.from(said.slice(2), 'hex') };
    await using bus = await meterLine(station(() => [saying]));
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['volume', 'energy'])))).toEqual([reason, reason]);
    expect(bus.observed.map(({ event }) => event)).toEqual([
      reason === 'malformed-answer' ? 'malformed-frame' : 'exception',
    ]);
  });

  test.each([
    [0x01, 'uncertain', 'device-busy', 'application busy'],
    [0x02, 'uncertain', 'device-failure', 'application error'],
    [0x03, 'good', undefined, 'abnormal condition'],
    [0x04, 'good', undefined, 'power low'],
    [0x0c, 'uncertain', 'device-failure', 'power low, permanent error'],
    [0x10, 'uncertain', 'device-failure', 'temporary error'],
    [0xe0, 'good', undefined, ''],
  ])('with the status %i measures what is %s', async (status, quality, reason, complaint) => {
    let now = status;
    const records = '0c13 01000000 4c13 02000000 0d78 03 334241';
    await using bus = await meterLine(station(() => [telegram(WHO, records, { status: now })]));
    const meter = mbusMeter({ address: 5 }, ['volume', 'volume storage 1', 'fabrication-number', 'status']);
    for (let round = 0; round < 3; round++) {
      const readings = await bus.read(meter);
      expect(readings).toMatchObject([
        { value: 0.001, quality, ...(reason !== undefined && { reason }) },
        { value: 0.002, quality: 'good' },
        { value: 'AB3', quality: 'good' },
        { value: status, quality: 'good' },
      ]);
    }
    now = 0;
    expect((await bus.read(meter))[0]).toMatchObject({ quality: 'good' });
    const lines = complaint === '' ? [] : [complaint, 'all is well again'];
    expect(bus.observed.map(({ detail }) => detail)).toEqual(lines.map((each) => `it says of itself: ${each}`));
  });

  test('takes a late acknowledgement for no answer to a request for data', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000')]));
    bus.played.manner = (answer, socket) => {
      if (answer.length > 1) socket.write(Buffer.of(0xe5));
      socket.write(answer);
    };
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['volume'])))).toEqual([0.001]);
    bus.played.manner = (_, socket) => void socket.write(Buffer.of(0xe5));
    const reading = bus.read(mbusMeter({ address: 5 }, ['volume']));
    expect(told(await passing(reading, bus.clock)), 'and alone for one that has none').toEqual(['not-available']);
  });

  test('with an encrypted meter needs its key', async () => {
    const key = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
    const data = encrypt(Buffer.from('0c1301000000', 'hex'), key, { identification: WHO, access: 1 });
    const said = telegram(WHO, data.toString('hex'), { configuration: mode5Configuration(data) });
    await using bus = await meterLine(station(() => [said]));
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'key');
    await writeFile(file, `${key.toString('hex')}\n`, { mode: 0o600 });
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['volume'], 'bare')))).toEqual(['not-available']);
    expect(told(await bus.read(mbusMeter({ address: 5, key: { file } }, ['volume'])))).toEqual([0.001]);
    await writeFile(file, 'secret', { mode: 0o600 });
    const wrong = bus.read(mbusMeter({ address: 5, key: { file } }, ['volume'], 'other'));
    await expect(wrong, 'which concerns this meter alone').rejects.toMatchObject({
      code: 'access-refused',
      message: 'other: its key is not 16 bytes as 32 hexadecimal digits',
    });
  });

  test('of two devices at one address goes on with one count', async () => {
    await using bus = await meterLine(station(() => [telegram(WHO, '0c13 01000000 0c06 05000000')]));
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['volume'], 'one')))).toEqual([0.001]);
    expect(told(await bus.read(mbusMeter({ address: 5 }, ['energy'], 'other')))).toEqual([5]);
    expect(asked(bus)).toEqual(['40 5', '7b 5', '5b 5']);
  });
});
