import { describe, expect, test } from 'vitest';
import { renderMetrics } from '../../../src/ops/metrics.ts';
import { parseExposition } from '../../support/exposition.ts';
import { playedStatus } from '../../support/played-gateway.ts';

const exposed = parseExposition(renderMetrics(playedStatus));

const samplesOf = (name: string) => exposed.find((metric) => metric.name === name)?.samples ?? [];

test('everything is in the format that Prometheus reads, each metric with its help and type', () => {
  expect(exposed.length).toBeGreaterThan(25);
  for (const { name, help, samples } of exposed) {
    expect.soft(help, name).toMatch(/^[A-Z1].*\.$/);
    expect.soft(samples.length, name).toBeGreaterThan(0);
  }
});

test('counters are named as such, and nothing else is', () => {
  for (const { name, type } of exposed) expect.soft(name.endsWith('_total'), name).toBe(type === 'counter');
});

test('a connection, a device and a destination are told apart by their labels', () => {
  expect(samplesOf('weir_connection_up')).toEqual([
    { name: 'weir_connection_up', labels: { connection: 'switchroom' }, value: 1 },
    { name: 'weir_connection_up', labels: { connection: 'plant' }, value: 0 },
  ]);
  expect(samplesOf('weir_device_failures_total').map(({ labels, value }) => [labels, value])).toEqual([
    [{ connection: 'switchroom', device: 'main-meter' }, 0],
    [{ connection: 'plant', device: 'pump' }, 19],
  ]);
  expect(samplesOf('weir_destination_pending_readings').map(({ labels, value }) => [labels, value])).toEqual([
    [{ destination: 'energy-centre' }, 17],
    [{ destination: 'city' }, 123_456],
  ]);
});

test('latencies are summaries in seconds; where none is known there is none', () => {
  expect(
    samplesOf('weir_device_request_seconds').map(({ name, labels, value }) => [name, labels['quantile'], value]),
  ).toEqual([
    ['weir_device_request_seconds', '0.5', 0.012],
    ['weir_device_request_seconds', '0.9', 0.02],
    ['weir_device_request_seconds', '0.99', 0.031],
    ['weir_device_request_seconds_sum', undefined, 0.24],
    ['weir_device_request_seconds_count', undefined, 19],
  ]);
});

test('what was counted by name has the name as a label', () => {
  expect(samplesOf('weir_device_wire_events_total').map(({ labels, value }) => [labels['event'], value])).toEqual([
    ['timeout', 1],
    ['late-frame', 2],
  ]);
  expect(samplesOf('weir_events_total')).toEqual([
    { name: 'weir_events_total', labels: { event: 'device-lost' }, value: 1 },
  ]);
});

test('a label may hold anything', () => {
  const gateway = 'a "quoted" \\ back\\slash\nand two lines, {braces} =';
  const [info] = parseExposition(renderMetrics({ ...playedStatus, gateway }));
  expect(info?.samples[0]?.labels['gateway']).toBe(gateway);
});

test('a gateway without devices and destinations has metrics all the same', () => {
  const bare = { ...playedStatus, connections: [], devices: [], destinations: [], events: {} };
  expect(parseExposition(renderMetrics(bare)).map(({ name }) => name)).toContain('weir_readings_total');
});

describe('the reader of these tests refuses', () => {
  test.each([
    ['a text without its last end of line', '# HELP a A.\n# TYPE a gauge\na 1'],
    ['a sample outside of its group', '# HELP a A.\n# TYPE a gauge\nb 1\n'],
    ['a series that is there twice', '# HELP a A.\n# TYPE a gauge\na{x="1"} 1\na{x="1"} 2\n'],
    ['a label that is not closed', '# HELP a A.\n# TYPE a gauge\na{x="1} 1\n'],
    ['a quote that is not escaped', '# HELP a A.\n# TYPE a gauge\na{x="1"2"} 1\n'],
    ['a metric without a type', '# HELP a A.\na 1\n'],
    ['a value that is no number', '# HELP a A.\n# TYPE a gauge\na undefined\n'],
  ])('%s', (_what, text) => {
    expect(() => parseExposition(text)).toThrow();
  });
});
