import { X509Certificate } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { storeCertificate } from '../../src/wire/opcua-certificates.ts';
import { openPki, pkiFolder } from '../../src/wire/opcua-pki.ts';
import { Canaries } from '../support/canaries.ts';
import { Authority } from '../support/certificates.ts';
import { Daemon } from '../support/daemon.ts';
import { expectComplete, untilDelivered } from '../support/delivered.ts';
import { freePort } from '../support/free-port.ts';
import { startKeyedDlms, startKeyedMbus, startKeyedP1 } from '../support/keyed-meters.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { startPlant, type Plant } from '../support/opcua-server.ts';
import { openTo } from '../support/open-sockets.ts';
import { plugInMeter } from '../support/optical-meter.ts';
import { testWith } from '../support/peers.ts';
import { runWeir } from '../support/run-weir.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWitness, type Witness } from '../support/witness.ts';

// Test 57: a secret of every kind is configured and used; then everything that the gateway says is searched for them.

const LLS = 'c4n4ry-lls';
const READOUT = 'C4N4RY62';
const OPERATOR = 'c4n4ry-opcua-operator';
const ENVIRONMENT = { C4_PASSWORD: 'c4n4ry-environment' };

/** The secrets, each in its file, in the environment, or given by systemd. */
async function hide(canaries: Canaries, folder: string, ownKey: string) {
  canaries.hide('environment', ENVIRONMENT.C4_PASSWORD);
  await canaries.file('credential', 'c4n4ry-credential');
  return {
    lls: await canaries.file('dlms-password', LLS),
    readout: await canaries.file('iec62056-password', READOUT),
    encryption: await canaries.file('dlms-encryption', 'c4a4a7e1000102030405060708090a0b'),
    authentication: await canaries.file('dlms-authentication', 'c4a4a7e2000102030405060708090a0b'),
    p1: await canaries.file('p1-key', 'c4a4a7e3000102030405060708090a0b'),
    p1Authentication: await canaries.file('p1-authentication', 'c4a4a7e4000102030405060708090a0b'),
    mbus: await canaries.file('mbus-key', 'c4a4a7e5000102030405060708090a0b'),
    malformed: await canaries.file('malformed-key', 'c4n4ry-no-hexadecimal-at-all'),
    operator: await canaries.file('opcua-password', OPERATOR),
    wrong: await canaries.file('opcua-wrong', 'c4n4ry-opcua-wrong'),
    key: await canaries.file('tls-key', ownKey),
    credential: { credential: 'credential.secret' },
    environment: { env: 'C4_PASSWORD' },
    folder,
  };
}

type Secrets = Awaited<ReturnType<typeof hide>>;

const opened = {
  identification: 'WIR5TEST-METER',
  lines: [],
  password: READOUT,
  registers: { '1.8.0': '1.8.0(001234.567*kWh)' },
};

const local = { transport: 'tcp', host: '127.0.0.1' };
const energy = { energy: { obis: '1-0:1.8.0', unit: 'kW.h' } };

function connections(
  secrets: Secrets,
  ports: Readonly<Record<'plain' | 'keyed' | 'p1' | 'heat', number>>,
  { head, plc, certificate, key }: Readonly<Record<'head' | 'plc' | 'certificate' | 'key', string>>,
) {
  const opcua = { driver: 'opcua', endpoint: plc, security: { policy: 'Basic256Sha256', mode: 'SignAndEncrypt' } };
  return {
    plain: { driver: 'dlms', ...local, port: ports.plain },
    keyed: { driver: 'dlms', ...local, port: ports.keyed },
    head: { driver: 'iec62056-21', path: head },
    p1: { driver: 'p1', ...local, port: ports.p1, key: secrets.p1, authenticationKey: secrets.p1Authentication },
    heat: { driver: 'mbus', ...local, port: ports.heat },
    plant: { ...opcua, user: { name: 'operator', password: secrets.operator } },
    refused: { ...opcua, user: { name: 'operator', password: secrets.wrong } },
    certified: { ...opcua, user: { certificate, key: { file: key } } },
  };
}

function devices({ lls, encryption, authentication, readout, mbus }: Secrets) {
  const every = '1s';
  const association = { client: 32, association: 'lls', password: lls };
  const keys = { keys: { encryption, authentication }, systemTitle: '5749520000000042' };
  const level = { level: { node: 'nsu=urn:weir:plant;s=Double' } };
  return {
    plain: { connection: 'plain', every, ...association, points: energy },
    keyed: { connection: 'keyed', every, ...association, ...keys, points: energy },
    head: { connection: 'head', every, registers: true, password: readout, points: energy },
    p1: { connection: 'p1' },
    heat: { connection: 'heat', address: 1, key: mbus, every },
    plant: { connection: 'plant', every, points: level },
    refused: { connection: 'refused', every, points: level },
    certified: { connection: 'certified', every, points: level },
  };
}

