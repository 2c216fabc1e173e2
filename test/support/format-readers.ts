import type { FormatName } from '../../src/config/configuration.ts';
import type { Message } from '../../src/forward/destination.ts';
import { decode, has, numberOf, propertiesOf, valueOf, type DecodedMetric } from './sparkplug-host.ts';

// How a centre reads each format: from the specification, not from our encoders.

export type ReadValue = {
  readonly point: string;
  readonly wall: number;
  readonly value: number | string | boolean | null;
  readonly quality: string;
};

type Reader = (messages: readonly Message[]) => readonly ReadValue[];
type Json = Readonly<Record<string, string | number | boolean | undefined>>;
type Scalar = number | string | boolean;

/** Numbers beyond 2^53 as the text that they have in JSON. */
function parse(payload: Buffer): unknown {
  return JSON.parse(payload.toString().replace(/:(\d{17,})(?=[,}\]])/g, ':"$1"'));
}

/** `power` and, where it was not plainly good, `power<mark>quality`: a value without a quality is good. */
function withQuality(
  values: Readonly<Record<string, Scalar>>,
  mark: string,
  of: { device: string; wall: number },
): ReadValue[] {
  const suffix = `${mark}quality`;
  const names = new Set(
    Object.keys(values).map((name) => (name.endsWith(suffix) ? name.slice(0, -suffix.length) : name)),
  );
  return [...names].map((name) => ({
    point: `${of.device}/${name}`,
    wall: of.wall,
    value: values[name] ?? null,
    quality: String(values[`${name}${suffix}`] ?? 'good').split(' ')[0] ?? '',
  }));
}

const readers: Readonly<Record<FormatName, Reader>> = {
  json: (messages) =>
    messages
      .filter(({ topic }) => topic.endsWith('/live'))
      .flatMap(({ payload }) => (parse(payload) as { readings: Json[] }).readings)
      .map(({ point, time, value, quality }) => ({
        point: String(point),
        wall: Date.parse(String(time)),
        value: value ?? null,
        quality: String(quality),
      })),

  'sparkplug-b': readSparkplug,

  thingsboard: (messages) =>
    messages
      .filter(({ topic }) => topic === 'v1/gateway/telemetry')
      .flatMap(({ payload }) =>
        Object.entries(parse(payload) as Record<string, { ts: number; values: Record<string, Scalar> }[]>),
      )
      .flatMap(([device, records]) =>
        records.flatMap(({ ts, values }) => withQuality(values, '.', { device, wall: ts })),
      ),

  senml: readSenml,

  fiware: (messages) =>
    messages.flatMap(({ topic, payload }) => {
      const device = topic.split('/')[3]?.replace('harbour-07-', '') ?? '';
      return (parse(payload) as Record<string, Scalar>[]).flatMap(({ TimeInstant, ...values }) => {
        const plain = Object.entries(values).map(
          ([name, value]) => [name, typeof value === 'string' ? decodeURIComponent(value) : value] as const,
        );
        return withQuality(Object.fromEntries(plain), '_', { device, wall: Date.parse(String(TimeInstant)) });
      });
    }),

  'opcua-pubsub': (messages) =>
    messages
      .filter(({ topic }) => topic.startsWith('opcua/json/data/'))
      .flatMap(({ payload }) => (parse(payload) as { Messages: DataSetMessage[] }).Messages)
      .flatMap(({ DataSetWriterName, Timestamp, Payload }) =>
        Object.entries(Payload).map(([name, { Value, Status }]) => ({
          point: `${DataSetWriterName}/${name}`,
          wall: Date.parse(Timestamp),
          value: DataSetWriterName === 'meter' && name === 'energy' ? integer(Value) : (Value ?? null),
          quality: Status === undefined ? 'good' : Status.Code >= 0x8000_0000 ? 'bad' : 'uncertain',
        })),
      ),

  custom: (messages) =>
    messages.flatMap(({ payload }) =>
      (parse(payload) as { p: string; t: number; v: Scalar | null; q: string }[]).map(({ p, t, v, q }) => ({
        point: p,
        wall: t,
        value: v,
        quality: q,
      })),
    ),
};

type DataSetMessage = {
  readonly DataSetWriterName: string;
  readonly Timestamp: string;
  readonly Payload: Readonly<Record<string, { Value?: Scalar; Status?: { Code: number } }>>;
};

/** 64-bit integers are texts in OPC UA's JSON. */
function integer(value: Scalar | undefined): number | string | null {
  if (value === undefined) return null;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/** RFC 8428 4.6: records resolved, base values added. */
function readSenml(messages: readonly Message[]): readonly ReadValue[] {
  const resolved = messages
    .filter(({ topic }) => topic.endsWith('/live'))
    .flatMap(({ payload }) => {
      let [baseName, baseTime] = ['', 0];
      return (parse(payload) as Json[]).map((record) => {
        baseName = String(record['bn'] ?? baseName);
        baseTime = Number(record['bt'] ?? baseTime);
        const value = record['v'] ?? record['vs'] ?? record['vb'] ?? null;
        const wall = Math.round((baseTime + Number(record['t'] ?? 0)) * 1000);
        return {
          name: `${baseName}${String(record['n'] ?? '')}`.replace('harbour-07/', ''),
          wall,
          value: value as Scalar,
        };
      });
    });
  const times = Map.groupBy(resolved, ({ name, wall }) => `${name.replace(':quality', '')} ${wall}`);
  return [...times.values()].flatMap((records) => {
    const values = Object.fromEntries(records.map(({ name, value }) => [name.split('/')[1] ?? '', value]));
    const [first] = records;
    return withQuality(values, ':', { device: first?.name.split('/')[0] ?? '', wall: first?.wall ?? NaN });
  });
}

function readSparkplug(messages: readonly Message[]): readonly ReadValue[] {
  const born = new Map<number, { point: string; datatype: number }>();
  const qualities = new Map<number, number>();
  return messages.flatMap(({ topic, payload }) => {
    const [, , type, , device = ''] = topic.split('/');
    const { metrics } = decode(payload);
    if (type === 'DBIRTH') {
      for (const metric of metrics)
        born.set(numberOf(metric.alias), { point: `${device}/${metric.name}`, datatype: metric.datatype ?? 0 });
    }
    if (type !== 'DDATA') return [];
    return metrics.map((metric) => {
      const alias = numberOf(metric.alias);
      const quality = Number(propertiesOf(metric)['Quality'] ?? qualities.get(alias) ?? 192);
      qualities.set(alias, quality);
      const value = sparkplugValue(metric);
      const isBad = value === null;
      return {
        point: born.get(alias)?.point ?? '',
        wall: numberOf(metric.timestamp),
        value,
        quality: isBad ? 'bad' : quality === 192 ? 'good' : 'uncertain',
      };
    });
  });
}

function sparkplugValue(metric: DecodedMetric): ReadValue['value'] {
  if (metric.isNull === true) return null;
  const large = has(metric, 'longValue') ? String(metric.longValue) : undefined;
  if (large !== undefined && !Number.isSafeInteger(Number(large))) return large;
  return valueOf(metric) ?? null;
}

/** The readings that a centre finds in these messages. */
export function valuesIn(format: FormatName, messages: readonly Message[]): readonly ReadValue[] {
  return readers[format](messages);
}
