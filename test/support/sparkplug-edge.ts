import { destinationAt, type Forwarding } from './forwarding.ts';
import type { DestinationSettings } from '../../src/config/configuration.ts';
import type { PointDefinition } from '../../src/model/point.ts';
import { numberOf, type DecodedMetric, type SparkplugHost, type SparkplugMessage } from './sparkplug-host.ts';

// A forwarder as an edge node of the group `city`, and how to look at what it said.

export const common = { kind: 'gauge', class: 'normal', labels: {} } as const;

/** Two devices; the second can be written. */
export const points: readonly PointDefinition[] = [
  { ...common, id: 'meter/power', device: 'meter', name: 'power', type: 'float64', unit: 'W' },
  { ...common, id: 'meter/energy', device: 'meter', name: 'energy', type: 'float64' },
  { ...common, id: 'meter/serial', device: 'meter', name: 'serial', type: 'string' },
  {
    ...common,
    id: 'boiler/setpoint',
    device: 'boiler',
    name: 'setpoint',
    type: 'int16',
    unit: 'Cel',
    write: { max: 80 },
  },
  { ...common, id: 'boiler/on', device: 'boiler', name: 'on', type: 'bool', write: {} },
];
export const [POWER, SERIAL, SETPOINT, ON] = [0, 2, 3, 4];

const sparkplug = { group: 'city' };
/** Of an edge node that waits for its host application. */
export const waiting = { sparkplug: { ...sparkplug, primaryHost: 'scada' } };

export function sparkplugTo(host: SparkplugHost, changes: Partial<DestinationSettings> = {}): DestinationSettings {
  return destinationAt(host.url, { format: 'sparkplug-b', options: { sparkplug }, ...changes });
}

/** Resolves once both devices are born. */
export async function born(host: SparkplugHost, forwarding: Forwarding, changes: Partial<DestinationSettings> = {}) {
  await forwarding.deliver([sparkplugTo(host, changes)]);
  await host.until(() => host.of('DBIRTH').length === 2);
}

export function only<T>(items: readonly T[]): T {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) throw new Error(`${items.length} instead of one`);
  return item;
}

export function metricsOf(messages: readonly SparkplugMessage[]): readonly DecodedMetric[] {
  return messages.flatMap(({ payload }) => payload.metrics);
}

export function byName(message: SparkplugMessage, name: string): DecodedMetric {
  return only(message.payload.metrics.filter((metric) => metric.name === name));
}

export function bdSeqOf(message: SparkplugMessage): number {
  return numberOf(byName(message, 'bdSeq').longValue);
}

/** Sequence numbers of everything that one connection sent, but its death. */
export function sequences(host: SparkplugHost, connection = 0): number[] {
  const sent = host.messages.filter((message) => message.connection === connection && message.type !== 'NDEATH');
  return sent.map(({ payload }) => numberOf(payload.seq));
}

export function counting(length: number): number[] {
  return Array.from({ length }, (_, index) => index % 256);
}

/** Whether two instants are those of one test. */
export function isNow(time: DecodedMetric['timestamp']): boolean {
  return Math.abs(numberOf(time) - Date.now()) < 60_000;
}
