import { describe, expect, test } from 'vitest';
import { openForwarding } from '../support/forwarding.ts';
import {
  points,
  POWER,
  SERIAL,
  SETPOINT,
  ON,
  sparkplugTo,
  born,
  only,
  metricsOf,
  byName,
  sequences,
  counting,
  isNow,
} from '../support/sparkplug-edge.ts';
import { has, numberOf, propertiesOf, SparkplugHost, valueOf } from '../support/sparkplug-host.ts';

// A whole forwarder as a Sparkplug edge node, against a broker of bytes whose payloads an independent decoder reads.
// test/sparkplug/statements.txt names these tests as the proofs of the specification's statements.

describe('data', () => {
  test('goes as DDATA by alias alone, once each, exact, in the order of time', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    const aliases = metricsOf(host.of('DBIRTH')).map((metric) => numberOf(metric.alias));
    const values = [230.1, 0.1 + 0.2, -1e-9, 2 ** 53];
    for (const value of values) await forwarding.commit([{ point: POWER, value }]);
    await forwarding.commit([
      { point: SERIAL, value: 'Zähler 7' },
      { point: SETPOINT, value: -300 },
      { point: ON, value: true },
    ]);
    await host.until(() => metricsOf(host.of('DDATA')).length === 7);
    const data = host.of('DDATA');
    expect(new Set(data.map(({ topic }) => topic))).toEqual(
      new Set(['spBv1.0/city/DDATA/harbour-07/meter', 'spBv1.0/city/DDATA/harbour-07/boiler']),
    );
    expect(data.every(({ qos, retain, payload }) => qos === 0 && !retain && isNow(payload.timestamp))).toBe(true);
    const metrics = metricsOf(data);
    expect(metrics.every((metric) => !has(metric, 'name') && !has(metric, 'datatype') && isNow(metric.timestamp))).toBe(
      true,
    );
    const of = (point: number) => metrics.filter(({ alias }) => numberOf(alias) === aliases[point]);
    expect(of(POWER).map(valueOf)).toEqual(values);
    expect([SERIAL, SETPOINT, ON].map((point) => valueOf(only(of(point))))).toEqual(['Zähler 7', 2 ** 32 - 300, true]);
    const times = of(POWER).map(({ timestamp }) => numberOf(timestamp));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('is numbered without a hole, from 255 to 0', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    for (let count = 1; count <= 300; count += 1) {
      await forwarding.commit([{ point: POWER, value: count }]);
      await host.until(() => metricsOf(host.of('DDATA')).length === count);
    }
    const numbers = sequences(host);
    expect(numbers.length).toBeGreaterThan(300);
    expect(numbers).toEqual(counting(numbers.length));
  });

  test('comes only after all births, and none where nothing was read', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await forwarding.record(500, 50);
    await born(host, forwarding);
    await forwarding.commit([{ point: POWER, value: 1 }]);
    await host.until(() => metricsOf(host.of('DDATA')).length >= 501);
    const types = host.messages.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['NBIRTH', 'DBIRTH', 'DBIRTH']);
    expect(types.slice(3).every((type) => type === 'DDATA' || type === 'NDATA')).toBe(true);
    expect(metricsOf(host.of('DDATA')).length).toBe(501);
  });

  test('from before the birth is marked as historical, what comes after it is not', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await forwarding.record(3000);
    await born(host, forwarding);
    await forwarding.commit([{ point: POWER, value: -1 }]);
    await host.until(() => metricsOf(host.of('DDATA')).length === 3001);
    const news = metricsOf(host.of('DDATA')).filter((metric) => !has(metric, 'isHistorical'));
    expect(news.map(valueOf)).toEqual([-1]);
    const old = metricsOf(host.of('DDATA')).filter(({ isHistorical }) => isHistorical === true);
    expect(new Set(old.map(valueOf)).size).toBe(3000);
  });

  test('of the node itself goes as NDATA, when it changes', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    const clock = byName(only(host.of('NBIRTH')), 'Clock');
    for (const value of [1, 2, 3]) {
      await forwarding.commit([{ point: POWER, value }]);
      await host.until(() => metricsOf(host.of('DDATA')).length === value);
    }
    const data = only(host.of('NDATA')); // once, though there were three messages
    expect(data).toMatchObject({ topic: 'spBv1.0/city/NDATA/harbour-07', qos: 0, retain: false });
    expect(isNow(data.payload.timestamp)).toBe(true);
    const metric = only(data.payload.metrics);
    expect(numberOf(metric.alias)).toBe(numberOf(clock.alias));
    expect(metric.stringValue).toBe('synchronised');
    expect(has(metric, 'name') || has(metric, 'datatype')).toBe(false);
    expect(isNow(metric.timestamp)).toBe(true);
  });

  test('that is bad or uncertain says so in its property Quality, with 0, 192 or 500', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    await forwarding.commit([
      { point: POWER, value: 1 },
      { point: POWER, value: null, quality: 'bad', reason: 'no-answer' },
      { point: POWER, value: null, quality: 'bad', reason: 'refused' },
      { point: POWER, value: 2, quality: 'uncertain', reason: 'time' },
      { point: POWER, value: 3 },
      { point: POWER, value: 4 },
    ]);
    await host.until(() => metricsOf(host.of('DDATA')).length === 6);
    const metrics = metricsOf(host.of('DDATA'));
    expect(metrics.map((metric) => propertiesOf(metric))).toEqual([
      { Quality: 192 },
      { Quality: 500, Reason: 'no-answer' },
      { Quality: 0, Reason: 'refused' },
      { Quality: 500, Reason: 'time' },
      { Quality: 192 },
      {},
    ]);
    expect(metrics.map(({ isNull }) => isNull)).toEqual([false, true, true, false, false, false]);
    expect(metrics.map(valueOf)).toEqual([1, undefined, undefined, 2, 3, 4]);
  });
});

