import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Identity, ScanRange, ScanStep } from '../../src/collect/driver.ts';
import { systemClock } from '../../src/model/clock.ts';
import { modbus } from '../../drivers/modbus/driver.ts';
import { modbusDevice, openModbus } from '../support/modbus-session.ts';
import { testWith } from '../support/peers.ts';
import { exceptionPdu, playLine } from '../support/played-line.ts';
import { exceptionTo, playPdus, type PlayedPdus } from '../support/played-pdus.ts';
import { startPymodbus } from '../support/pymodbus.ts';
import { composeImage, readImage } from '../support/sunspec-device.ts';
import { openSunSpec } from '../support/sunspec-session.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const never = new AbortController().signal;
// Long enough for a busy machine to answer; what is silent costs it in full.
const IMPATIENT = { timeout: '300ms', retries: 0 };

async function identify(server: { readonly port: number }, settings: object = {}): Promise<Identity | undefined> {
  const device = modbusDevice([], {}, 'unknown');
  await using opened = await openModbus(server, [device], { settings });
  return await opened.session.identify?.(device, never);
}

/** Steps as `3: 17 to holding 0`, where something was found. */
async function scan(server: { readonly port: number }, range: ScanRange): Promise<readonly string[]> {
  await using opened = await openModbus(server, [], { settings: IMPATIENT });
  const steps: ScanStep[] = [];
  for await (const step of opened.session.scan?.(range, never) ?? []) steps.push(step);
  expect(steps.map(({ done, total }) => [done, total])).toEqual(steps.map((_, index) => [index + 1, steps.length]));
  return steps.flatMap(({ found }) =>
    found === undefined ? [] : [`${String(found.device['unit'])}: ${found.answer}`],
  );
}

const IDENTIFICATION = 43;
const SERVER_ID = 17;

function page(pdu: Buffer, content: Buffer, { conformity = 0x81, more = 0, next = 0, objects = 1 } = {}): Buffer {
  return Buffer.concat([pdu.subarray(0, 3), Buffer.of(conformity, more, next, objects), content]);
}

describe('a device says what it is', () => {
  testWith('pymodbus', 'by device identification, as pymodbus answers it', async () => {
    await using folder = await temporaryFolder();
    const image = join(folder.path, 'image.json');
    await writeFile(image, JSON.stringify({ unitId: 1, image: {} }));
    await using server = await startPymodbus(image);
    expect((await identify(server))?.facts).toEqual([
      { name: 'vendor name', value: 'Pymodbus' },
      { name: 'product code', value: 'PM' },
      { name: 'revision', value: '3.0' },
      { name: 'vendor url', value: 'https://example.org/' },
      { name: 'product name', value: 'Server' },
      { name: 'model name', value: 'Server of images' },
      { name: 'server id', value: Buffer.from('Pymodbus-PM-3.0\xff', 'latin1').toString('hex') },
      { name: 'server text', value: 'Pymodbus-PM-3.0' },
    ]);
  });

  test('by the identity of a simulated device', async () => {
    const device = modbusDevice([{ read: 'holding 0', type: 'uint16' }]);
    const simulated = { device, points: new Map(), identity: { vendor: 'Sonne AG', model: 'Dach 10' } };
    await using simulation = await modbus.simulate?.([simulated], {
      end: { transport: 'tcp', host: '127.0.0.1', port: 0 },
      clock: systemClock,
    });
    expect(await identify({ port: simulation?.address?.port ?? 0 })).toEqual({
      facts: [
        { name: 'vendor name', value: 'Sonne AG' },
        { name: 'product code', value: 'Dach 10' },
        { name: 'revision', value: 'simulated' },
      ],
    });
  });

  test('by SunSpec, which needs no profile', async () => {
    const image = await composeImage([
      { id: 1, values: { 0: 'Sonne AG', 16: 'Dach 10', 40: '1.2', 48: 'A-77' } },
      { id: 103 },
      { id: 160, times: 2 },
    ]);
    await using server = await playPdus((pdu) => {
      if (pdu.readUInt8(0) === SERVER_ID) return Buffer.from('\x11\x06\x01\xffD10!', 'latin1');
      const count = pdu.readUInt8(0) === 3 ? pdu.readUInt16BE(3) : 0;
      const bytes = count === 0 ? undefined : readImage(image, pdu.readUInt16BE(1), count);
      return bytes === undefined ? exceptionTo(pdu, 2) : Buffer.concat([Buffer.of(3, bytes.length), bytes]);
    });
    expect(await identify(server)).toEqual({
      facts: [
        { name: 'server id', value: '01ff44313021' },
        { name: 'server text', value: 'D10!' },
        { name: 'manufacturer', value: 'Sonne AG' },
        { name: 'model', value: 'Dach 10' },
        { name: 'version', value: '1.2' },
        { name: 'serial number', value: 'A-77' },
      ],
      describes: 'SunSpec: models 1, 103, 160',
    });
  });
});

