import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DestinationSettings } from '../../src/config/configuration.ts';
import { readSecret } from '../../src/wire/secrets.ts';
import { readCredentials } from '../../src/forward/credentials.ts';
import { sessionFacts } from '../support/formats.ts';
import { jsonFormat } from '../../src/forward/formats/json.ts';
import { connectMqtt } from '../../src/forward/mqtt.ts';
import { testDestination, type DestinationStep } from '../../src/forward/test.ts';
import { systemClock } from '../../src/model/clock.ts';
import type { TlsSettings } from '../../src/wire/tls-settings.ts';
import { Authority, WEAK_KEY, type Certificate } from '../support/certificates.ts';
import { destinationAt, openForwarding } from '../support/forwarding.ts';
import { startMosquitto, type Mosquitto } from '../support/mosquitto.ts';
import { describeWith, testWith } from '../support/peers.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A wait for nothing, so that the next attempt comes soon. */
const atOnce = (_milliseconds: number, signal: AbortSignal): Promise<void> => systemClock.sleep(1, signal);

const patient = new AbortController().signal;

async function connect(settings: DestinationSettings): Promise<string> {
  const will = jsonFormat.session(sessionFacts()).will;
  const credentials = await readCredentials(settings, readSecret);
  const uplink = await connectMqtt({ ...settings, ...credentials, clientId: 'weir-test', will }, systemClock, patient);
  if (will !== undefined) await uplink.publish({ ...will, retain: false });
  await uplink.goodbye();
  return uplink.protocol;
}

async function stepsTo(settings: DestinationSettings): Promise<DestinationStep[]> {
  const steps: DestinationStep[] = [];
  const tested = { gateway: 'harbour-07', clock: systemClock, readSecret };
  for await (const step of testDestination(settings, tested, patient)) steps.push(step);
  return steps;
}