function destinations(secrets: Secrets, brokers: Readonly<Record<'open' | 'closed' | 'secure', Mosquitto>>) {
  const tls = { ca: join(secrets.folder, 'ca.pem'), certificate: join(secrets.folder, 'own.pem'), key: secrets.key };
  return {
    open: { url: brokers.open.url, user: { name: 'weir', password: secrets.environment }, health: '1s' },
    closed: { url: brokers.closed.url, user: { name: 'weir', password: secrets.credential } },
    secure: { url: `mqtts://127.0.0.1:${brokers.secure.port}`, tls, commands: { points: [] } },
  };
}

const AT_A_TIME = 6;
const SHOWS = [
  'config show',
  'config show --json',
  'status --json',
  'status --metrics',
  'doctor --json',
  'device read refused',
  'destination list --json',
  'destination test closed',
  'audit show --json',
  'trace plain --poll --hex',
  'trace keyed --poll --json',
  'trace head --poll --hex',
  'trace heat --poll --hex',
  'trace p1 --for 10s --hex',
  'device read heat',
  'device read p1 --json',
  'device read plant --json',
  'device read certified --json',
  'trace plant --poll --hex',
  'opcua certificates',
];

/** What every command that shows something says, by its words. */
async function said(folder: string): Promise<ReadonlyMap<string, string>> {
  const surroundings = { cwd: folder, env: { ...ENVIRONMENT, CREDENTIALS_DIRECTORY: folder } };
  const show = async (words: string): Promise<[string, string]> => {
    const { stdout, stderr } = await runWeir(words.split(' '), surroundings);
    expect(stdout === '' && words !== 'device read refused', words).toBe(false);
    return [words, stdout + stderr];
  };
  const result = new Map<string, string>();
  for (let from = 0; from < SHOWS.length; from += AT_A_TIME) {
    const shown = await Promise.all(SHOWS.slice(from, from + AT_A_TIME).map(show));
    for (const [words, text] of shown) result.set(words, text);
  }
  return result;
}

/** Everything in and below a folder, by path. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(files.map(async (file) => [file, await readFile(file)] as const)));
}

/** Every message that reaches a centre, with all that stands around it. */
async function listenTo(url: string, heard: string[]) {
  const client = await connectAsync(url, { protocolVersion: 5 });
  client.on('message', (topic, payload, { properties }) => {
    heard.push(`${topic} ${JSON.stringify(properties ?? {})} ${payload.toString('latin1')}`);
  });
  await client.subscribeAsync('#');
  return { [Symbol.asyncDispose]: () => client.endAsync(true) };
}

