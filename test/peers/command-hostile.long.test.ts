import mqtt from 'mqtt';
import { expect } from 'vitest';
import { openEntry } from '../../src/ops/audit/entry.ts';
import { readLines } from '../../src/ops/audit/files.ts';
import { verifyLines } from '../../src/ops/audit/verify.ts';
import { startCommissionedMeter } from '../support/commissioned-meter.ts';
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

const points = {
  setpoint: { read: 'holding 120', type: 'int16', scale: 0.1, unit: 'Cel', write: { min: 5, max: 60 } },
  limited: { read: 'holding 121', type: 'int16', write: {} },
};

type Sent = { readonly payload: string | Buffer; readonly retain?: boolean };

const at = (offset: number): string => new Date(Date.now() + offset).toISOString();

function command(changes: object): string {
  const times = { issued: at(0), expires: at(60_000) };
  return JSON.stringify({ id: crypto.randomUUID(), ...times, target: 'boiler/setpoint', value: 59, ...changes });
}

/** Everything that must not be done, in turn; `replayed` was done once. */
function hostile(replayed: string): readonly (() => Sent)[] {
  return [
    () => ({ payload: replayed }),
    () => ({ payload: command({ issued: at(-120_000), expires: at(-60_000) }) }),
    () => ({ payload: command({ issued: at(3_600_000), expires: at(3_660_000) }) }),
    () => ({ payload: command({ expires: at(86_400_000) }) }),
    () => ({ payload: `${'['.repeat(2000)}${']'.repeat(2000)}` }),
    () => ({ payload: `{"__proto__":{"value":59},${command({}).slice(1)}` }),
    () => ({ payload: command({ target: 'boiler/limited' }) }),
    () => ({ payload: command({ target: 'boiler/__proto__' }) }),
    () => ({ payload: command({ value: 1000 }) }),
    () => ({ payload: command({ value: 59.99 }) }),
    () => ({ payload: 'x'.repeat(20_000) }),
    () => ({ payload: Buffer.from([0xff, 0x00, 0x7b]) }),
  ];
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
      destinations: { centre: { url: broker.url, commands: { points: ['boiler/setpoint'], perMinute: 120 } } },
    });
    const control = await daemon.control();
    const never = new AbortController().signal;
    await centre.until(({ received }) => received > 0, never);
    const replayed = command({ id: 'good', value: 30 });
    await attacker.publishAsync(TOPIC, replayed, { qos: 1 });
    await expect.poll(() => meter.register(120), { timeout: 15_000 }).toBe(300);

    const kinds = hostile(replayed);
    const began = performance.now();
    for (let sent = 0; sent < HOSTILE; sent += 1) {
      const { payload } = kinds[sent % kinds.length]?.() ?? { payload: '' };
      await attacker.publishAsync(TOPIC, payload, { qos: 1 });
      const ahead = (sent * 1000) / PER_SECOND - (performance.now() - began);
      if (ahead > 20) await new Promise((resolve) => setTimeout(resolve, ahead));
    }
    // 10 MB it need not give to one who takes 64 KiB.
    await attacker.publishAsync(TOPIC, Buffer.alloc(10_000_000, '['), { qos: 1 });
    await attacker.publishAsync(TOPIC, command({ value: 58 }), { qos: 1, retain: true });
    await attacker.endAsync();
    await expect.poll(async () => rejections(await control.status()), { timeout: 60_000 }).toBe(HOSTILE + RETAINED);
    const status = await control.status();
    expect(status.commands).toMatchObject({ done: 1, failed: 0, unknown: 0 });
    expect([meter.register(120), meter.register(121)]).toEqual([300, 50]);
    expect(status.devices).toMatchObject([{ id: 'boiler', state: 'up', bad: 0, failures: 0 }]);
    expect(status.connections).toMatchObject([{ state: 'up' }]);
    expect(await daemon.stop()).toBe(0);

    const lines = readLines(`${daemon.journal}/audit.log`);
    expect(verifyLines(lines)).toMatchObject({ fault: null, missed: 0 });
    const entries = lines.flatMap(({ text }) => openEntry(text) ?? []);
    const count = (event: string, of: (detail: Readonly<Record<string, unknown>>) => number): number =>
      entries.filter((entry) => entry.event === event).reduce((sum, { detail }) => sum + of(detail), 0);
    expect(count('command-rejected', () => 1) + count('commands-rejected', ({ count: more }) => Number(more))).toBe(
      HOSTILE + RETAINED,
    );
    expect(count('command', () => 1)).toBe(1);
    const report = centre.report();
    expect([report.missing, report.conflicting]).toEqual([0, 0]);
  },
  90_000,
);

function rejections({ commands }: { readonly commands: { readonly rejected: object } }): number {
  return Object.values(commands.rejected).reduce((sum: number, count) => sum + Number(count), 0);
}
