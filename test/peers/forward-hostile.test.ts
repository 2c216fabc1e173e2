import { expect, test } from 'vitest';
import { BookingBroker } from '../support/booking-broker.ts';
import { BrokerFarEnd, type BrokerConnection } from '../support/broker-far-end.ts';
import { expectLedger } from '../support/delivered.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';

// A whole forwarder against a broker that means harm; the ledger of what it acknowledged is that of a centre.

/** A PUBLISH (MQTT 5 3.3) for the topic `x`; `head` is its first byte. */
function publication(head: number, id: number, payload: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from([0, 1, 0x78, id >> 8, id & 0xff, 0]), payload]);
  const length = [(body.length & 0x7f) | 0x80, ((body.length >> 7) & 0x7f) | 0x80, body.length >> 14];
  return Buffer.concat([Buffer.from([head, ...length]), body]);
}

type Attack = readonly [name: string, attack: (client: BrokerConnection) => void, words: RegExp];

const ending: readonly Attack[] = [
  [
    'garbage',
    (client) => client.send([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    /breaks the rules of MQTT: Invalid header/,
  ],
  ['a second CONNACK', (client) => client.connack(), /breaks the rules of MQTT: .*duplicate CONNACK/],
  [
    'an alias that was never agreed',
    (client) => client.send([0x30, 7, 0, 0, 3, 0x23, 0, 1, 0x78]),
    /breaks the rules of MQTT: .*Topic Alias/,
  ],
  [
    'QoS 2',
    (client) => client.socket.write(publication(0x34, 1, Buffer.alloc(60_000))),
    /QoS 2, which was never asked/,
  ],
  ['QoS 3', (client) => client.socket.write(publication(0x36, 1, Buffer.alloc(10))), /rules of MQTT: .*both QoS bits/],
  [
    'a packet beyond the maximum we named',
    (client) => client.socket.write(publication(0x32, 1, Buffer.alloc(70_000))),
    /maximumPacketSize/,
  ],
  [
    '256 MB',
    (client) =>
      client.socket.write(Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(1 << 20)])),
    /a packet without end/,
  ],
  ['AUTH', (client) => client.send([0xf0, 2, 0x18, 0]), /rules of MQTT: .*authentication was not requested/],
  ['PUBREC', (client) => client.send([0x50, 2, 0, 1]), /no acknowledgement within/],
  ['a DISCONNECT', (client) => client.disconnect(0x80), /unspecified error \(0x80\)/],
  ['a quota', (client) => client.disconnect(0x97), /a quota of the broker is exceeded/],
  ['a reset', (client) => client.socket.resetAndDestroy(), /ECONNRESET/],
  ['the end, without a word', (client) => client.socket.end(), /the broker closed the connection/],
  ['silence', () => undefined, /no acknowledgement within/],
];

const ignored: readonly (readonly [name: string, attack: (client: BrokerConnection) => void])[] = [
  ['a topic that is not UTF-8', (client) => client.send([0x30, 4, 0, 1, 0xff, 0])],
  ['a CONNECT', (client) => client.send([0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 0, 0, 0, 0, 0, 0])],
  ['a SUBSCRIBE', (client) => client.send([0x82, 7, 0, 1, 0, 0, 1, 0x78, 0])],
  ['a PINGREQ', (client) => client.send([0xc0, 0])],
  ['a PINGRESP that answers nothing', (client) => client.send([0xd0, 0])],
  ['acknowledgements of what was never sent', (client) => [9, 60_000].forEach((id) => client.puback(id))],
  ['SUBACK and UNSUBACK of nothing', (client) => client.send([0x90, 4, 0, 9, 0, 0, 0xb0, 4, 0, 9, 0, 0])],
  ['PUBREL and PUBCOMP of nothing', (client) => client.send([0x62, 2, 0, 9, 0x70, 2, 0, 9])],
  [
    'a thousand messages that nobody subscribed to',
    (client) => {
      for (let id = 1; id <= 1000; id += 1) client.socket.write(publication(0x32, id, Buffer.alloc(1000)));
    },
  ],
];

test.each(ignored)('%s of a hostile broker: the session goes on, and everything arrives', async (_, attack) => {
  const booking = new BookingBroker();
  await using broker = await new BrokerFarEnd({
    publish: (client, message) => {
      if (message.topic.endsWith('/live')) attack(client);
      booking.publish(client, message);
    },
  }).listen();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url)]);
  for (let commit = 0; commit < 5; commit += 1) await forwarding.record(20);
  await booking.untilCovered(100);
  await expectLedger(booking, forwarding.journal);
  expect(booking.report().repeats).toBe(0);
  expect(forwarding.told.map(({ event }) => event)).toEqual(['destination-up']);
});

test('each attack of a hostile broker ends its session under a name, and everything arrives in the end', async () => {
  const booking = new BookingBroker();
  const begun = new Set<BrokerConnection>();
  await using broker = await new BrokerFarEnd({
    publish: (client, message) => {
      const isFirst = !begun.has(client);
      begun.add(client);
      if (begun.size > ending.length) booking.publish(client, message);
      else if (isFirst) ending[begun.size - 1]?.[1](client);
    },
  }).listen();
  await using forwarding = await openForwarding();
  await forwarding.deliver([destinationAt(broker.url, { timeout: 1000 })]);
  for (const [index, [name, , words]] of ending.entries()) {
    await forwarding.record(100);
    const { error } = await forwarding.reported('destination-lost', index + 1);
    expect(error, name).toMatch(words);
  }
  await forwarding.record(100);
  await booking.untilCovered(forwarding.journal.last);
  await expectLedger(booking, forwarding.journal);
  const told = ending.flatMap(() => ['destination-up', 'destination-lost']);
  expect(forwarding.told.map(({ event }) => event)).toEqual([...told, 'destination-up']);
});
