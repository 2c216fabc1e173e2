import { connectAsync, type MqttClient } from 'mqtt';
import type { DataMessage } from '../../src/centre/message.ts';
import type { Range } from '../../src/model/ranges.ts';
import { payloadOf } from './centre-messages.ts';

/** What gateways say to a broker; sent again by itself after an outage. */
export async function publisher(url: string): Promise<MqttClient & AsyncDisposable> {
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 50 });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.endAsync(true) });
}

/** Resolves once the broker has it. */
export function publish(client: MqttClient, message: DataMessage): Promise<unknown> {
  return client.publishAsync(`weir/1/${message.gateway}/${message.lane}`, payloadOf(message), { qos: 1 });
}

/** `after…upto` in ranges of a hundred. */
export function hundreds(after: number, upto: number): Range[] {
  return Array.from({ length: (upto - after) / 100 }, (_, index) => ({
    after: after + index * 100,
    upto: after + (index + 1) * 100,
  }));
}