describe('a device that does not', () => {
  test.each<[string, number, (pdu: Buffer) => Buffer | undefined]>([
    ['is silent', 5, () => undefined],
    ['refuses everything', 18, (pdu) => exceptionTo(pdu, 1)],
  ])('because it %s has no facts, and is asked no more than %i times', async (_, most, answer) => {
    await using server = await playPdus(answer);
    expect(await identify(server, IMPATIENT)).toEqual({ facts: [] });
    expect(server.asked.length).toBeLessThanOrEqual(most);
  });

  test.each<[string, (pdu: Buffer) => Buffer, number]>([
    [
      'more follows without end',
      (pdu) =>
        page(pdu, Buffer.of(pdu.readUInt8(3), 1, 65), {
          conformity: 0x83,
          more: 0xff,
          next: (pdu.readUInt8(3) + 1) & 0xff,
        }),
      32,
    ],
    [
      'the same object again and again',
      (pdu) => page(pdu, Buffer.of(0, 1, 65), { conformity: 0x83, more: 0xff, next: pdu.readUInt8(3) }),
      1,
    ],
    ['an object longer than the answer', (pdu) => page(pdu, Buffer.of(0, 1, 65, 1, 200, 66), { objects: 2 }), 1],
    ['more objects than it gives', (pdu) => page(pdu, Buffer.of(0, 1, 65), { objects: 200 }), 1],
  ])('but answers with %s comes to an end, with what was sound or nothing', async (_, answer, most) => {
    await using server = await playPdus((pdu) =>
      pdu.readUInt8(0) === IDENTIFICATION ? answer(pdu) : exceptionTo(pdu, 1),
    );
    const identity = await identify(server);
    expect(identity?.facts.length).toBeLessThanOrEqual(most);
    for (const { value } of identity?.facts ?? []) expect(value).toBe('A');
    expect(server.asked.length).toBeLessThan(120);
  });
});

/** Unit 3 has a register, 17 none, 40 is busy; the gateway says of 50 that it does not answer, and nothing of others. */
function playUnits(): Promise<PlayedPdus> {
  const units: Readonly<Record<number, (pdu: Buffer) => Buffer>> = {
    3: () => Buffer.of(3, 2, 0, 42),
    17: (pdu) => exceptionTo(pdu, 2),
    40: (pdu) => exceptionTo(pdu, 6),
    50: (pdu) => exceptionTo(pdu, 11),
    255: (pdu) => exceptionTo(pdu, 1),
  };
  return playPdus((pdu, unit) => units[unit]?.(pdu) ?? (unit === 60 ? undefined : exceptionTo(pdu, 11)));
}

describe('a scan', () => {
  test('finds whatever answers, and be it a refusal', async () => {
    await using server = await playUnits();
    expect(await scan(server, {})).toEqual([
      '3: 42 to holding 0',
      '17: exception 2 (no such address) to holding 0',
      '40: exception 6 (busy) to holding 0',
      '255: exception 1 (no such function) to holding 0',
    ]);
    expect(new Set(server.asked.map(({ unit }) => unit)).size).toBe(248);
  });

  test('asks only where it is told to, once', async () => {
    await using server = await playUnits();
    expect(await scan(server, { addresses: [60, 3, 3, 60, 999] })).toEqual(['3: 42 to holding 0']);
    expect(server.asked).toEqual([
      { unit: 60, pdu: '0300000001' },
      { unit: 3, pdu: '0300000001' },
    ]);
  });

  test('ends when nobody wants to know any more', async () => {
    await using server = await playUnits();
    await using opened = await openModbus(server, [], { settings: IMPATIENT });
    const aborted = new AbortController();
    const steps = async (): Promise<void> => {
      for await (const { done } of opened.session.scan?.({}, aborted.signal) ?? []) if (done === 5) aborted.abort();
    };
    await expect(steps()).rejects.toThrow('aborted');
    expect(server.asked).toHaveLength(5);
  });
});

describe('on a serial line', () => {
  const AT_115200 = { baud: 115_200, retries: 0, timeout: '1s' };

  testWith(
    'socat',
    'units that are there are found without waiting a whole timeout for each of the others',
    async () => {
      await using line = await playLine({ transport: 'serial', framing: 'rtu' }, (asked, side) => {
        if (asked.unit === 3) side.send(side.frame(3, Buffer.of(3, 2, 0, 42)));
        if (asked.unit === 5) side.send(side.frame(5, exceptionPdu(asked, 2)));
      });
      const began = performance.now();
      await using opened = await openModbus({}, [], { settings: { ...AT_115200, ...line.settings } });
      const found: ScanStep[] = [];
      for await (const step of opened.session.scan?.({ addresses: [1, 2, 3, 4, 5] }, never) ?? []) found.push(step);
      expect(found.flatMap(({ address, found: device }) => (device === undefined ? [] : [address]))).toEqual([
        'unit 3',
        'unit 5',
      ]);
      expect(performance.now() - began).toBeLessThan(2_000);
    },
  );

  testWith('socat', 'a SunSpec device is identified and read as over the network', async () => {
    const image = await composeImage([
      { id: 1, values: { 0: 'Sonne AG' } },
      { id: 101, values: { 8: 2_301, 11: -1 } },
    ]);
    await using line = await playLine({ transport: 'serial', framing: 'rtu' }, (asked, side) => {
      const bytes = asked.code === 3 ? readImage(image, asked.address, asked.amount) : undefined;
      const pdu = bytes === undefined ? exceptionPdu(asked, 2) : Buffer.concat([Buffer.of(3, bytes.length), bytes]);
      side.send(side.frame(asked.unit, pdu));
    });
    await using inverter = await openSunSpec({}, {}, { ...AT_115200, ...line.settings });
    expect((await inverter.read()).get('voltage-l1')).toBe('230.1 V');
  });
});
