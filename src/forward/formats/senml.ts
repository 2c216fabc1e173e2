import type { Message } from '../destination.ts';
import type { Format, FormatSession, SessionFacts } from '../format.ts';
import { packetOverhead } from '../packet-size.ts';
import { asciiJson } from './json-text.ts';
import { PieceEncoder, qualityText, type PieceFormat, type SaidReading } from './pieces.ts';
import { silence } from './plain-session.ts';
import { unitName } from './unit-names.ts';

// SenML (RFC 8428) in JSON: one pack a message, one record a reading.

export const senmlFormat: Format = {
  delivery: { acknowledgement: 'puback', coverage: 'none', retained: ['status'], births: false },
  session: (facts) => senmlSession(facts),
};

function senmlSession({ identity: { gateway }, options }: SessionFacts): FormatSession {
  const baseName = options.senml?.baseName ?? `${gateway}/`;
  const topic = `senml/${gateway}`;
  const status = (isOnline: boolean, wall: number | undefined): Message => ({
    topic: `${topic}/status`,
    payload: Buffer.from(
      JSON.stringify([{ bn: baseName, n: 'online', vb: isOnline, ...(wall !== undefined && { t: wall / 1000 }) }]),
    ),
    qos: 1,
    retain: true,
    properties: {},
  });
  return {
    ...silence,
    will: status(false, undefined),
    overhead: packetOverhead(`${topic}/backlog`, {}) + baseName.length,
    introduction: (_points, now) => [status(true, now)],
    farewell: (now) => [status(false, now)],
    encoder: (lane, lookup) => new PieceEncoder(pack(`${topic}/${lane}`, baseName), lookup),
  };
}

function pack(topic: string, baseName: string): PieceFormat {
  const base = `{"bn":${asciiJson(baseName)},`; // in the first record, for all that follow (4.1)
  return {
    piece: records,
    around: 1,
    messages: (pieces) => {
      const [first = '', ...others] = pieces.map(({ text }) => text);
      const payload = Buffer.from(`[${[`${base}${first.slice(1)}`, ...others].join(',')}]`);
      return [{ topic, payload, qos: 1, retain: false, properties: {} }];
    },
  };
}

const valueFields = { number: 'v', large: 'v', boolean: 'vb', text: 'vs' } as const;

/** A record of the value, and one of the quality where that is not good: a record has one value (4.2). */
function records(reading: SaidReading): string {
  const { definition, value, kind, unit, wall, isNews } = reading;
  const time = `"t":${wall / 1000}`;
  const unitText = unitName('senml', unit);
  const number = kind === 'large' ? value?.slice(1, -1) : value; // JSON's numbers have no limit
  const parts = [
    ...(kind === 'none'
      ? []
      : [
          `{"n":${asciiJson(definition.id)},${unitText === undefined ? '' : `"u":${asciiJson(unitText)},`}${time},"${valueFields[kind]}":${number}}`,
        ]),
    ...(isNews
      ? [`{"n":${asciiJson(`${definition.id}:quality`)},${time},"vs":${asciiJson(qualityText(reading))}}`]
      : []),
  ];
  return parts.join(',');
}