/** A far end that anybody may prove himself at, with whatever key. */
async function lax({ certificate, key }: Certificate): Promise<Server> {
  const options = { cert: certificate, key, ciphers: 'DEFAULT@SECLEVEL=0', handshakeTimeout: 5000 };
  const server = createServer(options).on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

describeWith(['mosquitto', 'openssl'], 'TLS', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let authority: Authority;
  let stranger: Authority;
  let broker: Mosquitto;

  beforeAll(async () => {
    folder = await temporaryFolder();
    authority = new Authority(folder.path);
    stranger = new Authority(folder.path, 'stranger');
    await writeFile(join(folder.path, 'ca.pem'), authority.certificate);
    await writeFile(join(folder.path, 'stranger.pem'), stranger.certificate);
    broker = await tlsBroker(authority.issue('IP:127.0.0.1'));
  });

  afterAll(async () => {
    await broker[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  function tlsBroker(identity: Certificate, settings: readonly string[] = []): Promise<Mosquitto> {
    return startMosquitto({
      settings: ['certfile {folder}/broker.pem', 'keyfile {folder}/broker.key', 'cafile {folder}/ca.pem', ...settings],
      files: { 'broker.pem': identity.certificate, 'broker.key': identity.key, 'ca.pem': authority.certificate },
    });
  }

  function destination(port: number, tls: Partial<TlsSettings> = {}): DestinationSettings {
    const absent = { certificate: undefined, key: undefined, allowInsecure: undefined };
    return destinationAt(`mqtts://127.0.0.1:${port}`, {
      timeout: 5000,
      tls: { ca: join(folder.path, 'ca.pem'), ...absent, ...tls },
    });
  }

  /** The certificate on disk, as the configuration names it. */
  async function onDisk({ certificate, key }: Certificate): Promise<Partial<TlsSettings>> {
    const path = join(folder.path, `own-${Math.random().toString(16).slice(2)}`);
    await writeFile(`${path}.pem`, certificate);
    await writeFile(`${path}.key`, key, { mode: 0o600 });
    return { certificate: `${path}.pem`, key: { file: `${path}.key` } };
  }

  test('connects where the broker proves who it is', async () => {
    expect(await connect(destination(broker.port))).toBe('MQTT 5');
  });

  test('an unknown issuer is refused, and the remedy named', async () => {
    await expect(connect(destination(broker.port, { ca: join(folder.path, 'stranger.pem') }))).rejects.toMatchObject({
      code: 'destination-refused',
      message: expect.stringContaining('unknown issuer: name that authority in tls.ca'),
    });
  });

  test('an expired certificate is refused', async () => {
    await using expired = await tlsBroker(authority.issue('IP:127.0.0.1', -1));
    await expect(connect(destination(expired.port))).rejects.toThrow('has expired');
  });

  testWith('faketime', 'a certificate that is not valid yet is refused', async () => {
    await using early = await tlsBroker(authority.issue('IP:127.0.0.1', 10, 2));
    await expect(connect(destination(early.port))).rejects.toThrow('is not valid yet: check the clock of this gateway');
  });

  test('a weak key of the broker or of its authority is refused by name', async () => {
    const weakling = new Authority(folder.path, 'weakling', WEAK_KEY);
    await writeFile(join(folder.path, 'weakling.pem'), weakling.certificate);
    const own = await lax(authority.issue('IP:127.0.0.1', 10, 0, WEAK_KEY));
    const above = await lax(weakling.issue('IP:127.0.0.1'));
    const refused = { code: 'destination-refused' } as const;
    await expect(connect(destination((own.address() as AddressInfo).port))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining(
        "the broker's certificate has a key that is too weak: it must be made anew, with RSA of 2048 bits or a curve of 256",
      ),
    });
    const ca = join(folder.path, 'weakling.pem');
    await expect(connect(destination((above.address() as AddressInfo).port, { ca }))).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining("the authority of the broker's certificate has a key that is too weak"),
    });
    for (const server of [own, above]) server.close();
  });

  test('a weak key of ours is refused by name', async () => {
    const own = await onDisk(authority.issue('DNS:harbour-07', 10, 0, WEAK_KEY));
    await expect(connect(destination(broker.port, own))).rejects.toMatchObject({
      code: 'destination-refused',
      message: expect.stringContaining('tls.certificate has a key that is too weak'),
    });
  });

  test("while nobody knows the time, a certificate out of its time is the clock's fault; then it is its own", async () => {
    await using expired = await tlsBroker(authority.issue('IP:127.0.0.1', -1));
    await using forwarding = await openForwarding({ knowsTime: false });
    await forwarding.deliver([destination(expired.port)], { clock: { ...systemClock, sleep: atOnce } });
    expect(await forwarding.reported('destination-lost')).toMatchObject({
      error: expect.stringMatching(/has expired.*: the clock's fault, as this gateway does not know the time yet$/),
    });
    const [anchor] = forwarding.journal.anchors.values();
    await forwarding.journal.anchor(anchor?.offset ?? 0, 'synchronised');
    const { error } = await forwarding.reported('destination-lost', 2);
    expect(error).toMatch(/has expired/);
    expect(error).not.toMatch(/fault/);
  });

  test('a certificate for another name is refused', async () => {
    await using other = await tlsBroker(authority.issue('DNS:other.example'));
    await expect(connect(destination(other.port))).rejects.toThrow('is for another name');
  });

  test('is not verified only where a reason is given', async () => {
    const careless = { ca: undefined, allowInsecure: 'the laboratory broker makes its own certificate' };
    expect(await connect(destination(broker.port, careless))).toBe('MQTT 5');
  });

  test('a key that does not belong to the certificate is refused', async () => {
    const mixed = { certificate: stranger.issue('DNS:gw').certificate, key: stranger.issue('DNS:gw').key };
    await expect(connect(destination(broker.port, await onDisk(mixed)))).rejects.toThrow(
      'tls.key does not belong to tls.certificate',
    );
  });

  test('a port without TLS is named as such', async () => {
    await using plain = await startMosquitto();
    await expect(connect(destination(plain.port))).rejects.toThrow('is this the TLS port of the broker');
  });

  test('a broker that has no TLS 1.3 needs the configuration to allow it', async () => {
    const { certificate, key } = authority.issue('IP:127.0.0.1');
    const old = createServer({ cert: certificate, key, maxVersion: 'TLSv1.2' }).listen(0, '127.0.0.1');
    await once(old, 'listening');
    const { port } = old.address() as AddressInfo;
    const refused = await stepsTo(destination(port));
    const allowed = await stepsTo(destination(port, { minimum: '1.2' }));
    old.close();
    expect(refused[1]).toMatchObject({ ok: false, detail: expect.stringContaining("set tls.minimum to '1.2'") });
    expect(allowed[1]).toMatchObject({ ok: true, detail: expect.stringContaining('TLSv1.2') });
  });

  test('a missing file is a refusal to retry, not the end of the daemon', async () => {
    await expect(connect(destination(broker.port, { ca: '/nowhere/ca.pem' }))).rejects.toMatchObject({
      code: 'destination-refused',
      message: expect.stringContaining('/nowhere/ca.pem'),
    });
  });

  describeWith('mosquitto', 'of both sides', () => {
    const mutual = ['require_certificate true', 'use_identity_as_username true'];

    test('lets us in with our certificate', async () => {
      await using strict = await tlsBroker(authority.issue('IP:127.0.0.1'), mutual);
      const own = await onDisk(authority.issue('DNS:harbour-07'));
      expect(await connect(destination(strict.port, own))).toBe('MQTT 5');
    });

    test('says that a certificate of ours is asked for', async () => {
      await using strict = await tlsBroker(authority.issue('IP:127.0.0.1'), mutual);
      await expect(connect(destination(strict.port))).rejects.toThrow('asks for a certificate of ours');
    });

    test('says that our issuer is unknown to the broker', async () => {
      await using strict = await tlsBroker(authority.issue('IP:127.0.0.1'), mutual);
      const own = await onDisk(stranger.issue('DNS:harbour-07'));
      await expect(connect(destination(strict.port, own))).rejects.toThrow(
        'does not know the issuer of our certificate',
      );
    });
  });

  test('the way to a destination is tried step by step', async () => {
    const steps = await stepsTo(destination(broker.port));
    expect(steps.map(({ name, ok }) => [name, ok])).toEqual([
      ['tcp', true],
      ['tls', true],
      ['connect', true],
      ['publish', true],
      ['round-trip', true],
    ]);
    expect(steps[1]?.detail).toContain('TLSv1.3, certificate of IP 127.0.0.1, verified, valid until');
    expect(steps[2]?.detail).toContain('MQTT 5');
  });

  test('the way ends at the step that fails, with what is wrong', async () => {
    const steps = await stepsTo(destination(broker.port, { ca: join(folder.path, 'stranger.pem') }));
    expect(steps.at(-1)).toMatchObject({ name: 'tls', ok: false, detail: expect.stringContaining('unknown issuer') });
  });

  test('a name that nobody knows ends it at the first step', async () => {
    const steps = await stepsTo({ ...destination(broker.port), url: 'mqtt://no-such-host.invalid' });
    expect(steps).toMatchObject([{ name: 'dns', ok: false, detail: expect.stringContaining('no-such-host.invalid') }]);
  });
});
