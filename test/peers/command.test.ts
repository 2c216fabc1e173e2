import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCommissionedMeter, type CommissionedMeter } from '../support/commissioned-meter.ts';
import { Daemon } from '../support/daemon.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { describeWith } from '../support/peers.ts';
import { askWeir } from '../support/kept-weir.ts';
import type { Ended } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describeWith('mosquitto', 'commands over a real broker to a real device', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let broker: Mosquitto;
  let meter: CommissionedMeter;
  let daemon: Daemon;

  beforeAll(async () => {
    folder = await temporaryFolder();
    [broker, meter] = await Promise.all([startMosquitto(), startCommissionedMeter()]);
    daemon = new Daemon(folder.path);
    await daemon.start({
      clock: { trusted: true },
      connections: { basement: { driver: 'modbus', host: '127.0.0.1', port: meter.port } },
      devices: {
        boiler: {
          connection: 'basement',
          unit: 7,
          every: '200ms',
          points: {
            setpoint: { read: 'holding 120', type: 'int16', scale: 0.1, unit: 'Cel', write: { min: -20, max: 60 } },
            limited: { read: 'holding 121', type: 'int16', write: {} },
          },
        },
      },
      destinations: {
        centre: {
          url: broker.url,
          health: '1s',
          commands: {
            points: ['boiler/setpoint'],
            replay: { perHour: 3600 },
            fallback: { after: '1s', values: { 'boiler/setpoint': 20 } },
          },
        },
      },
    });
  }, 60_000);

  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await Promise.all([broker[Symbol.asyncDispose](), meter[Symbol.asyncDispose]()]);
    await folder[Symbol.asyncDispose]();
  });

  const command = (...words: readonly string[]): Promise<Ended> =>
    askWeir(['centre', 'command', 'test', ...words, '--url', broker.url, '--patience', '15']);

  test('a centre writes a point and sees what the device holds; the gateway keeps it', async () => {
    // What it listens to it has subscribed before its first reading.
    const control = await daemon.control();
    const delivered = async (): Promise<number> => (await control.status()).destinations[0]?.delivered ?? 0;
    await expect.poll(delivered).toBeGreaterThan(0);
    expect(await command('boiler/setpoint', '45.5', '--id', 'first')).toMatchObject({
      exit: 0,
      stdout: '✓ boiler/setpoint of test holds 45.5 now\n',
    });
    expect(meter.register(120)).toBe(455);
    const kept = await askWeir(['audit', 'show', '--config', daemon.file, '--last', '2']);
    expect(kept.stdout).toMatch(/ command +destination centre, id first, target boiler\/setpoint, value 45\.5/);
    expect(kept.stdout).toMatch(/ command-result +destination centre, id first, target boiler\/setpoint, status done/);
  });

  const newestEntry = async (): Promise<{ number: number; hash: string } | null> => {
    const { stdout } = await askWeir(['centre', '--url', broker.url, '--seconds', '3', '--json']);
    return JSON.parse(stdout).gateways[0]?.audit ?? null;
  };

  test('the centre knows the newest entry of the audit log, and with it that nothing before was changed', async () => {
    let audit = await newestEntry();
    while (audit === null) audit = await newestEntry(); // where the machine is busy
    const { number, hash } = audit;
    const head = `${number}:${hash}`;
    expect(await askWeir(['audit', 'verify', '--config', daemon.file, '--head', head])).toMatchObject({ exit: 0 });
    const forged = `${number}:${'0'.repeat(64)}`;
    const { exit, stdout } = await askWeir(['audit', 'verify', '--config', daemon.file, '--head', forged]);
    expect([exit, stdout]).toEqual([1, expect.stringContaining('replaced: ')]);
  });

  test('the same again is a replay, what is not allowed is refused, and why is said', async () => {
    expect(await command('boiler/setpoint', '45.5', '--id', 'first')).toMatchObject({
      exit: 1,
      stdout: '✗ boiler/setpoint of test: rejected: replayed: first was carried out before\n',
    });
    const { exit, stdout } = await command('boiler/limited', '-5', '--json');
    expect([exit, JSON.parse(stdout)]).toMatchObject([1, { status: 'rejected', reason: 'not-allowed' }]);
    expect(meter.register(121)).toBe(50);
    const metrics = await askWeir(['status', '--metrics', '--config', daemon.file]);
    expect(metrics.stdout).toContain('weir_commands_total{status="done"} 1');
    expect(metrics.stdout).toContain('weir_commands_rejected_total{reason="replayed"} 1');
  });

  test('a centre has readings sent once more, and the catalogue', async () => {
    const asked = ['--url', broker.url, '--patience', '15'];
    expect(await askWeir(['centre', 'replay', 'test', '--from', '1', '--to', '4', ...asked])).toMatchObject({
      exit: 0,
      stdout: '✓ replay of test: 1..4 are sent once more\n',
    });
    expect(await askWeir(['centre', 'catalogue', 'test', ...asked])).toMatchObject({
      exit: 0,
      stdout: '✓ catalogue of test: it is published again\n',
    });
  });

  test('a technician has readings sent once more, and that is kept', async () => {
    const words = ['journal', 'rewind', 'centre', '--config', daemon.file, '--from', '2', '--to', '3'];
    expect(await askWeir(words)).toMatchObject({ exit: 0, stdout: 'centre is sent 2 readings once more: 2..3\n' });
    const { exit, stdout } = await askWeir(['audit', 'show', '--config', daemon.file, '--event', 'journal-rewound']);
    expect([exit, stdout]).toEqual([0, expect.stringContaining('destination centre, readings 2, ranges 2..3')]);
  });

  test('a gateway that is not there leaves the command unanswered', async () => {
    const words = ['centre', 'command', 'nobody', 'a/b', '1', '--url', broker.url, '--patience', '1'];
    expect(await askWeir(words)).toMatchObject({
      exit: 69,
      stderr: expect.stringMatching(
        /^nobody is not known to this broker; waiting up to 1 s .*\n.*nobody says nothing within 1 s: no gateway of that name/,
      ),
    });
  });

  test('when the centre is lost the point falls back to its safe value', async () => {
    await broker.stop();
    await expect.poll(() => meter.register(120)).toBe(200);
    await expect.poll(() => daemon.log).toMatch(/centre is lost for \d+ s: boiler\/setpoint fell back to 20/);
  });
});
