import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connectControl } from '../../../src/control/client.ts';
import { serveControl } from '../../../src/control/server.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { PlayedGateway, playedStatus } from '../../support/played-gateway.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const untilTestEnds = new AbortController().signal;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let socket: string;
let gateway: PlayedGateway;

beforeEach(async () => {
  folder = await temporaryFolder();
  socket = join(folder.path, 'control.sock');
  gateway = new PlayedGateway();
});

afterEach(() => folder[Symbol.asyncDispose]());

const serve = (clock = systemClock) => serveControl(gateway, { socket, clock });

/** Sends raw bytes and resolves with everything that comes back until the daemon closes. */
async function exchange(bytes: string | Buffer): Promise<string> {
  const client = connect(socket);
  client.on('error', () => undefined); // the daemon may close while we still send
  client.write(bytes);
  return await text(client).catch(() => '');
}

const httpPost = (path: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nhost: weir\r\nconnection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

describe('what a client gets', () => {
  test('the status that the gateway gives of itself', async () => {
    await using _server = await serve();
    const control = await connectControl(socket, systemClock);
    await expect(control.status()).resolves.toEqual(playedStatus);
  });

  test('a device read at once, all of it or the points asked for', async () => {
    await using _server = await serve();
    const control = await connectControl(socket, systemClock);
    const all = await control.readDevice('main-meter', undefined, untilTestEnds);
    const some = await control.readDevice('main-meter', ['main-meter/current'], untilTestEnds);
    expect([...all, ...some].map(({ point, value }) => [point, value])).toEqual([
      ['main-meter/voltage', 230.1],
      ['main-meter/current', 230.1],
    ]);
  });

  test('the error that the gateway threw, with its code', async () => {
    await using _server = await serve();
    const control = await connectControl(socket, systemClock);
    await expect(control.readDevice('a/b ü', undefined, untilTestEnds)).rejects.toMatchObject({
      code: 'usage',
      message: 'there is no device a/b ü',
    });
  });

  test('readings as they are taken, of the devices and points it names, until it has enough', async () => {
    await using _server = await serve();
    const control = await connectControl(socket, systemClock);
    const enough = new AbortController();
    let seen = 0;
    for await (const readings of control.watch({ device: ['a', 'b'], point: ['a/x'] }, enough.signal)) {
      seen += readings.length;
      if (seen > 50_000) enough.abort();
    }
    await gateway.watchEnded.promise;
    expect(gateway.filters).toEqual([{ device: ['a', 'b'], point: ['a/x'] }]);
  });

  test('nothing more once it went away: the gateway is told to stop reading', async () => {
    await using _server = await serve();
    const control = await connectControl(socket, systemClock);
    const patience = new AbortController();
    const read = control.readDevice('silent', undefined, patience.signal);
    patience.abort(new Error('Ctrl-C'));
    await expect(read).rejects.toThrow('Ctrl-C');
  });

  test('word that the daemon is gone, when it stops under a watcher', async () => {
    const server = await serve();
    const control = await connectControl(socket, systemClock);
    const watching = (async () => {
      for await (const _ of control.watch({}, untilTestEnds)) await server[Symbol.asyncDispose]();
    })();
    await expect(watching).rejects.toMatchObject({ code: 'daemon-unreachable' });
  });

  test('an end to its patience with a daemon that accepts and never answers', async () => {
    const mute = createServer(() => undefined).listen(socket);
    await once(mute, 'listening');
    const clock = new FakeClock();
    const control = await connectControl(socket, clock);
    const status = control.status();
    await clock.untilPending();
    const outcome = expect(status).rejects.toMatchObject({ code: 'daemon-unreachable' });
    await clock.advance(10_000);
    await outcome;
    mute.close();
  });
});

describe('who may open the socket', () => {
  test('only the user of the daemon, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await using _server = await serve();
      expect((await stat(socket)).mode & 0o777).toBe(0o600);
      expect(process.umask()).toBe(0);
    } finally {
      process.umask(before);
    }
  });

  test.skipIf(process.getuid?.() !== 0)('another user is refused, and told so [needs root]', async () => {
    await using _server = await serve();
    await chmod(folder.path, 0o755);
    const attempt = spawnSync('setpriv', [
      '--reuid=65534',
      '--clear-groups',
      process.execPath,
      '-e',
      `require('node:net').connect(${JSON.stringify(socket)}).on('error', (error) => console.log(error.code)).on('connect', () => process.exit(0))`,
    ]);
    expect(attempt.stdout.toString()).toBe('EACCES\n');
  });

  test('nobody, when no daemon runs', async () => {
    await expect(connectControl(socket, systemClock)).rejects.toMatchObject({ code: 'daemon-unreachable' });
  });

  test('curl, as the documentation says', async () => {
    await using _server = await serve();
    const answer = await exchange('GET /status HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual(playedStatus);
  });
});

