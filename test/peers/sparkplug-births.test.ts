import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openForwarding } from '../support/forwarding.ts';
import {
  points,
  POWER,
  SETPOINT,
  born,
  only,
  metricsOf,
  byName,
  bdSeqOf,
  sequences,
  isNow,
  common,
} from '../support/sparkplug-edge.ts';
import { has, numberOf, SparkplugHost, valueOf } from '../support/sparkplug-host.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A whole forwarder as a Sparkplug edge node, against a broker of bytes whose payloads an independent decoder reads.
// test/sparkplug/statements.txt names these tests as the proofs of the specification's statements.

describe('a session begins', () => {
  test('with a clean start, a will and the subscriptions, in MQTT 5', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    const { will, ...introduction } = host.introduction;
    expect(introduction).toMatchObject({ version: 5, cleanStart: true, sessionExpiry: 0 });
    expect(will).toMatchObject({ topic: 'spBv1.0/city/NDEATH/harbour-07', qos: 1, retain: false });
    expect(host.subscriptions).toEqual([
      'spBv1.0/city/NCMD/harbour-07 1',
      'spBv1.0/city/DCMD/harbour-07/boiler 1', // the meter cannot be written
    ]);
  });

  test('with a clean session in MQTT 3.1.1', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding, { protocol: '3.1.1' });
    expect(host.introduction).toMatchObject({ version: 4, cleanStart: true, will: { qos: 1, retain: false } });
  });

  test('with the number of its birth in the will, counted from zero, over restarts too, and back to zero after 255', async () => {
    await using folder = await temporaryFolder();
    const numbers: number[] = [];
    for (const losses of [1, 0, 3]) {
      if (losses === 3) await writeFile(join(folder.path, 'centre.connections'), '254'); // so many later
      await using host = await new SparkplugHost().listen();
      await using forwarding = await openForwarding({ points, path: folder.path });
      await born(host, forwarding);
      for (let loss = 1; loss <= losses; loss += 1) {
        host.client.socket.destroy();
        await host.until(() => host.of('NBIRTH').length > loss);
      }
      for (const birth of host.of('NBIRTH')) numbers.push(bdSeqOf(birth));
      const wills = host.connections.map(({ introduction }) => host.decode(introduction?.will?.bytes));
      expect(wills.map((will) => numberOf(only(will.metrics).longValue))).toEqual(host.of('NBIRTH').map(bdSeqOf));
      expect(wills.every((will) => only(will.metrics).name === 'bdSeq' && only(will.metrics).datatype === 4)).toBe(
        true,
      );
      expect(wills.every((will) => !has(will, 'seq') && isNow(will.timestamp))).toBe(true);
    }
    expect(numbers).toEqual([0, 1, 2, 254, 255, 0, 1]);
  });

  test('with NBIRTH first: number zero, what it needs, and all metrics of the node', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    const [first] = host.messages;
    const birth = only(host.of('NBIRTH'));
    expect(first).toBe(birth);
    expect(birth).toMatchObject({ topic: 'spBv1.0/city/NBIRTH/harbour-07', qos: 0, retain: false });
    expect(numberOf(birth.payload.seq)).toBe(0);
    expect(isNow(birth.payload.timestamp)).toBe(true);
    const rebirth = byName(birth, 'Node Control/Rebirth');
    expect(rebirth).toMatchObject({ datatype: 11, booleanValue: false });
    expect(has(rebirth, 'alias')).toBe(false);
    expect(byName(birth, 'bdSeq').datatype).toBe(4);
    expect(byName(birth, 'Properties/Epoch').stringValue).toBe(forwarding.journal.epoch);
    expect(birth.payload.metrics.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Clock', 'Gap/After', 'Gap/Upto', 'Gap/Count', 'Gap/Reason']),
    );
  });

  test('with a DBIRTH for each device, next in number, with all of its metrics', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await forwarding.commit([
      { point: POWER, value: 230.5 },
      { point: SETPOINT, value: -7 },
    ]);
    await born(host, forwarding);
    const births = host.of('DBIRTH');
    expect(births.map(({ topic }) => topic)).toEqual([
      'spBv1.0/city/DBIRTH/harbour-07/meter',
      'spBv1.0/city/DBIRTH/harbour-07/boiler',
    ]);
    expect(births.every(({ qos, retain, payload }) => qos === 0 && !retain && isNow(payload.timestamp))).toBe(true);
    expect(sequences(host).slice(0, 3)).toEqual([0, 1, 2]);
    const names = births.map(({ payload }) => payload.metrics.map(({ name }) => name));
    expect(names).toEqual([
      ['power', 'energy', 'serial'],
      ['setpoint', 'on'],
    ]);
    expect(metricsOf(births).map(({ datatype }) => datatype)).toEqual([10, 10, 12, 2, 11]);
  });

  test('with the newest committed value of each metric, and null where there is none yet', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await forwarding.commit([
      { point: POWER, value: 1 },
      { point: POWER, value: 230.5 },
      { point: SETPOINT, value: -7 },
    ]);
    await born(host, forwarding);
    const [meter, boiler] = host.of('DBIRTH');
    if (meter === undefined || boiler === undefined) throw new Error('two devices are born');
    expect(byName(meter, 'power').doubleValue).toBe(230.5);
    expect(byName(boiler, 'setpoint').intValue).toBe(2 ** 32 - 7); // two's complement of 32 bits
    for (const unknown of [byName(meter, 'serial'), byName(boiler, 'on')]) {
      expect(unknown.isNull).toBe(true);
      expect(valueOf(unknown)).toBeUndefined();
    }
  });

  test('with names, datatypes, times and aliases that no other metric of the node has', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    const metrics = metricsOf([...host.of('NBIRTH'), ...host.of('DBIRTH')]);
    expect(metrics.every(({ name, timestamp }) => name !== undefined && name !== '' && isNow(timestamp))).toBe(true);
    expect(metrics.every(({ datatype }) => datatype !== undefined && datatype >= 1 && datatype <= 34)).toBe(true);
    const aliases = metrics.flatMap((metric) => (has(metric, 'alias') ? [numberOf(metric.alias)] : []));
    expect(new Set(aliases).size).toBe(aliases.length);
    expect(aliases.length).toBe(metrics.length - 2); // all but bdSeq and Node Control/Rebirth
  });
});

test('points that come later are born with all others before their data', async () => {
  await using host = await new SparkplugHost().listen();
  await using forwarding = await openForwarding({ points });
  await born(host, forwarding);
  await forwarding.add({ ...common, id: 'meter/late', device: 'meter', name: 'late', type: 'float32', write: {} });
  await forwarding.commit([{ point: points.length, value: 1.5 }]);
  await host.until(() => host.of('DDATA').length === 1);
  const types = host.messages.filter(({ type }) => type !== 'NDATA').map(({ type }) => type);
  expect(types).toEqual(['NBIRTH', 'DBIRTH', 'DBIRTH', 'NBIRTH', 'DBIRTH', 'DBIRTH', 'DDATA']);
  const late = byName(host.of('DBIRTH', 'meter')[1] ?? only([]), 'late');
  expect(numberOf(only(metricsOf(host.of('DDATA'))).alias)).toBe(numberOf(late.alias));
  await host.until(() => host.subscriptions.includes('spBv1.0/city/DCMD/harbour-07/meter 1'));
});
