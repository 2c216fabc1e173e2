import { describe, expect, test } from 'vitest';
import type { TakeCommand } from '../../src/model/command.ts';
import { openForwarding } from '../support/forwarding.ts';
import {
  points,
  POWER,
  ON,
  waiting,
  sparkplugTo,
  born,
  only,
  metricsOf,
  byName,
  bdSeqOf,
  sequences,
  counting,
  isNow,
} from '../support/sparkplug-edge.ts';
import { has, numberOf, propertiesOf, SparkplugHost, valueOf } from '../support/sparkplug-host.ts';

// A whole forwarder as a Sparkplug edge node, against a broker of bytes whose payloads an independent decoder reads.
// test/sparkplug/statements.txt names these tests as the proofs of the specification's statements.

function online(timestamp: number): string {
  return JSON.stringify({ online: true, timestamp });
}

function offline(timestamp: number): string {
  return JSON.stringify({ online: false, timestamp });
}

describe('a device', () => {
  test('that is lost dies at once, and is born again when it is back', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    forwarding.presence.note('device', 'meter', true);
    await host.until(() => host.of('DDEATH').length === 1);
    await forwarding.commit([{ point: POWER, value: null, quality: 'bad', reason: 'no-answer' }]);
    await forwarding.commit([{ point: ON, value: true }]);
    await host.until(() => metricsOf(host.of('DDATA')).length === 1);
    forwarding.presence.note('device', 'meter', false);
    await host.until(() => host.of('DBIRTH', 'meter').length === 2);
    const death = only(host.of('DDEATH'));
    expect(death).toMatchObject({ topic: 'spBv1.0/city/DDEATH/harbour-07/meter', qos: 0, retain: false });
    expect(isNow(death.payload.timestamp)).toBe(true);
    const numbers = sequences(host);
    expect(numbers).toEqual(counting(numbers.length));
    expect(only(host.of('DDATA')).device).toBe('boiler'); // that the meter is silent was said by its death
    const [reborn] = host.of('DBIRTH', 'meter').slice(-1);
    expect(reborn === undefined ? {} : propertiesOf(byName(reborn, 'power'))).toMatchObject({ Quality: 500 });
  });

  test('that is lost before the session is not born, and what it had measured is told between a birth and a death', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await forwarding.commit([{ point: POWER, value: 5 }]);
    forwarding.presence.note('device', 'meter', true);
    await forwarding.deliver([sparkplugTo(host)]);
    await host.until(() => host.of('DDEATH').length === 1);
    const told = host.messages
      .filter(({ type }) => type !== 'NDATA')
      .map(({ type, device }) => `${type} ${device ?? ''}`);
    expect(told).toEqual(['NBIRTH ', 'DBIRTH boiler', 'DBIRTH meter', 'DDATA meter', 'DDEATH meter']);
  });

  test('dies with its connection', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    forwarding.presence.note('connection', 'bus', true);
    await host.until(() => host.of('DDEATH').length === 2);
    forwarding.presence.note('connection', 'bus', false);
    await host.until(() => host.of('DBIRTH').length === 4);
  });
});

describe('a request for a rebirth', () => {
  test('stops the data, and brings all births anew with the number of the connection', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    await forwarding.commit([{ point: POWER, value: 7 }]);
    await host.until(() => host.of('DDATA').length === 1);
    const before = host.messages.length;
    host.rebirth();
    await host.until(() => host.of('DBIRTH').length === 4);
    const again = host.messages.slice(before);
    expect(again.map(({ type }) => type)).toEqual(['NBIRTH', 'DBIRTH', 'DBIRTH']);
    expect(again.map(({ payload }) => numberOf(payload.seq))).toEqual([0, 1, 2]);
    expect(host.of('NBIRTH').map(bdSeqOf)).toEqual([0, 0]);
    expect(metricsOf(again).some((metric) => metric.doubleValue === 7)).toBe(true);
  });

  test('is answered once a second at most, and not when the broker had kept it', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    const asked = [{ name: 'Node Control/Rebirth', timestamp: 1, datatype: 11, booleanValue: true }];
    host.command(asked, undefined, { retain: true });
    for (let flood = 0; flood < 100; flood += 1) host.rebirth();
    await host.until(() => host.of('NBIRTH').length === 2);
    for (let flood = 0; flood < 100; flood += 1) host.rebirth();
    await forwarding.commit([{ point: POWER, value: 7 }]);
    await host.until(() => host.of('DDATA').length === 1);
    expect(host.of('NBIRTH').length).toBe(2);
  });
});

