import type { CommandResult } from '../../model/command.ts';
import type { Incoming, Message } from '../destination.ts';
import type { CataloguePoint, Format, FormatSession, Request, SessionFacts } from '../format.ts';
import { packetOverhead } from '../packet-size.ts';
import { asciiJson } from './json-text.ts';
import {
  byDevice,
  frames,
  PieceEncoder,
  qualityText,
  type Piece,
  type PieceFormat,
  type SaidReading,
} from './pieces.ts';
import { silence } from './plain-session.ts';

// The MQTT gateway API of ThingsBoard: devices by their names behind one connection.

const TOPICS = {
  connect: 'v1/gateway/connect',
  disconnect: 'v1/gateway/disconnect',
  telemetry: 'v1/gateway/telemetry',
  attributes: 'v1/gateway/attributes',
  rpc: 'v1/gateway/rpc',
} as const;

export const thingsboardFormat: Format = {
  delivery: { acknowledgement: 'puback', coverage: 'none', retained: [], births: false },
  session: (facts) => thingsboardSession(facts),
};

function thingsboardSession({ presence }: SessionFacts): FormatSession {
  let known: readonly CataloguePoint[] = [];
  return {
    ...silence,
    overhead: packetOverhead(TOPICS.telemetry, {}),
    filters: (points) => (points.some(({ definition }) => definition.write !== undefined) ? [TOPICS.rpc] : []),
    understand: (incoming) => commandsIn(incoming, known),
    introduction: (points) => {
      known = points;
      const devices = Map.groupBy(points, ({ definition }) => definition.device);
      const present = [...devices.keys()].filter((device) => !presence.isLost(device));
      return [...present.map((device) => message('connect', { device })), attributes(devices)];
    },
    result: answerOf,
    presence: (device, isLost) => [message(isLost ? 'disconnect' : 'connect', { device })],
    encoder: (_lane, lookup) => new PieceEncoder(telemetry, lookup),
  };
}

function message(topic: keyof typeof TOPICS, body: object): Message {
  return { topic: TOPICS[topic], payload: Buffer.from(JSON.stringify(body)), qos: 1, retain: false, properties: {} };
}

/** What points mean, as attributes `power.unit` … of their devices. */
function attributes(devices: ReadonlyMap<string, readonly CataloguePoint[]>): Message {
  const body = [...devices].map(([device, points]) => {
    const meanings = points.flatMap(({ definition: { name, unit, quantity, obis } }) =>
      Object.entries({ unit, quantity, obis }).flatMap(([key, value]) =>
        value === undefined ? [] : [[`${name}.${key}`, value] as const],
      ),
    );
    return [device, Object.fromEntries(meanings)] as const;
  });
  return message('attributes', Object.fromEntries(body));
}

const telemetry: PieceFormat = {
  piece: values,
  around: 120, // a device's name, a time and braces
  messages: (pieces) => [
    {
      topic: TOPICS.telemetry,
      payload: Buffer.from(`{${[...byDevice(pieces)].map(([device, own]) => deviceText(device, own)).join(',')}}`),
      qos: 1,
      retain: false,
      properties: {},
    },
  ],
};

function deviceText(device: string, pieces: readonly Piece[]): string {
  const records = frames(pieces).map((frame) => {
    const [first] = frame;
    return `{"ts":${first?.reading.wall ?? 0},"values":{${frame.map(({ text }) => text).join(',')}}}`;
  });
  return `${asciiJson(device)}:[${records.join(',')}]`;
}

/** `"power":230.1`; ThingsBoard has no null and no quality, so both are a text of their own beside it. */
function values(reading: SaidReading): string {
  const { definition, value, kind, isNews } = reading;
  const number = kind === 'large' ? value?.slice(1, -1) : value; // it reads integers of 64 bits
  const parts = [
    ...(number === undefined ? [] : [`${asciiJson(definition.name)}:${number}`]),
    ...(isNews ? [`${asciiJson(`${definition.name}.quality`)}:${asciiJson(qualityText(reading))}`] : []),
  ];
  return parts.join(',');
}

/** A remote procedure call whose method is the name of a point writes it: `{"device":…,"data":{"id":1,"method":…,"params":…}}`. */
function commandsIn({ topic, payload, retained }: Incoming, points: readonly CataloguePoint[]): readonly Request[] {
  const call = callIn(payload);
  if (topic !== TOPICS.rpc || call === undefined) return [];
  const { device, id, method, params } = call;
  const point = points.find(({ definition }) => definition.device === device && definition.name === method);
  if (point === undefined) return [];
  // The platform passes a call on at once or not at all; its numbers count from 0 in each of its sessions.
  const command = { id: `${device}.${id}`, issued: 'arrival', expires: null, target: point.definition.id } as const;
  return [{ kind: 'command', command: { ...command, value: params }, retained }];
}

/** The answer to a call: what became of it, and what the device holds. */
function answerOf({ id, status, reason, value }: CommandResult): readonly Message[] {
  const [, device = '', number = ''] = /^(.+)\.(\d+)$/.exec(id ?? '') ?? [];
  return device === '' ? [] : [message('rpc', { device, id: Number(number), data: { status, reason, value } })];
}

type Call = {
  readonly device: string;
  readonly id: number;
  readonly method: string;
  readonly params: number | string | boolean;
};

function callIn(payload: Buffer): Call | undefined {
  try {
    const { device, data } = JSON.parse(payload.toString());
    const { id, method, params } = data;
    const isCall = typeof device === 'string' && typeof method === 'string' && Number.isSafeInteger(id) && id >= 0;
    return isCall && ['number', 'string', 'boolean'].includes(typeof params)
      ? { device, id, method, params }
      : undefined;
  } catch {
    return undefined; // no call
  }
}
