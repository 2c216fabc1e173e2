import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../config/configuration.ts';
import type { Message } from './destination.ts';
import type { FormatSession } from './format.ts';

// Shorter than this a message gains nothing that its link would notice.
const SHORTEST = 512; // bytes

const compressors: Readonly<Record<Exclude<Compression, 'none'>, (payload: Buffer) => Buffer>> = {
  // Its quickest levels: readings repeat so much that the others gain a few per cent for many times the work.
  zstd: (payload) => zstdCompressSync(payload, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  gzip: (payload) => gzipSync(payload, { level: 1 }),
};

/**
 * The same session, its data compressed where that makes it shorter. What is said about the gateway stays readable. A
 * receiver knows a compressed payload by its first bytes, and in MQTT 5 by the user property `encoding`.
 */
export function compressing(session: FormatSession, compression: Compression): FormatSession {
  if (compression === 'none') return session;
  const compress = compressors[compression];
  const shorter = (message: Message): Message => {
    if (message.payload.length < SHORTEST) return message;
    const payload = compress(message.payload);
    if (payload.length >= message.payload.length) return message;
    return { ...message, payload, properties: { ...message.properties, encoding: compression } };
  };
  return wrapped(session, shorter, ENCODING.length + compression.length + USER_PROPERTY);
}

const ENCODING = 'encoding';
const USER_PROPERTY = 5; // bytes around its two texts

function wrapped(session: FormatSession, change: (message: Message) => Message, overhead: number): FormatSession {
  return {
    will: session.will,
    leavesWithWill: session.leavesWithWill,
    mayBeDeaf: session.mayBeDeaf,
    overhead: session.overhead + overhead,
    get isWaiting() {
      return session.isWaiting;
    },
    filters: (points) => session.filters(points),
    understand: (incoming) => session.understand(incoming),
    introduction: (points, now) => session.introduction(points, now),
    presence: (device, isLost, now) => session.presence(device, isLost, now),
    loss: (...loss) => session.loss(...loss),
    correction: (...record) => session.correction(...record),
    health: (health, now) => session.health(health, now),
    result: (result) => session.result(result),
    farewell: (now) => session.farewell(now),
    encoder: (...readings) => {
      const encoder = session.encoder(...readings);
      return {
        get count() {
          return encoder.count;
        },
        get newest() {
          return encoder.newest;
        },
        add: (batch, from, to, limits) => encoder.add(batch, from, to, limits),
        finish: (envelope) => encoder.finish(envelope).map(change),
      };
    },
  };
}