describe('where the socket lies', () => {
  test('a second daemon is refused while the first one answers, which goes on', async () => {
    await using _first = await serve();
    await expect(serve()).rejects.toMatchObject({ code: 'journal-locked', message: expect.stringContaining(socket) });
    const control = await connectControl(socket, systemClock);
    await expect(control.status()).resolves.toHaveProperty('gateway');
  });

  test('what a killed daemon left behind is replaced', async () => {
    spawnSync(process.execPath, [
      '-e',
      `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    expect((await stat(socket)).isSocket()).toBe(true);
    await using _server = await serve();
    const control = await connectControl(socket, systemClock);
    await expect(control.status()).resolves.toHaveProperty('gateway');
  });

  test('a file that is no socket is left alone', async () => {
    await writeFile(socket, 'precious');
    await expect(serve()).rejects.toMatchObject({ code: 'configuration-invalid' });
    expect((await stat(socket)).size).toBe(8);
  });

  test('a path too long for a Unix socket is refused with its length', async () => {
    socket = join(folder.path, 'x'.repeat(100));
    await expect(serve()).rejects.toMatchObject({
      code: 'configuration-invalid',
      message: expect.stringMatching(/has \d+ bytes, the path of a Unix socket at most 107/),
    });
  });

  test('a folder that cannot be made is named', async () => {
    await writeFile(join(folder.path, 'file'), '');
    socket = join(folder.path, 'file', 'control.sock');
    await expect(serve()).rejects.toMatchObject({ code: 'configuration-invalid' });
  });

  test('it is gone after the daemon', async () => {
    const server = await serve();
    await server[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await expect(stat(socket)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('what a hostile client meets', () => {
  test.each([
    ['garbage', Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 37) % 256)), /^HTTP\/1\.1 400/],
    ['a path that does not exist', 'GET /secrets HTTP/1.1\r\nhost: weir\r\n\r\n', /^HTTP\/1\.1 404/],
    ['the wrong method', 'DELETE /status HTTP/1.1\r\nhost: weir\r\n\r\n', /^HTTP\/1\.1 404/],
    ['an absurd address', 'GET //[ HTTP/1.1\r\nhost: weir\r\n\r\n', /^HTTP\/1\.1 404/],
    ['a write without values', httpPost('/devices/main-meter/write', '{"setpoint":45}'), /^HTTP\/1\.1 400/],
    ['a scan of nonsense', httpPost('/connections/bus/scan', '{"addresses":"all"}'), /^HTTP\/1\.1 400/],
    ['a broken escape', httpPost('/devices/%E0%A4%A/read', ''), /^HTTP\/1\.1 400/],
    ['a body that is no JSON', httpPost('/devices/main-meter/read', '{'), /^HTTP\/1\.1 400/],
    ['a body of the wrong shape', httpPost('/devices/main-meter/read', '{"points":"all"}'), /^HTTP\/1\.1 400/],
    ['an unknown key', httpPost('/devices/main-meter/read', '{"__proto__":{},"x":1}'), /^HTTP\/1\.1 400/],
    ['an oversized body', httpPost('/devices/main-meter/read', 'x'.repeat(70_000)), /^HTTP\/1\.1 400/],
    ['an oversized header', `GET /status HTTP/1.1\r\nhost: ${'x'.repeat(9000)}\r\n\r\n`, /^HTTP\/1\.1 431/],
  ])('%s is refused, and the daemon serves on', async (_what, bytes, refusal) => {
    await using _server = await serve();
    await expect(exchange(bytes)).resolves.toMatch(refusal);
    const control = await connectControl(socket, systemClock);
    await expect(control.status()).resolves.toEqual(playedStatus);
  });

  test.each([
    ['line', 'GET /'],
    ['header', 'GET /status HTTP/1.1\r\nhost: '],
    ['body', 'POST /devices/main-meter/read HTTP/1.1\r\nhost: weir\r\ncontent-length: 1073741824\r\n\r\n'],
  ])('a %s of 1 GB is cut off early, in bounded memory', async (_what, start) => {
    await using _server = await serve();
    const before = process.memoryUsage.rss();
    const client = connect(socket);
    client.on('error', () => undefined);
    client.write(start);
    const sent = await pour(client, 2 ** 30);
    expect(sent).toBeLessThan(2 ** 26);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20);
  });

  test('too many connections are closed; the first ones keep working', async () => {
    await using _server = await serve();
    const clients = Array.from({ length: 17 }, () => connect(socket));
    const [closed] = await Promise.race(clients.map(async (client) => [client, await once(client, 'close')] as const));
    expect(clients.filter((client) => client !== closed).every((client) => !client.destroyed)).toBe(true);
    clients[0]?.write('GET /status HTTP/1.1\r\nhost: weir\r\n\r\n');
    const [answer] = await once(clients[0] as Socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200/);
    for (const client of clients) client.destroy();
  });

  test('a watcher that stops reading is dropped, and until then little is kept for it', async () => {
    const clock = new FakeClock();
    await using _server = await serve(clock);
    const client = connect(socket);
    client.write('GET /watch HTTP/1.1\r\nhost: weir\r\n\r\n');
    client.pause();
    await clock.untilPending();
    await clock.advance(9999);
    expect(gateway.batchesWatched).toBe(1);
    await clock.advance(1);
    await gateway.watchEnded.promise;
    client.destroy();
  });
});

/** Writes up to `limit` bytes, waiting whenever the far end does not take them; resolves with how many it took until it closed. */
async function pour(client: Socket, limit: number): Promise<number> {
  const block = Buffer.alloc(65_536, 'x');
  const closed = once(client, 'close').catch(() => undefined); // however it ends
  let sent = 0;
  while (sent < limit && !client.destroyed) {
    sent += block.length;
    if (!client.write(block)) await Promise.race([once(client, 'drain').catch(() => closed), closed]);
  }
  client.destroy();
  return sent;
}

test('a destination is paused and resumed over the socket', async () => {
  await using _server = await serve();
  const control = await connectControl(socket, systemClock);
  await control.pause('a/b ü');
  expect([...gateway.paused]).toEqual(['a/b ü']);
  await control.resume('a/b ü');
  expect([...gateway.paused]).toEqual([]);
});

test('whom somebody trusts is told the daemon, whole or not at all', async () => {
  await using _server = await serve();
  const control = await connectControl(socket, systemClock);
  const decision = {
    decision: 'trusted',
    side: 'client',
    subject: 'CN=press',
    fingerprint: 'AB:CD',
    by: 'anna',
  } as const;
  await control.decide(decision);
  expect(gateway.decisions).toEqual([decision]);
  await expect(control.decide({ ...decision, side: 'both' as 'client' })).rejects.toMatchObject({ code: 'usage' });
});

test('what a destination is sent once more, by sequences or times, or why not', async () => {
  await using _server = await serve();
  const control = await connectControl(socket, systemClock);
  const ranges = [{ after: 50, upto: 150 }];
  expect(await control.rewind('energy-centre', { ranges })).toEqual({
    kept: [{ after: 100, upto: 150 }],
    gone: [{ after: 50, upto: 100 }],
  });
  expect(await control.rewind('energy-centre', { from: 0, to: 1 })).toMatchObject({ gone: [] });
  await expect(control.rewind('city', { ranges })).rejects.toMatchObject({ code: 'rewind-busy' });
  await expect(control.rewind('energy-centre', { ranges: [] })).rejects.toMatchObject({ code: 'usage' });
});
