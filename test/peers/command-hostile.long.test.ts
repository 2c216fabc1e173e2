import mqtt from 'mqtt';
import { expect } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import type { RejectReason } from '../../src/model/command.ts';
import type { GatewayStatus } from '../../src/model/status.ts';
import { openEntry, type AuditEntry } from '../../src/ops/audit/entry.ts';
import { readLines } from '../../src/ops/audit/files.ts';
import { verifyLines } from '../../src/ops/audit/verify.ts';
import { startCommissionedMeter, type CommissionedMeter } from '../support/commissioned-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { brokerAt, runningCentre } from '../support/running-centre.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Test 55: whoever may publish on the command topic does his worst, over a real broker, with a real device behind.

const TOPIC = 'weir/1/test/command';
const HOSTILE = 10_000;
const RETAINED = 2; // kept before the gateway came, and while it listened
const PER_SECOND = 1000;
const FLOOD = 1000; // as they should be, but for their number
const RATE = 120; // a minute

const points = {
  setpoint: { read: 'holding 120', type: 'int16', scale: 0.1, unit: 'Cel', write: { min: 5, max: 60 } },
  limited: { read: 'holding 121', type: 'int16', write: {} },
};

const at = (offset: number): string => new Date(Date.now() + offset).toISOString();

function command(changes: object): string {
  const times = { issued: at(0), expires: at(60_000) };
  return JSON.stringify({ id: crypto.randomUUID(), ...times, target: 'boiler/setpoint', value: 59, ...changes });
}

type Kind = { readonly reason: RejectReason; readonly send: () => string | Buffer };

/** Everything that must not be done, in turn, and why it is not; `replayed` was done once. */
function hostile(replayed: string): readonly Kind[] {
  return [
    { reason: 'replayed', send: () => replayed },
    { reason: 'expired', send: () => command({ issued: at(-120_000), expires: at(-60_000) }) },
    { reason: 'from-the-future', send: () => command({ issued: at(3_600_000), expires: at(3_660_000) }) },
    { reason: 'valid-too-long', send: () => command({ expires: at(86_400_000) }) },
    { reason: 'malformed', send: () => `${'['.repeat(2000)}${']'.repeat(2000)}` },
    { reason: 'malformed', send: () => command({ value: JSON.parse(`${'['.repeat(900)}${']'.repeat(900)}`) }) },
    { reason: 'malformed', send: () => `{"__proto__":{"value":59},${command({}).slice(1)}` },
    { reason: 'malformed', send: () => Buffer.from([0xff, 0x00, 0x7b]) },
    { reason: 'not-allowed', send: () => command({ target: 'boiler/limited' }) },
    { reason: 'not-allowed', send: () => command({ target: 'boiler/__proto__' }) },
    { reason: 'out-of-range', send: () => command({ value: 1000 }) },
    { reason: 'out-of-range', send: () => command({ value: 59.99 }) },
    { reason: 'too-large', send: () => 'x'.repeat(20_000) },
  ];
}

