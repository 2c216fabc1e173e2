import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Session } from '../../src/collect/driver.ts';
import { storeCertificate } from '../../src/wire/opcua-certificates.ts';
import { pkiFolder } from '../../src/wire/opcua-pki.ts';
import { startPlant, type Plant } from '../support/opcua-server.ts';
import { Ear, NEVER, OPEN, openOpcua } from '../support/opcua-session.ts';
import { Relay } from '../support/relay.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KEEP_ALIVE = 1_000; // milliseconds, the shortest that there is

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let plant: Plant;

beforeAll(async () => {
  folder = await temporaryFolder();
  plant = await startPlant();
  await using _first = await listening(); // the stack takes a while to load
}, 120_000);

afterAll(async () => {
  await plant[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const points = {
  double: { node: 'nsu=urn:weir:plant;s=Double' },
  boiler: { node: 'nsu=urn:weir:plant;s=Boiler' },
};

async function listening(
  options: { readonly endpoint?: string; readonly connection?: object; readonly points?: Record<string, object> } = {},
) {
  const stack = new AsyncDisposableStack();
  const opened = stack.use(
    await openOpcua({
      folder: folder.path,
      connection: {
        endpoint: options.endpoint ?? plant.endpoint,
        security: OPEN,
        publishing: '100ms',
        keepAlive: `${KEEP_ALIVE}ms`,
        timeout: '30s',
        ...options.connection,
      },
      points: options.points ?? points,
    }),
  );
  const ear = stack.use(new Ear(opened.session, opened.device));
  await ear.until(({ readings }) => readings.length >= 2);
  return { ...opened, ear, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** How listening ended, and after how many milliseconds. */
async function endOf(ear: Ear): Promise<{ readonly error: unknown; readonly after: number }> {
  const began = performance.now();
  const error = await ear.ended.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { error, after: performance.now() - began };
}

// How a request begins, Part 6, 5.2.2.9 and Annex A: a node id of two bytes, little endian.
const CREATE_ITEMS = Buffer.from('0100ef02', 'hex'); // i=751
const READ = Buffer.from('01007702', 'hex'); // i=631

const lost = { code: 'connection-lost' };

/** Nothing may be silent for longer; what a loaded machine adds to it comes on top. */
const LONGEST_SILENCE = 3 * KEEP_ALIVE;
const MACHINE = 3_000;

test('a server that ends a subscription ends the session', async () => {
  await using heard = await listening();
  await plant.tell({ do: 'dropSubscriptions' });
  const { error, after } = await endOf(heard.ear);
  expect(error).toMatchObject(lost);
  expect(after).toBeLessThan(LONGEST_SILENCE + MACHINE);
});

test('a subscription that lives and tells nothing any more is noticed by its clock', async () => {
  await using heard = await listening();
  await plant.tell({ do: 'loseItems' });
  const { error, after } = await endOf(heard.ear);
  expect(error).toMatchObject({ ...lost, message: expect.stringContaining('the clock of the server') as string });
  expect(after).toBeLessThan(LONGEST_SILENCE + KEEP_ALIVE + MACHINE);
});

test('a message that makes no sense is told, and what was in it is read', async () => {
  await using relay = await Relay.to(plant.port);
  await using heard = await listening({ endpoint: `opc.tcp://127.0.0.1:${relay.port}` });
  const value = Buffer.alloc(9, 0x0b); // a Double
  value.writeDoubleLE(63.25, 1);
  let mangled = 0;
  relay.mangle = (bytes) => {
    const at = bytes.indexOf(value);
    if (at < 0 || mangled > 0) return bytes;
    mangled += 1;
    bytes[at] = 0x3f; // of a type that there is not
    return bytes;
  };
  await plant.tell({ do: 'set', name: 'Boiler', value: 63.25 });
  await heard.ear.until((ear) => ear.of('boiler').at(-1)?.value === 63.25);
  expect(mangled).toBe(1);
  expect(heard.told).toMatchObject([{ detail: expect.stringContaining('a notification makes no sense') as string }]);
  await plant.tell({ do: 'set', name: 'Boiler', value: 64 });
  await heard.ear.until((ear) => ear.of('boiler').at(-1)?.value === 64);
});

test('a server that closes the session ends it', async () => {
  await using heard = await listening();
  await plant.tell({ do: 'closeSessions' });
  expect((await endOf(heard.ear)).error).toMatchObject(lost);
});

test('a server that is frozen is given up after three keep-alives, and closing takes no longer than two seconds', async () => {
  await using heard = await listening();
  process.kill(plant.pid, 'SIGSTOP');
  try {
    const { error, after } = await endOf(heard.ear);
    expect(error).toMatchObject(lost);
    expect(after).toBeLessThan(LONGEST_SILENCE + MACHINE);
    const began = performance.now();
    await heard.session[Symbol.asyncDispose]();
    await heard.session[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(2_000 + MACHINE);
  } finally {
    process.kill(plant.pid, 'SIGCONT');
  }
});

test.each([3_600_000, -3_600_000, 10 * 365 * 86_400_000])(
  'the clock of this machine is set by %i ms: nothing asserts, and the session is made anew',
  async (step) => {
    await using heard = await listening();
    const uncaught: unknown[] = [];
    const onError = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtException', onError);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + step });
    try {
      const { error } = await endOf(heard.ear);
      expect(error).toMatchObject({ ...lost, message: expect.stringContaining('clock of this machine') as string });
      await heard.session[Symbol.asyncDispose]();
    } finally {
      vi.useRealTimers();
      process.off('uncaughtException', onError);
    }
    expect(uncaught).toEqual([]);
  },
);

test('a protected channel goes on when the clock is set while its token is young', async () => {
  await using other = await temporaryFolder();
  const pem = await readFile(`${plant.folder}/own/certs/certificate.pem`);
  await storeCertificate(pkiFolder(other.path, 'client'), new X509Certificate(pem).raw, 'trusted');
  await using opened = await openOpcua({
    folder: other.path,
    connection: { endpoint: plant.endpoint, publishing: '100ms', timeout: '30s' },
    points,
  });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 365 * 86_400_000 });
  try {
    const readings = await (opened.session as Session).read(opened.device, opened.device.points, NEVER);
    expect(readings.map(({ quality }) => quality)).toEqual(['good', 'good']);
  } finally {
    vi.useRealTimers();
  }
});

test('namespaces are found where the server has numbered them anew; another session is refused by name; a kill is noticed at once', async () => {
  await using other = await startPlant({ namespacesBefore: 3, maxSessions: 1 });
  await using heard = await listening({ endpoint: other.endpoint });
  expect(heard.ear.of('double')).toMatchObject([{ value: 21.5 }]);

  const second = openOpcua({ folder: folder.path, connection: { endpoint: other.endpoint, security: OPEN } });
  await expect(second).rejects.toMatchObject({
    code: 'connection-failed',
    message: expect.stringContaining('no session left') as string,
  });

  await other.kill();
  const { error, after } = await endOf(heard.ear);
  expect(error).toMatchObject(lost);
  expect(after).toBeLessThan(LONGEST_SILENCE + MACHINE);
}, 120_000);

test('a server without a subscription to spare is asked instead', async () => {
  await using other = await startPlant({ maxSubscriptions: 0, maxNodesPerRead: 1 });
  await using heard = await listening({
    endpoint: other.endpoint,
    points: { ...points, polled: { node: 'nsu=urn:weir:plant;s=Double', mode: 'poll', sampling: '100ms' } },
  });
  await heard.ear.until((ear) => ear.of('polled').length >= 3);
  expect(
    heard.ear
      .of('polled')
      .map(({ value }) => value)
      .slice(0, 3),
  ).toEqual([21.5, 21.5, 21.5]);
}, 120_000);

test('what changes between the subscription and the first reading comes once, and what it was before, too', async () => {
  await using relay = await Relay.to(plant.port);
  const set = (value: number): Promise<unknown> => plant.tell({ do: 'set', name: 'Historical', value });
  await set(1);
  let isSubscribed = false;
  relay.before = async (bytes) => {
    if (bytes.includes(CREATE_ITEMS)) isSubscribed = true;
    else if (isSubscribed && bytes.includes(READ)) {
      relay.before = undefined;
      await set(2);
    }
  };
  const historical = { node: 'nsu=urn:weir:plant;s=Historical', sampling: '0ms' };
  await using heard = await listening({
    endpoint: `opc.tcp://127.0.0.1:${relay.port}`,
    points: { historical, double: points.double },
  });
  await heard.ear.until(({ readings }) => readings.some(({ value }) => value === 1));
  await set(3);
  await heard.ear.until(({ readings }) => readings.some(({ value }) => value === 3));
  expect(relay.before).toBe(undefined);
  expect(heard.ear.of('historical').map(({ value }) => value)).toEqual([2, 1, 3]);
});
