import type { Order } from './address.ts';

const ARRANGE = {
  ABCD: (bytes) => bytes,
  BADC: (bytes) => bytes.swap16(),
  DCBA: (bytes) => bytes.reverse(),
  CDAB: (bytes) => bytes.reverse().swap16(),
} as const satisfies Record<Order, (bytes: Buffer) => Buffer>;

/** Turns bytes as sent into big-endian ones, in place; its own inverse, so it serves for writing too. */
export function arrange(bytes: Buffer, order: Order): Buffer {
  return ARRANGE[order](bytes);
}

/** The same for text: bytes may be swapped within each register, but the registers keep their sequence. */
export function arrangeText(bytes: Buffer, order: Order): Buffer {
  return order === 'BADC' || order === 'DCBA' ? bytes.swap16() : bytes;
}
