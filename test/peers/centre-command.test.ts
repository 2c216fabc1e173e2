import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connectAsync } from 'mqtt';
import { expect, test } from 'vitest';
import type { DataMessage } from '../../src/centre/message.ts';
import type { CentreReport } from '../../src/centre/report.ts';
import { dataMessage, gateway, payloadOf } from '../support/centre-messages.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { describeWith } from '../support/peers.ts';
import { runWeir, startWeir } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Retained, so that it arrives whenever the command subscribes. */
async function publishRetained(broker: Mosquitto, message: DataMessage): Promise<void> {
  const client = await connectAsync(broker.url, { protocolVersion: 5 });
  await client.publishAsync(`weir/1/${gateway}/${message.lane}`, payloadOf(message), { qos: 1, retain: true });
  await client.endAsync();
}

function reportOf(line: string): CentreReport {
  return JSON.parse(line) as CentreReport;
}

describeWith('mosquitto', 'weir centre', () => {
  test('ends with 0 and the report as soon as nothing is missing', async () => {
    await using broker = await startMosquitto();
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'readings.csv');
    await publishRetained(broker, dataMessage({ after: 0, upto: 10 }));
    const words = ['--from-start', '--until-contiguous', '--seconds', '15', '--output', file, '--json'];
    const { exit, stdout, stderr } = await runWeir(['centre', '--url', broker.url, ...words]);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(reportOf(stdout)).toMatchObject({ complete: true, received: 10, gateways: [{ gateway, upto: 10 }] });
    expect((await readFile(file, 'utf8')).trimEnd().split('\r\n')).toHaveLength(11);
  });

  test('reports as often as asked, and ends on Ctrl-C with 1 where something is missing', async () => {
    await using broker = await startMosquitto();
    await publishRetained(broker, dataMessage({ after: 10, upto: 20 }));
    const centre = startWeir(['centre', '--url', broker.url, '--from-start', '--every', '1', '--json']);
    let last = '';
    for await (const line of createInterface({ input: centre.stdout })) {
      last = line;
      // Once only: a second signal would end it without a report.
      if (reportOf(line).received === 10 && !centre.killed) centre.kill('SIGINT');
    }
    if (centre.exitCode === null) await once(centre, 'exit');
    expect(centre.exitCode).toBe(1);
    expect(reportOf(last)).toMatchObject({
      complete: false,
      missing: 10,
      gateways: [{ holes: [{ after: 0, upto: 10 }] }],
    });
  });

  test('tells people of the broker, of faults as they come, and of the verdict at the end', async () => {
    await using broker = await startMosquitto();
    await publishRetained(broker, dataMessage({ after: 0, upto: 10 }, { gateway: 'another' }));
    const centre = startWeir(['centre', '--url', broker.url]);
    const told: string[] = [];
    for await (const line of createInterface({ input: centre.stderr })) {
      told.push(line);
      if (line.includes('rejected')) break;
    }
    centre.kill('SIGINT');
    const shown: string[] = [];
    for await (const line of createInterface({ input: centre.stdout })) shown.push(line);
    expect(told[0]).toBe(`connected to ${broker.url}`);
    expect(told[1]).toContain('rejected (foreign-gateway): weir/1/harbour-07/live');
    expect(shown[0]).toBe('✗ 1 message rejected');
  });
});

test('a broker that is not there ends the command with 69', async () => {
  const { exit, stderr } = await runWeir(['centre', '--url', 'mqtt://127.0.0.1:1', '--seconds', '1', '--json']);
  expect(exit).toBe(69);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'destination-unreachable' } });
});
