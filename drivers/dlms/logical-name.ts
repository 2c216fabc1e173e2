import { formatObis, obisOfBytes, parseObis, type Obis } from '../../src/model/obis.ts';
import { malformed } from './reader.ts';

/** The code of six bytes as it is written: `1-0:1.8.0`. Throws `answer-malformed` for any other number of bytes. */
export function formatName(bytes: Buffer): string {
  const obis = obisOfBytes(bytes);
  if (obis === undefined) throw malformed(`a logical name of ${bytes.length} bytes`);
  return formatObis(obis);
}

// As the books on COSEM write it.
const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** `1-0:1.8.0` as well as `1.0.1.8.0.255`; undefined where it is no code. */
export function parseName(text: string): Obis | undefined {
  const [, ...groups] = DOTTED.exec(text) ?? [];
  if (groups.length === 0) return parseObis(text);
  return groups.every((group) => Number(group) <= 255) ? obisOfBytes(Buffer.from(groups.map(Number))) : undefined;
}

/** The bytes of a name that was parsed before. */
export function nameBytes(name: string): Buffer {
  const obis = parseObis(name);
  if (obis === undefined) throw new TypeError(`${name} is no logical name`);
  const { a, b, c, d, e, f } = obis;
  return Buffer.of(a, b, c, d, e, f);
}
