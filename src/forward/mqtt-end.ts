import type { Socket } from 'node:net';
import type { MqttClient } from 'mqtt';
import { messageOf } from '../model/errors.ts';
import { reasonText } from './mqtt-reasons.ts';
import { tlsFault } from './transport.ts';

export const LARGEST_INCOMING_PACKET = 64 * 1024; // a command is short: whatever is longer is not meant well

/** How a connection ended, or why it never began; `code` where the broker gave one. */
export type End = { readonly code: number | undefined; readonly text: string };

// What the library says of silence; whatever else it says of itself is about a broken rule.
const silences: Readonly<Record<string, string>> = {
  'Keepalive timeout': 'the broker does not answer any more: nothing came for one and a half keep-alives',
  'connack timeout': 'the broker does not answer',
};

/** Resolves with the first sign of the end. Listens for as long as the client lives: nobody else hears its errors. */
export function endOf(client: MqttClient, socket: Socket): Promise<End> {
  return new Promise((resolve) => {
    let isAccepted = false;
    client.once('connect', () => {
      isAccepted = true;
    });
    client.on('error', (error) => resolve(endBy(error, isAccepted)));
    client.on('disconnect', ({ reasonCode: code = 0 }) => resolve({ code, text: reasonText(code) }));
    client.on('close', () => resolve({ code: undefined, text: 'the broker closed the connection' }));
    // The library collects a packet of any length before it looks at it.
    let unparsed = 0;
    client.on('packetreceive', (packet) => {
      unparsed = 0;
      // Nobody has granted it, and the library would keep each of them until it is released.
      if (packet.cmd !== 'publish' || packet.qos !== 2) return;
      resolve({ code: undefined, text: breach('a message of QoS 2, which was never asked for') });
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => {
      unparsed += chunk.length;
      if (unparsed <= 2 * LARGEST_INCOMING_PACKET) return;
      resolve({ code: undefined, text: 'the broker sends a packet without end' });
      socket.destroy();
    });
  });
}

/** What the library makes of an error: a refusal by the broker, trouble of the line, or, once accepted, its own finding. */
function endBy(error: Error, isAccepted: boolean): End {
  const code = reasonCodeOf(error);
  if (code !== undefined && !isAccepted) return { code, text: reasonText(code) };
  // With TLS 1.3 the broker judges our certificate only after our side of the handshake is over.
  const ofLine = tlsFault(error) ?? ('syscall' in error ? messageOf(error) : undefined);
  return { code: undefined, text: ofLine ?? silences[error.message] ?? breach(messageOf(error)) };
}

function breach(what: string): string {
  return `the broker breaks the rules of MQTT: ${what}`;
}

/** The reason code of MQTT that an error of the library carries, if it does. */
export function reasonCodeOf(error: Error): number | undefined {
  return 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
