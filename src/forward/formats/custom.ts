import type { CustomOptions } from '../../config/configuration.ts';
import type { Placeholder, Template } from '../../config/template.ts';
import { isoTime } from '../../model/clock.ts';
import type { Message } from '../destination.ts';
import type { Format, FormatSession, GatewayIdentity, SessionFacts } from '../format.ts';
import { packetOverhead } from '../packet-size.ts';
import { asciiJson, NO_VALUE } from './json-text.ts';
import { PieceEncoder, type Piece, type PieceFormat, type SaidReading } from './pieces.ts';
import { silence } from './plain-session.ts';

// Topic and payload by templates of the configuration, for centres with rules of their own.

export const customFormat: Format = {
  delivery: { acknowledgement: 'puback', coverage: 'none', retained: [], births: false },
  session: (facts) => customSession(facts),
};

function customSession({ identity, options }: SessionFacts): FormatSession {
  const { custom } = options;
  if (custom === undefined) throw new TypeError('the configuration let the format custom pass without its templates');
  return {
    ...silence,
    overhead: packetOverhead('x'.repeat(LONGEST_TOPIC), {}),
    encoder: (_lane, lookup, epoch = identity.epoch) =>
      new PieceEncoder(rendered(custom, { ...identity, epoch }), lookup),
  };
}

const LONGEST_TOPIC = 1024; // a template and ids of 64 characters at most

/** How the readings of one topic share a message. */
const joins = {
  none: undefined,
  array: (texts: readonly string[]) => `[${texts.join(',')}]`,
  lines: (texts: readonly string[]) => texts.map((text) => `${text}\n`).join(''),
} as const satisfies Record<CustomOptions['join'], unknown>;

function rendered({ topic, payload, join }: CustomOptions, identity: GatewayIdentity): PieceFormat {
  const joined = joins[join];
  const topicFor = (piece: Piece): string => render(topic, piece.reading, identity);
  return {
    piece: (reading) => render(payload, reading, identity),
    around: joined === undefined ? LONGEST_TOPIC : 3,
    messages: (pieces) =>
      joined === undefined
        ? pieces.map((piece) => message(topicFor(piece), piece.text))
        : [...Map.groupBy(pieces, topicFor)].map(([name, own]) => message(name, joined(own.map(({ text }) => text)))),
  };
}

function message(topic: string, text: string): Message {
  return { topic, payload: Buffer.from(text), qos: 1, retain: false, properties: {} };
}

function render(template: Template, reading: SaidReading, identity: GatewayIdentity): string {
  return template
    .map((part) => (typeof part === 'string' ? part : values[part.placeholder](reading, identity)))
    .join('');
}

type Fill = (reading: SaidReading, identity: GatewayIdentity) => string;

const values: Readonly<Record<Placeholder, Fill>> = {
  gateway: (_, { gateway }) => gateway,
  epoch: (_, { epoch }) => epoch,
  device: ({ definition }) => definition.device,
  name: ({ definition }) => definition.name,
  point: ({ definition }) => definition.id,
  value: ({ value = NO_VALUE }) => value,
  time: ({ wall }) => isoTime(wall),
  milliseconds: ({ wall }) => String(wall),
  seconds: ({ wall }) => (wall / 1000).toFixed(3),
  quality: ({ quality }) => quality,
  reason: ({ reason = '' }) => reason,
  unit: ({ unit = '' }) => quotable(unit),
  quantity: ({ definition }) => definition.quantity ?? '',
  sequence: ({ sequence }) => String(sequence),
};

/** Text as it may stand between the quotes of JSON. */
function quotable(text: string): string {
  return asciiJson(text).slice(1, -1);
}
