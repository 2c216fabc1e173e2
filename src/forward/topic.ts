import { createHash } from 'node:crypto';

export type TopicName =
  | 'status'
  | 'catalogue'
  | 'live'
  | 'backlog'
  | 'gap'
  | 'correction'
  | 'health'
  | 'command'
  | 'result'
  | 'test';

/** `weir/1/harbour-07/live`: product, version of the format, gateway, what it is. */
export function topicOf(gateway: string, name: TopicName): string {
  return `weir/1/${gateway}/${name}`;
}

const LONGEST_CLIENT_ID = 65; // what brokers with a limit take at least, as far as we know

/** The same for every connection of this gateway to this destination, so that a broker ends the older of two. */
export function clientIdOf(gateway: string, destination: string): string {
  const id = `weir-${gateway}-${destination}`;
  if (id.length <= LONGEST_CLIENT_ID) return id;
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 12);
  return `${id.slice(0, LONGEST_CLIENT_ID - digest.length - 1)}-${digest}`;
}