test('property sets have a value for each key, of the types that Sparkplug names', async () => {
  await using host = await new SparkplugHost().listen();
  await using forwarding = await openForwarding({ points });
  await forwarding.commit([{ point: POWER, value: 1, quality: 'uncertain', reason: 'time' }]);
  await born(host, forwarding);
  await forwarding.commit([{ point: POWER, value: 2, sourceTime: 1_700_000_000_123 }]);
  await host.until(() => metricsOf(host.of('DDATA')).length === 2);
  const sets = metricsOf(host.messages).flatMap(({ properties }) => properties ?? []);
  expect(sets.length).toBeGreaterThan(4);
  for (const { keys, values } of sets) {
    expect(keys.length).toBe(values.length);
    for (const value of values) expect([3, 12, 13]).toContain(value.type);
    const quality = values[keys.indexOf('Quality')];
    expect(quality?.type).toBe(3);
    expect([0, 192, 500]).toContain(quality?.intValue);
  }
  const [power] = metricsOf(host.of('DBIRTH', 'meter'));
  expect(power === undefined ? {} : propertiesOf(power)).toEqual({ Quality: 500, Reason: 'time', engUnit: 'W' });
  const dated = metricsOf(host.of('DDATA')).flatMap((metric) => propertiesOf(metric)['SourceTime'] ?? []);
  expect(dated).toEqual([1_700_000_000_123]);
});

test('neither templates nor data sets are ever sent', async () => {
  await using host = await new SparkplugHost().listen();
  await using forwarding = await openForwarding({ points });
  await forwarding.record(100);
  await born(host, forwarding);
  await forwarding.commit(points.map((_, point) => ({ point, value: [1, 2, 'a', 3, true][point] ?? null })));
  host.rebirth();
  await host.until(() => host.of('NBIRTH').length === 2 && metricsOf(host.of('DDATA')).length >= 105);
  const metrics = metricsOf(host.messages);
  expect(metrics.every((metric) => !has(metric, 'templateValue') && !has(metric, 'datasetValue'))).toBe(true);
  const types = metrics.flatMap((metric) => (has(metric, 'datatype') ? [metric.datatype] : []));
  expect(types.every((type) => type !== 16 && type !== 19)).toBe(true);
});

test('what retention had to drop is told as NDATA', async () => {
  await using host = await new SparkplugHost().listen();
  await using forwarding = await openForwarding({ points, keep: { size: 512 * 1024, age: 1e12 } });
  await forwarding.journal.destinations(['centre']);
  await forwarding.record(200_000);
  await forwarding.deliver([sparkplugTo(host)]);
  await host.until(() => host.of('NDATA').some(({ payload }) => payload.metrics.length === 5));
  const gap = host.of('NDATA').find(({ payload }) => payload.metrics.length === 5);
  const names = new Map(only(host.of('NBIRTH')).payload.metrics.map(({ name, alias }) => [numberOf(alias), name]));
  const told = Object.fromEntries(
    gap?.payload.metrics.map((metric) => [names.get(numberOf(metric.alias)), valueOf(metric)]) ?? [],
  );
  expect(told).toMatchObject({ 'Gap/After': 0, 'Gap/Reason': 'size', 'Gap/Epoch': forwarding.journal.epoch });
  expect(told['Gap/Count']).toBe(told['Gap/Upto']);
});
