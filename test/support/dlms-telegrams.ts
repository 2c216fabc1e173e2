import { createCipheriv } from 'node:crypto';
import { encodeGeneral, generalTags, seal, type Keys } from '../../drivers/dlms/ciphering.ts';
import type { Data } from '../../drivers/dlms/data.ts';
import { encodeFrame } from '../../drivers/dlms/hdlc-frame.ts';
import { encodeFrame as encodeMbusFrame } from '../../drivers/mbus/frame.ts';
import { nameBytes } from '../../drivers/dlms/logical-name.ts';
import { encodeNotification } from '../../drivers/dlms/notification.ts';

// Telegrams composed from the rules of IEC 62056-53 and -62, as meters push them.

export const KEYS: Keys = {
  encryption: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
  authentication: Buffer.from('ffeeddccbbaa99887766554433221100', 'hex'),
};
export const TITLE = Buffer.from('5749520000000001', 'hex');

export function structure(...items: readonly Data[]): Data {
  return { type: 'structure', items };
}

export function name(code: string): Data {
  return { type: 'octets', bytes: nameBytes(code) };
}

export function uint32(value: number): Data {
  return { type: 'uint32', value };
}

export function scale(scaler: number, unit: number): Data {
  return structure({ type: 'int8', value: scaler }, { type: 'enum', value: unit });
}

export function telegram(body: Data, time?: Buffer): Buffer {
  return encodeNotification({ invoke: 1, time, body });
}

/** Import of so many watt-hours, which says so by itself. */
export function importing(wattHours: number): Data {
  return { type: 'array', items: [structure(name('1-0:1.8.0'), uint32(wattHours), scale(0, 30))] };
}

export function encrypted(plain: Buffer, counter: number, keys = KEYS, title = TITLE): Buffer {
  return encodeGeneral(generalTags.global, title, seal(plain, { keys, title, counter }));
}

/** Encrypted without a tag, as some meters of Austria do: security control 0x20. */
export function unauthenticated(plain: Buffer, counter: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(counter);
  const cipher = createCipheriv('aes-128-gcm', KEYS.encryption, Buffer.concat([TITLE, number]));
  return encodeGeneral(generalTags.global, TITLE, Buffer.concat([Buffer.of(0x20), number, cipher.update(plain)]));
}

/** An APDU in frames of HDLC with at most `size` bytes of it each. */
export function inFrames(apdu: Buffer, size = 2_000): readonly Buffer[] {
  const information = Buffer.concat([Buffer.of(0xe6, 0xe7, 0x00), apdu]);
  const frames: Buffer[] = [];
  for (let at = 0; at < information.length; at += size) {
    frames.push(
      encodeFrame({
        destination: Buffer.of(0x03),
        source: Buffer.of(0x03),
        control: 0x13,
        segmented: at + size < information.length,
        information: information.subarray(at, at + size),
      }),
    );
  }
  return frames;
}

/** An APDU in segments of M-Bus with at most `size` bytes of it each. */
export function inSegments(apdu: Buffer, size = 240): readonly Buffer[] {
  const count = Math.ceil(apdu.length / size);
  return Array.from({ length: count }, (_, index) =>
    encodeMbusFrame({
      kind: 'long',
      control: 0x53,
      address: 0xff,
      information: (index & 0x0f) | (index === count - 1 ? 0x10 : 0),
      data: Buffer.concat([Buffer.of(0x01, 0x67), apdu.subarray(index * size, (index + 1) * size)]),
    }),
  );
}