/** How often each reason must have been given after `HOSTILE` commands in turn, and those that the broker had kept. */
function expectedReasons(kinds: readonly Kind[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>([['retained', RETAINED]]);
  for (const [index, { reason }] of kinds.entries()) {
    const times = Math.floor((HOSTILE - 1 - index) / kinds.length) + 1;
    counts.set(reason, (counts.get(reason) ?? 0) + times);
  }
  return counts;
}

testWith(
  ['mosquitto'],
  '10 000 hostile commands: nothing is written that should not be, each is answered for, and collecting goes on',
  async () => {
    await using folder = await temporaryFolder();
    await using broker = await startMosquitto();
    await using meter = await startCommissionedMeter();
    await using daemon = new Daemon(folder.path);
    const attacker = await mqtt.connectAsync(broker.url, { protocolVersion: 5 });
    await attacker.publishAsync(TOPIC, command({ value: 58 }), { qos: 1, retain: true });
    await using centre = await runningCentre({ broker: brokerAt(broker.url), fromStart: true });
    await daemon.start({
      clock: { trusted: true },
      connections: { basement: { driver: 'modbus', host: '127.0.0.1', port: meter.port } },
      devices: { boiler: { connection: 'basement', unit: 7, every: '100ms', points } },
      destinations: { centre: { url: broker.url, commands: { points: ['boiler/setpoint'], perMinute: RATE } } },
    });
    const control = await daemon.control();
    const never = new AbortController().signal;
    await centre.until(({ received }) => received > 0, never);
    const replayed = command({ id: 'good', value: 30 });
    await attacker.publishAsync(TOPIC, replayed, { qos: 1 });
    await expect.poll(() => meter.register(120)).toBe(300);

    const kinds = hostile(replayed);
    const quiet = await pollsIn(3000, meter);
    const began = performance.now();
    const readBefore = meter.reads;
    for (let sent = 0; sent < HOSTILE; sent += 1) {
      await attacker.publishAsync(TOPIC, kinds[sent % kinds.length]?.send() ?? '', { qos: 1 });
      const ahead = (sent * 1000) / PER_SECOND - (performance.now() - began);
      if (ahead > 20) await systemClock.sleep(ahead, never);
    }
    // 10 MB it need not give to one who takes 64 KiB.
    await attacker.publishAsync(TOPIC, Buffer.alloc(10_000_000, '['), { qos: 1 });
    await attacker.publishAsync(TOPIC, command({ value: 58 }), { qos: 1, retain: true });
    const expected = expectedReasons(kinds);
    await expect.poll(async () => reasonsIn(await control.status())).toEqual(expected);
    const flooded = (meter.reads - readBefore) / (performance.now() - began);
    expect(flooded).toBeGreaterThan(quiet / 2);
    expect((await control.status()).commands).toMatchObject({ done: 1, failed: 0, unknown: 0 });
    expect(meter.writes).toEqual([['holding 120', 300]]);

    // What is allowed is no more than so much of it, however much of it there is.
    for (let sent = 0; sent < FLOOD; sent += 1) {
      await attacker.publishAsync(TOPIC, command({ value: 10 + (sent % 500) / 10 }), { qos: 1 });
    }
    await attacker.endAsync();
    const answered = async (): Promise<number> => {
      const { commands } = await control.status();
      return (
        commands.done + (reasonsIn({ commands }).get('too-fast') ?? 0) + (reasonsIn({ commands }).get('busy') ?? 0)
      );
    };
    await expect.poll(answered).toBe(1 + FLOOD);
    const status = await control.status();
    const { done } = status.commands;
    expect(done).toBeLessThan(1 + RATE / 4 + (RATE * (performance.now() - began)) / 60_000);
    expect(meter.writes).toHaveLength(done);
    expect(status.devices).toMatchObject([{ id: 'boiler', state: 'up', bad: 0, failures: 0 }]);
    expect(status.connections).toMatchObject([{ state: 'up' }]);
    expect(await daemon.stop()).toBe(0);

    const lines = readLines(`${daemon.journal}/audit.log`);
    expect(verifyLines(lines)).toMatchObject({ fault: null, missed: 0 });
    const entries = lines.flatMap(({ text }) => openEntry(text) ?? []);
    expect(rejectionsIn(entries)).toEqual(reasonsIn(status));
    expect(entries.filter(({ event }) => event === 'command')).toHaveLength(done);
    const report = centre.report();
    expect([report.missing, report.conflicting]).toEqual([0, 0]);
  },
  90_000,
);

/** Reads a millisecond that the meter sees while nobody attacks. */
async function pollsIn(milliseconds: number, meter: CommissionedMeter): Promise<number> {
  const before = meter.reads;
  const began = performance.now();
  await systemClock.sleep(milliseconds, new AbortController().signal);
  return (meter.reads - before) / (performance.now() - began);
}

function reasonsIn({ commands }: Pick<GatewayStatus, 'commands'>): ReadonlyMap<string, number> {
  return new Map(Object.entries(commands.rejected));
}

/** What the audit log answers for: entries of their own, and those that were only counted. */
function rejectionsIn(entries: readonly AuditEntry[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { event, detail } of entries) {
    const reason = String(detail['reason']);
    const more = event === 'command-rejected' ? 1 : event === 'commands-rejected' ? Number(detail['count']) : 0;
    if (more > 0) counts.set(reason, (counts.get(reason) ?? 0) + more);
  }
  return counts;
}
