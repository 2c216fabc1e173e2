import { readdirSync } from 'node:fs';
import type { GatewayError } from '../../src/model/errors.ts';
import type { SerialTarget } from '../../src/wire/serial.ts';
import type { Wire } from '../../src/wire/wire.ts';

/** The port at `path` as most buses are set. */
export function serialTarget(path: string, changes: Partial<SerialTarget> = {}): SerialTarget {
  return { path, baud: 9600, dataBits: 8, parity: 'even', stopBits: 1, timeout: 5_000, ...changes };
}

export type Heard = {
  /** Resolves once the wire is lost. */
  readonly lost: Promise<GatewayError>;
  /** Resolves once that many bytes have arrived in all. */
  untilReceived(count: number): Promise<Buffer>;
};

/** Listens to a wire. */
export function heard(wire: Wire): Heard {
  const lost = Promise.withResolvers<GatewayError>();
  let bytes = Buffer.alloc(0);
  let tell: (() => void) | undefined;
  wire.listen({
    received: (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      tell?.();
    },
    lost: (error) => lost.resolve(error),
  });
  const untilReceived = async (count: number): Promise<Buffer> => {
    while (bytes.length < count) await new Promise<void>((resolve) => (tell = resolve));
    return bytes;
  };
  return { lost: lost.promise, untilReceived };
}

/** Open files of this process. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