async function startBrokers(authority: Authority) {
  const { certificate, key } = authority.issue('IP:127.0.0.1');
  const files = ['certfile {folder}/b.pem', 'keyfile {folder}/b.key', 'cafile {folder}/ca.pem'];
  const [open, closed, secure] = await Promise.all([
    startMosquitto(),
    startMosquitto({ anonymous: false }),
    startMosquitto({
      settings: [...files, 'require_certificate true'],
      files: { 'b.pem': certificate, 'b.key': key, 'ca.pem': authority.certificate },
    }),
  ]);
  const stack = new AsyncDisposableStack();
  for (const broker of [open, closed, secure]) stack.use(broker);
  return { open, closed, secure, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Secrets that are used with success, so that they must have been read and sent, or have opened what came. */
const USED = ['plain', 'keyed', 'head', 'p1', 'heat', 'plant', 'certified'];

/** A server that lets in the operator with the password, or somebody with a certificate, over encrypted channels alone. */
async function startGuardedPlant(journal: string): Promise<Plant> {
  const user = { name: 'operator', password: OPERATOR };
  const plant = await startPlant({ user, allowAnonymous: false, policies: ['Basic256Sha256'] });
  const { raw } = new X509Certificate(await readFile(join(plant.folder, 'own/certs/certificate.pem')));
  await storeCertificate(pkiFolder(journal, 'client'), raw, 'trusted');
  return plant;
}

/** Who shows a certificate to servers, and proves by its key that it is his. */
async function hiddenUser(canaries: Canaries, folder: string) {
  await using pki = await openPki({ folder: join(folder, 'user'), name: 'operator', clock: systemClock });
  canaries.hide('opcua-user-key', await readFile(pki.privateKeyFile, 'utf8'));
  return { certificate: pki.certificateFile, key: pki.privateKeyFile };
}

async function untilUsed(daemon: Daemon): Promise<void> {
  const states = async (): Promise<readonly string[]> => {
    const control = await daemon.control(); // while it loads the OPC UA stack, it may not answer
    const { devices: known, destinations: far } = await control.status();
    const well = known.filter(({ state, bad }) => state === 'up' && bad === 0).map(({ id }) => id);
    return [...well, ...far.filter(({ state }) => state === 'connected').map(({ name }) => name)].toSorted();
  };
  await expect.poll(states, { timeout: 180_000, interval: 500 }).toEqual([...USED, 'open', 'secure'].toSorted());
}

/** The values of who logged in to the plant, by a password and by a certificate, are where they belong. */
async function untilRead({ readings }: Witness): Promise<void> {
  const valueOf = (wanted: string) => [...readings.values()].find(({ point }) => point === wanted)?.value;
  const values = () => ['plant/level', 'certified/level'].map(valueOf);
  await expect.poll(values, { timeout: 120_000, interval: 500 }).toEqual([21.5, 21.5]);
}

testWith(
  ['mosquitto', 'openssl', 'socat'],
  'no secret of any kind shows in anything that the gateway says, and nothing listens but what was asked for',
  async () => {
    await using folder = await temporaryFolder();
    const canaries = new Canaries(folder.path);
    const authority = new Authority(folder.path, 'ca');
    const own = authority.issue('DNS:gateway');
    await writeFile(join(folder.path, 'own.pem'), own.certificate);
    const secrets = await hide(canaries, folder.path, own.key);
    await using brokers = await startBrokers(authority);
    await using plain = await startKeyedDlms({ password: secrets.lls });
    const { encryption, authentication } = secrets;
    await using keyed = await startKeyedDlms({ password: secrets.lls, keys: { encryption, authentication } });
    await using p1 = await startKeyedP1(secrets.p1, secrets.p1Authentication);
    await using heat = await startKeyedMbus(secrets.mbus);
    await using meter = await plugInMeter(opened);
    const heard: string[] = [];
    await using _listening = await listenTo(brokers.open.url, heard);
    await using witness = startWitness(brokers.open.url);
    await witness.subscribed;
    await using daemon = new Daemon(folder.path, { ...ENVIRONMENT, CREDENTIALS_DIRECTORY: folder.path });
    await using plc = await startGuardedPlant(daemon.journal);
    const user = await hiddenUser(canaries, folder.path);
    const opcua = await freePort();
    const ports = { plain: plain.port, keyed: keyed.port, p1: p1.port, heat: heat.port };
    const users = { operator: { password: secrets.operator, write: true } };
    await daemon.start({
      connections: connections(secrets, ports, { head: meter.path, plc: plc.endpoint, ...user }),
      devices: devices(secrets),
      destinations: destinations(secrets, brokers),
      servers: { scada: { protocol: 'opcua', port: opcua, users } },
    });
    await untilUsed(daemon);
    await untilRead(witness);
    const answers = await said(folder.path);
    const reachable = openTo(daemon.pid);
    const words = await readFile(`/proc/${daemon.pid}/cmdline`);
    const { journal } = await (await daemon.control()).status();
    expectComplete(await untilDelivered(witness, journal.last, 30_000));
    expect(await daemon.stop()).toBe(0);

    expect(reachable).toEqual([`tcp 127.0.0.1:${opcua}`, `unix ${daemon.journal}/control.sock`]);
    const kept = await filesIn(daemon.journal);
    expect(kept.size).toBeGreaterThan(3);
    expect(heard.length).toBeGreaterThan(3);
    const places = new Map<string, string | Buffer>([
      ...answers,
      ...kept,
      ['log', daemon.log],
      ['messages', heard.join('\n')],
      ['words', words],
    ]);
    const shown = [...places].map(([place, text]) => [place, canaries.foundIn(text)] as const);
    expect(shown.filter(([, found]) => found.length > 0)).toEqual([]);
    expect(canaries.names).toHaveLength(14);

    // What is no key ends the gateway with words about it, and without the key.
    const water = { water: { connection: 'mbus', address: 2, key: secrets.malformed } };
    await daemon.launch({ connections: { mbus: { driver: 'mbus', ...local, port: 1 } }, devices: water });
    expect(await daemon.ended()).toBe(78);
    expect(daemon.log).toContain('malformed-key.secret is no key: write 16 bytes');
    expect(canaries.foundIn(daemon.log)).toEqual([]);
  },
);
