/** Characters that frame messages (IEC 62056-21, 6.3). */
const SOH = 0x01;
export const STX = 0x02;
export const ETX = 0x03;
const EOT = 0x04;
const ACK = 0x06;
const NAK = 0x15;

export const ACKNOWLEDGE: Buffer = Buffer.of(ACK);

/** A command of programming mode: `R5`, `P1`, `B0`; with its data, which B0 has none of. */
export function command(name: string, data?: string): Buffer {
  const body = data === undefined ? name : `${name}${String.fromCharCode(STX)}${data}`;
  const framed = Buffer.from(`${String.fromCharCode(SOH)}${body}${String.fromCharCode(ETX)}`, 'latin1');
  return Buffer.concat([framed, Buffer.of(blockCheck(framed, 1))]);
}

/** A message with data as a meter sends it. */
export function dataMessage(text: string, end = ETX): Buffer {
  const framed = Buffer.concat([Buffer.of(STX), Buffer.from(text, 'latin1'), Buffer.of(end)]);
  return Buffer.concat([framed, Buffer.of(blockCheck(framed, 1))]);
}

/** 6.3.14, item 8: of everything behind the first SOH or STX up to the end, that included. */
function blockCheck(bytes: Uint8Array, from: number, to = bytes.length): number {
  let check = 0;
  for (let index = from; index < to; index += 1) check ^= bytes[index] ?? 0;
  return check;
}

/** What a meter sends in one message. */
export type Message =
  | {
      readonly kind: 'data';
      /** What stands before STX, e.g. `P0` of a password request; empty otherwise. */
      readonly command: string;
      readonly text: string;
      /** There is more, which an acknowledgement asks for. */
      readonly isPartial: boolean;
    }
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'refused' }
  /** A message that is whole but for its check. */
  | { readonly kind: 'garbled' };

/** A message, and the bytes up to its end. */
export type FoundMessage = { readonly message: Message; readonly length: number };

const MOST_BYTES = 65_536; // a readout with 15 months of 40 registers has some 30 000

/** The first message in the bytes; undefined while it is not whole. What stands before it is left out. */
export function findMessage(bytes: Buffer): FoundMessage | undefined {
  const start = bytes.findIndex((byte) => byte === SOH || byte === STX || byte === ACK || byte === NAK);
  if (start === -1) return undefined;
  if (bytes[start] === ACK) return { message: { kind: 'acknowledged' }, length: start + 1 };
  if (bytes[start] === NAK) return { message: { kind: 'refused' }, length: start + 1 };
  const end = endOf(bytes, start);
  if (end === -1) {
    return bytes.length > MOST_BYTES ? { message: { kind: 'garbled' }, length: bytes.length } : undefined;
  }
  const check = bytes[end + 1];
  if (check === undefined) return undefined;
  const length = end + 2;
  if (blockCheck(bytes, start + 1, end + 1) !== check) return { message: { kind: 'garbled' }, length };
  const data = bytes.indexOf(STX, start);
  const from = data === -1 || data > end ? end : data;
  return {
    message: {
      kind: 'data',
      command: bytes.toString('latin1', start + 1, Math.max(from, start + 1)),
      text: bytes.toString('latin1', from + 1, Math.max(end, from + 1)),
      isPartial: bytes[end] === EOT,
    },
    length,
  };
}

function endOf(bytes: Buffer, start: number): number {
  const [last, partial] = [bytes.indexOf(ETX, start), bytes.indexOf(EOT, start)];
  return partial === -1 || (last !== -1 && last < partial) ? last : partial;
}
