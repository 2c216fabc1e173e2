import { GatewayError } from '../model/errors.ts';

// Reason codes of MQTT 5 (2.4) and return codes of MQTT 3.1.1 (3.2.2.3), in words that say what to do.

const reasons: Readonly<Record<number, string>> = {
  0x01: 'the broker does not speak this version of MQTT',
  0x02: 'the broker does not accept our client id',
  0x03: 'the broker is not available',
  0x04: 'wrong user name or password',
  0x05: 'not authorised',
  0x80: 'unspecified error',
  0x81: 'the broker finds our packet malformed',
  0x82: 'the broker finds a protocol error',
  0x83: 'the broker has a reason of its own',
  0x84: 'the broker does not speak this version of MQTT',
  0x85: 'the broker does not accept our client id',
  0x86: 'wrong user name or password',
  0x87: 'not authorised',
  0x88: 'the broker is not available',
  0x89: 'the broker is busy',
  0x8a: 'this client is banned',
  0x8b: 'the broker is shutting down',
  0x8c: 'the broker wants another way to authenticate',
  0x8d: 'the broker has not heard from us within the keep-alive',
  0x8e: 'another client has connected with our client id: is a second gateway running with the same gateway.id?',
  0x90: 'the broker does not accept the topic',
  0x93: 'the broker finds too many messages unacknowledged',
  0x95: 'the packet is too large for the broker',
  0x96: 'the broker finds our message rate too high',
  0x97: 'a quota of the broker is exceeded',
  0x98: 'an administrator has closed the connection',
  0x99: 'the broker finds the payload invalid',
  0x9a: 'the broker keeps no retained messages',
  0x9b: 'the broker does not acknowledge messages (QoS 0 only), and nothing could be proven',
  0x9c: 'the broker asks us to use another server',
  0x9d: 'the broker has moved to another server',
  0x9f: 'the broker finds our connection rate too high',
  0xa0: 'the broker limits how long a connection lasts',
};

/** `not authorised (0x87)`. */
export function reasonText(code: number): string {
  return `${reasons[code] ?? 'unknown reason'} (0x${code.toString(16).padStart(2, '0')})`;
}

// About one message: another one may well be accepted.
const MESSAGE_REASONS: readonly number[] = [0x95, 0x99];

/** What a negative acknowledgement means: `message-refused` concerns this message alone, anything else the session. */
export function pubackError(code: number, topic: string): GatewayError {
  const text = `${topic}: ${reasonText(code)}`;
  return new GatewayError(MESSAGE_REASONS.includes(code) ? 'message-refused' : 'destination-refused', text);
}

// Ends that another connection would not change for long: somebody has to do something.
const REFUSALS: readonly number[] = [0x87, 0x8a, 0x8e, 0x97, 0x98, 0x9c, 0x9d, 0x9f];

/** What it means when the broker ends a session; `code` where it gave one. */
export function disconnectError(code: number | undefined, text: string): GatewayError {
  const refused = code !== undefined && REFUSALS.includes(code);
  return new GatewayError(refused ? 'destination-refused' : 'destination-lost', text);
}
