import { parseObis, type Obis } from '../../src/model/obis.ts';
import { encodeFile, type SentEntry } from '../../drivers/sml/encode.ts';
import type { Checksum } from '../../drivers/sml/framer.ts';

export const SERVER = Buffer.from('0a01574952000000002a', 'hex');

export function obis(code: string): Obis {
  const parsed = parseObis(code);
  if (parsed === undefined) throw new TypeError(`${code} is no OBIS code`);
  return parsed;
}

/** What a meter sends that has counted `energy` tenths of a watt-hour, at `power` watts. */
export function smlFile(
  { energy, power }: { readonly energy: bigint; readonly power: number },
  more: readonly SentEntry[] = [],
  { server = SERVER, checksum }: { readonly server?: Buffer; readonly checksum?: Checksum } = {},
): Buffer {
  const entries: readonly SentEntry[] = [
    { obis: obis('1-0:96.1.0'), value: { kind: 'octets', bytes: server } },
    { obis: obis('1-0:1.8.0'), status: 0x182, unit: 30, scaler: -1, value: integer(energy, 8) },
    { obis: obis('1-0:16.7.0'), unit: 27, scaler: 0, value: integer(BigInt(power), 4) },
    ...more,
  ];
  return encodeFile({ server, index: 1_234, entries }, checksum);
}

/** With one bit of that byte the other way round. */
export function flipped(bytes: Buffer, place: number, bit = 0): Buffer {
  const spoilt = Buffer.from(bytes);
  spoilt.writeUInt8(spoilt.readUInt8(place) ^ (1 << bit), place);
  return spoilt;
}

function integer(value: bigint, size: number): SentEntry['value'] {
  return { kind: 'integer', value, signed: true, size };
}