describe('a request for readings once more', () => {
  const commands = { points: [], perMinute: 30, validity: 300_000, replay: { perHour: 60 } };
  const HOUR = '2026-11-22T08:00:00Z/2026-11-22T09:00:00Z';

  test('is announced in the birth where it is allowed, and handed on as a command', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    const taken: Parameters<TakeCommand>[0][] = [];
    await forwarding.deliver([sparkplugTo(host, { commands })], { command: (command) => void taken.push(command) });
    await host.until(() => host.of('DBIRTH').length === 2);
    expect(byName(only(host.of('NBIRTH')), 'Node Control/Replay')).toMatchObject({ datatype: 12, stringValue: '' });
    for (const value of ['', 'yesterday', '2026-11-22T09:00:00Z/2026-11-22T08:00:00Z', HOUR]) {
      host.command([{ name: 'Node Control/Replay', timestamp: 1234, datatype: 12, stringValue: value }]);
    }
    host.rebirth();
    await host.until(() => host.of('NBIRTH').length === 2);
    const [from, to] = HOUR.split('/').map((time) => Date.parse(time));
    expect(taken).toEqual([
      {
        id: null,
        issued: 1234,
        expires: null,
        target: 'replay',
        value: '2026-11-22T08:00:00.000Z/2026-11-22T09:00:00.000Z',
        request: { kind: 'replay', epoch: null, span: { from, to } },
      },
    ]);
  });

  test('brings them as history', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding, { commands });
    await forwarding.commit([{ point: POWER, value: 7 }]);
    await host.until(() => host.of('DDATA').length === 1);
    // What is on its way is not sent twice.
    await expect.poll(() => forwarding.status().pending).toBe(0);
    const [forwarder] = forwarding.forwarders;
    await forwarder?.rewind({ ranges: [{ after: 0, upto: 1 }] });
    await host.until(() => host.of('DDATA').length === 2);
    const [first, again] = metricsOf(host.of('DDATA'));
    expect([first?.isHistorical ?? false, again?.isHistorical, again?.doubleValue]).toEqual([false, true, 7]);
  });
});

describe('commands', () => {
  test('to write a point are handed on with value, time and whether the broker had kept them', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    const commands: Parameters<TakeCommand>[] = [];
    await forwarding.deliver([sparkplugTo(host)], { command: (...taken) => void commands.push(taken) });
    await host.until(() => host.of('DBIRTH').length === 2);
    const [boiler] = host.of('DBIRTH', 'boiler');
    const { alias } = boiler === undefined ? {} : byName(boiler, 'setpoint');
    host.command([{ alias, timestamp: 1234, intValue: 2 ** 32 - 5 }], 'boiler');
    host.command([{ name: 'on', datatype: 11, booleanValue: true }], 'boiler', { retain: true });
    host.command([{ name: 'nothing', datatype: 11, booleanValue: true }], 'boiler');
    host.client.deliver('spBv1.0/city/DCMD/harbour-07/boiler', Buffer.from([0xff, 0xff, 0xff]));
    host.rebirth();
    await host.until(() => host.of('NBIRTH').length === 2);
    const destination = 'centre';
    expect(commands).toEqual([
      [
        { id: null, issued: 1234, expires: null, target: 'boiler/setpoint', value: -5 },
        { destination, retained: false },
      ],
      [
        { id: null, issued: 1, expires: null, target: 'boiler/on', value: true },
        { destination, retained: true },
      ],
    ]);
  });
});

