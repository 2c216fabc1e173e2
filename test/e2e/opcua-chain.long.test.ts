import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Daemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { testWith } from '../support/peers.ts';
import { runWeir } from '../support/run-weir.ts';
import { brokerAt, runningCentre } from '../support/running-centre.ts';
import { startSimulating } from '../support/running-simulation.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NEVER = new AbortController().signal;

/** A daemon over a folder of its own below `parent`. */
async function daemonIn(parent: string, name: string): Promise<Daemon> {
  const folder = join(parent, name);
  await mkdir(folder);
  await writeFile(join(folder, 'chain.password'), 'of the chain\n', { mode: 0o600 });
  return new Daemon(folder);
}

/** What the daemon refused last, as `weir opcua trust` wants it. */
function thumbprintIn(log: string): string | undefined {
  return /weir opcua trust ([0-9A-F:]{8,})/.exec(log)?.[1];
}

testWith(
  'mosquitto',
  'Weir reads from Weir: a meter, a gateway that serves it by OPC UA, one that reads it there, a broker, a centre',
  async () => {
    await using folder = await temporaryFolder();
    await using meter = await startSimulating(['eastron/sdm630', '--port', '0']);
    await using broker = await startMosquitto();
    const port = await freePort();
    const password = { file: 'chain.password' };
    await using near = await daemonIn(folder.path, 'near');
    await near.start({
      connections: { switchroom: { driver: 'modbus', host: '127.0.0.1', port: meter.told.port } },
      devices: { meter: { connection: 'switchroom', unit: 1, profile: 'eastron/sdm630', every: '200ms' } },
      servers: { chain: { protocol: 'opcua', port, users: { far: { password } } } },
    });
    await near.until('server chain listens');
    await using centre = await runningCentre({ broker: brokerAt(broker.url), fromStart: true });
    await using far = await daemonIn(folder.path, 'far');
    const names = ['voltage-l1', 'voltage-l2', 'voltage-l3', 'frequency'];
    const points = Object.fromEntries(names.map((name) => [name, { node: `nsu=urn:weir:test;s=meter/${name}` }]));
    await far.start({
      connections: {
        near: {
          driver: 'opcua',
          endpoint: `opc.tcp://127.0.0.1:${port}`,
          user: { name: 'far', password },
          publishing: '200ms',
        },
      },
      devices: { meter: { connection: 'near', points } },
      destinations: { centre: { url: broker.url } },
    });
    await trustEachOther(near, far);
    await far.until('connection near is up');
    const report = await centre.until(({ received, complete }) => complete && received > 100, NEVER);
    expect(report).toMatchObject({ missing: 0, gateways: [{ gateway: 'test', holes: [] }] });

    const [atNear, atFar] = await Promise.all(
      [near, far].map(async (daemon) => {
        const control = await daemon.control();
        return control.readDevice('meter', ['meter/voltage-l1'], NEVER);
      }),
    );
    expect(atFar?.[0]).toMatchObject({ quality: 'good', point: 'meter/voltage-l1' });
    expect(Math.abs(Number(atFar?.[0]?.value) - Number(atNear?.[0]?.value))).toBeLessThan(20);
  },
  180_000, // half a minute where nothing else runs
);

/** Both refuse each other at first, name whom, and are told to trust. */
async function trustEachOther(near: Daemon, far: Daemon): Promise<void> {
  for (const daemon of [far, near]) {
    await daemon.until('weir opcua trust');
    const trusted = await runWeir(['opcua', 'trust', thumbprintIn(daemon.log) ?? '', '--yes', '--config', daemon.file]);
    expect(trusted).toMatchObject({ exit: 0 });
  }
}
