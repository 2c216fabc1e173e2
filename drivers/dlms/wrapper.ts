import { uint16 } from './reader.ts';

// IEC 62056-47, 7.3.3: before each APDU the version 1, the wrapper ports of sender and receiver, and the length.

const HEADER_BYTES = 8;
const VERSION = 1;

export type Packet = { readonly source: number; readonly destination: number; readonly apdu: Buffer };

/** What arrived, cut into packets. `fault`: where the next one begins is not to be known any more. */
export type Unwrapped = { readonly packets: readonly Packet[]; readonly rest: Buffer; readonly fault?: string };

export function wrap({ source, destination, apdu }: Packet): Buffer {
  return Buffer.concat([uint16(VERSION), uint16(source), uint16(destination), uint16(apdu.length), apdu]);
}

/** Cuts a stream into packets; `rest` is to be given again, together with what arrives next. */
export function unwrap(bytes: Buffer): Unwrapped {
  const packets: Packet[] = [];
  let rest = bytes;
  while (rest.length >= 2) {
    const version = rest.readUInt16BE();
    if (version !== VERSION) return { packets, rest, fault: `wrapper version ${version} instead of ${VERSION}` };
    if (rest.length < HEADER_BYTES) break;
    const end = HEADER_BYTES + rest.readUInt16BE(6);
    if (rest.length < end) break;
    const apdu = rest.subarray(HEADER_BYTES, end);
    packets.push({ source: rest.readUInt16BE(2), destination: rest.readUInt16BE(4), apdu });
    rest = rest.subarray(end);
  }
  return { packets, rest };
}
