import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer as createPlainServer } from 'node:net';
import { join } from 'node:path';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { openTls } from '../../src/wire/tls.ts';
import type { TlsSettings } from '../../src/wire/tls-settings.ts';
import { Authority, type Certificate } from '../support/certificates.ts';
import { listening, type Listening } from '../support/listening.ts';
import { describeWith, peerPath, testWith } from '../support/peers.ts';
import { heard } from '../support/serial-line.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NEVER = new AbortController().signal;

/** A device that says back what it hears. */
function device({ certificate, key }: Certificate, options: TlsOptions = {}): Promise<Listening> {
  const server = createServer({ cert: certificate, key, ...options }, (client: TLSSocket) => {
    client.on('error', () => undefined).pipe(client);
  });
  return listening(server);
}

describeWith('openssl', 'TLS', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let authority: Authority;
  let stranger: Authority;

  beforeAll(async () => {
    folder = await temporaryFolder();
    authority = new Authority(folder.path);
    stranger = new Authority(folder.path, 'stranger');
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  /** Files as the configuration names them, of this authority and this certificate of ours. */
  async function onDisk(by: Authority, own?: Certificate): Promise<TlsSettings> {
    const path = join(folder.path, `own-${Math.random().toString(16).slice(2)}`);
    await writeFile(`${path}.ca`, by.certificate);
    if (own === undefined) return { ca: `${path}.ca` };
    await writeFile(`${path}.pem`, own.certificate);
    await writeFile(`${path}.key`, own.key, { mode: 0o600 });
    return { ca: `${path}.ca`, certificate: `${path}.pem`, key: { file: `${path}.key` } };
  }

  async function open(port: number, tls?: TlsSettings, host = '127.0.0.1') {
    const settings = tls ?? (await onDisk(authority));
    return openTls({ host, port, timeout: 5_000, tls: settings }, systemClock, NEVER);
  }

  /** Says something and resolves with what comes back. */
  async function said(port: number, tls: TlsSettings): Promise<string> {
    await using wire = await open(port, tls);
    const listener = heard(wire);
    wire.send(Buffer.from('hello'));
    return String(await Promise.race([listener.untilReceived(5), listener.lost.then((loss) => loss.message)]));
  }

  test('carries bytes where both sides prove who they are', async () => {
    await using server = await device(authority.issue('IP:127.0.0.1'), {
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    });
    expect(await said(server.port, await onDisk(authority, authority.issue('DNS:harbour-07')))).toBe('hello');
  });

  test('reads certificates anew for each connection', async () => {
    const tls = await onDisk(stranger);
    await using server = await device(authority.issue('IP:127.0.0.1'));
    await expect(open(server.port, tls)).rejects.toThrow('unknown issuer');
    await writeFile(tls.ca ?? '', authority.certificate);
    expect(await said(server.port, tls)).toBe('hello');
  });

  test.each<[string, () => Certificate, string]>([
    [
      'a certificate that has expired',
      () => authority.issue('IP:127.0.0.1', -1),
      "the device's certificate has expired: renew it, or set the clock of this gateway",
    ],
    [
      'a certificate for another name',
      () => authority.issue('DNS:other.example'),
      "the device's certificate is for another name: use the name it was made for as host",
    ],
    [
      'an issuer we do not know',
      () => stranger.issue('IP:127.0.0.1'),
      "the device's certificate has an unknown issuer: name that authority in tls.ca",
    ],
  ])('%s is refused by name', async (_, identity, fault) => {
    await using server = await device(identity());
    await expect(open(server.port)).rejects.toMatchObject({
      code: 'connection-failed',
      message: `127.0.0.1:${server.port} fails in TLS: ${fault}`,
    });
  });

  testWith('faketime', 'a certificate that is not valid yet is refused by name', async () => {
    await using server = await device(authority.issue('IP:127.0.0.1', 10, 2));
    await expect(open(server.port)).rejects.toThrow(
      "fails in TLS: the device's certificate is not valid yet: check the clock of this gateway",
    );
  });

  test('the name is checked where the far end is called by name', async () => {
    await using right = await device(authority.issue('DNS:localhost'));
    await using wire = await open(right.port, undefined, 'localhost');
    expect(wire.open).toBe(true);
    await using wrong = await device(authority.issue('DNS:other.example'));
    await expect(open(wrong.port, undefined, 'localhost')).rejects.toThrow('is for another name');
  });

  test('nothing is verified only where a reason is given', async () => {
    await using server = await device(stranger.issue('DNS:other.example'));
    expect(await said(server.port, { allowInsecure: 'the meter makes its own certificate' })).toBe('hello');
  });

  test.each<[string, () => Certificate | undefined, string]>([
    ['none', () => undefined, 'the device asks for a certificate of ours: set tls.certificate and tls.key'],
    ['one of a stranger', () => stranger.issue('DNS:gw'), 'the device does not know the issuer of our certificate'],
    ['an expired one', () => authority.issue('DNS:gw', -1), 'the device says that our certificate has expired'],
  ])('a device that asks for our certificate and gets %s is lost by that name', async (_, own, fault) => {
    await using strict = await opensslDevice(authority.issue('IP:127.0.0.1'), authority);
    const tls = await onDisk(authority, own());
    expect(await said(strict.port, tls)).toBe(`127.0.0.1:${strict.port} fails in TLS: ${fault}`);
  });

  /** A device that says by TLS alerts what it does not like of us, as Node's server does not. */
  async function opensslDevice(identity: Certificate, trusted: Authority): Promise<Listening> {
    const tls = await onDisk(trusted, identity);
    const key = tls.key !== undefined && 'file' in tls.key ? tls.key.file : '';
    const files = ['-cert', tls.certificate ?? '', '-key', key, '-CAfile', tls.ca ?? ''];
    const words = ['s_server', '-accept', '127.0.0.1:0', '-Verify', '1', '-verify_return_error', ...files];
    const server = spawn(peerPath('openssl'), words, { stdio: ['pipe', 'pipe', 'ignore'] });
    let text = '';
    while (!/^ACCEPT \S+:\d+$/m.test(text)) text += String((await once(server.stdout, 'data'))[0]);
    return {
      port: Number(/^ACCEPT \S+:(\d+)$/m.exec(text)?.[1]),
      [Symbol.asyncDispose]: async () => {
        server.kill('SIGKILL');
        await once(server, 'exit');
      },
    };
  }

  test('a key that does not belong to the certificate is refused', async () => {
    await using server = await device(authority.issue('IP:127.0.0.1'));
    const mixed = { certificate: authority.issue('DNS:a').certificate, key: authority.issue('DNS:b').key };
    await expect(open(server.port, await onDisk(authority, mixed))).rejects.toMatchObject({
      code: 'connection-failed',
      message: expect.stringContaining('tls.key does not belong to tls.certificate'),
    });
  });

  test('a far end without TLS 1.3 needs the configuration to allow it', async () => {
    await using old = await device(authority.issue('IP:127.0.0.1'), { maxVersion: 'TLSv1.2' });
    await expect(open(old.port)).rejects.toThrow("set tls.minimum to '1.2'");
    expect(await said(old.port, { ...(await onDisk(authority)), minimum: '1.2' })).toBe('hello');
  });

  test('files that cannot be read are a reason to try again, never the end of the daemon', async () => {
    await using server = await device(authority.issue('IP:127.0.0.1'));
    const tls = await onDisk(authority, authority.issue('DNS:gw'));
    await expect(open(server.port, { ...tls, ca: '/nowhere/ca.pem' })).rejects.toMatchObject({
      remedy: 'retry',
      message: expect.stringMatching(/ cannot be asked: .*\/nowhere\/ca\.pem/),
    });
    await expect(open(server.port, { ...tls, key: { file: '/nowhere/key' } })).rejects.toMatchObject({
      remedy: 'retry',
      message: expect.stringContaining('cannot be asked: file /nowhere/key does not exist'),
    });
  });

  test('a port that speaks no TLS is named as such', async () => {
    await using talker = await listening(createPlainServer((client) => client.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await expect(open(talker.port)).rejects.toThrow('is this the TLS port of the device?');
    await using closer = await listening(createPlainServer((client) => client.resetAndDestroy()));
    await expect(open(closer.port)).rejects.toThrow('is this the TLS port of the device?');
  });

  test('a far end that never shakes hands is given up in time, or with the reason of the signal', async () => {
    const server = createPlainServer();
    await using mute = await listening(server);
    const target = { host: '127.0.0.1', port: mute.port, timeout: 200, tls: await onDisk(authority) };
    await expect(openTls(target, systemClock, NEVER)).rejects.toMatchObject({
      code: 'connection-failed',
      message: `127.0.0.1:${mute.port} does not answer within 200 ms`,
    });
    const reason = new Error('enough');
    const aborter = new AbortController();
    const reached = once(server, 'connection');
    const aborted = expect(openTls({ ...target, timeout: 60_000 }, systemClock, aborter.signal)).rejects.toBe(reason);
    await reached;
    aborter.abort(reason);
    await aborted;
  });
});