describe('the end of a session', () => {
  test('in good order: NDEATH with the number of the birth, then DISCONNECT with will', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    await forwarding.stop();
    const death = host.messages.at(-1);
    expect(death).toMatchObject({ type: 'NDEATH', topic: 'spBv1.0/city/NDEATH/harbour-07', retain: false });
    if (death === undefined) throw new Error('there is a death');
    expect(has(death.payload, 'seq')).toBe(false);
    expect(only(death.payload.metrics).name).toBe('bdSeq');
    expect(bdSeqOf(death)).toBe(bdSeqOf(only(host.of('NBIRTH'))));
    expect(host.client.goodbye).toBe(4);
  });

  test('in MQTT 3.1.1: NDEATH before the DISCONNECT', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding, { protocol: '3.1.1' });
    await forwarding.stop();
    expect(host.messages.at(-1)?.type).toBe('NDEATH');
    expect(host.client.goodbye).toBe(0);
  });

  test('when the connection is lost: what nobody acknowledged for two keep-alives is sent again, as history', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await born(host, forwarding);
    await forwarding.record(500, 100);
    await host.until(() => metricsOf(host.of('DDATA')).length === 500);
    host.client.socket.destroy();
    await host.until(() => metricsOf(host.of('DDATA')).length === 1000);
    const again = metricsOf(host.of('DDATA')).slice(500);
    expect(again.every(({ isHistorical }) => isHistorical === true)).toBe(true);
    expect(new Set(again.map(valueOf)).size).toBe(500);
  });
});

describe('a primary host application', () => {
  test('is waited for: only its own STATE, online, in JSON, opens the session', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    await forwarding.deliver([sparkplugTo(host, { options: waiting })]);
    await host.until(() => host.subscriptions.length === 3);
    expect(host.subscriptions).toContain('spBv1.0/STATE/scada 1');
    host.say(online(5), 'another');
    host.say('not JSON');
    host.say('{"online":"yes","timestamp":5}');
    host.say(offline(5));
    host.say(online(4)); // older than what was said last
    await forwarding.reported('destination-up');
    await forwarding.record(10);
    expect(forwarding.status().error).toBe('waits for its primary host application');
    expect(host.messages).toEqual([]);
    host.say(online(5));
    await host.until(() => host.of('DBIRTH').length === 2 && metricsOf(host.of('DDATA')).length === 10);
    expect(host.messages[0]?.type).toBe('NBIRTH');
    expect(forwarding.status().error).toBeNull();
  });

  test('that goes offline ends the session with NDEATH at once, and the next begins when it is back', async () => {
    await using host = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    host.state = { host: 'scada', payload: online(5) };
    await born(host, forwarding, { options: waiting });
    host.say(offline(4)); // of an earlier session of the host
    await forwarding.commit([{ point: POWER, value: 1 }]);
    await host.until(() => metricsOf(host.of('DDATA')).length === 1);
    host.state = { host: 'scada', payload: offline(6) };
    host.say(offline(6));
    await host.until(() => host.connections.length === 2);
    expect(host.messages.filter(({ connection }) => connection === 0).at(-1)?.type).toBe('NDEATH');
    expect(await forwarding.reported('destination-lost')).toMatchObject({ error: expect.stringContaining('offline') });
    await host.until(() => host.subscriptions.filter((each) => each.includes('STATE')).length === 2);
    expect(host.of('NBIRTH').length).toBe(1);
    host.say(online(7));
    await host.until(() => host.of('NBIRTH').length === 2);
    expect(host.of('NBIRTH').map(bdSeqOf)).toEqual([0, 1]);
  });

  test('that is offline at one broker is looked for at the next, never at two at once', async () => {
    await using first = await new SparkplugHost().listen();
    await using second = await new SparkplugHost().listen();
    await using forwarding = await openForwarding({ points });
    first.state = { host: 'scada', payload: offline(5) };
    second.state = { host: 'scada', payload: online(3) };
    await forwarding.deliver([sparkplugTo(first, { options: waiting, failover: [second.url] })]);
    await second.until(() => second.of('DBIRTH').length === 2);
    expect(first.messages).toEqual([]);
    expect(first.client.goodbye).toBe(4);
    first.state = { host: 'scada', payload: online(9) };
    second.say(offline(8));
    await first.until(() => first.of('DBIRTH').length === 2);
    expect(second.messages.at(-1)?.type).toBe('NDEATH');
    expect(second.client.goodbye).toBe(4);
  });
});
