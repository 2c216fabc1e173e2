import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/model/clock.ts';
import { findCertificate, moveCertificate } from '../../src/wire/opcua-certificates.ts';
import { OpcuaClient, type Asked, type ClientSettings, type HistoryAnswer } from '../support/opcua-client.ts';
import { openTo } from '../support/open-sockets.ts';
import { servedGateway, type ServedGateway } from '../support/served-gateway.ts';

// One gateway and one client for all: each of the two loads an OPC UA stack, which takes seconds on a small machine.

const allowInsecure = 'a test of what is insecure too';
const policies = ['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss', 'None'] as const;

let gateway: ServedGateway;
let client: OpcuaClient;

beforeAll(async () => {
  [gateway, client] = await Promise.all([
    servedGateway({ policies, anonymous: true, allowInsecure }),
    OpcuaClient.start(),
  ]);
}, 90_000);

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

/** Connects the client anew. */
async function connect(settings: Partial<ClientSettings> = {}): Promise<void> {
  await client.ask<undefined>({ do: 'close' });
  const { endpoint, folder } = gateway;
  const plain = { policy: 'None', mode: 'None', namespace: 'urn:weir:test' } as const;
  await client.ask<undefined>({
    do: 'connect',
    settings: { endpoint, folder: join(folder, 'client'), ...plain, ...settings },
  });
}

function as(name: string, password = name): Partial<ClientSettings> {
  return { user: { name, password } };
}

test('it listens at the address that it was given, and at no other', () => {
  const [, port] = /:(\d+)$/.exec(gateway.endpoint) ?? [];
  expect(openTo(process.pid).filter((where) => where.endsWith(`:${port}`))).toEqual([`tcp 127.0.0.1:${port}`]);
});

test('a client finds a folder for each device, and in it what is selected', async () => {
  await connect();
  const root = await client.ask<{ name: string; id: string }[]>({ do: 'browse', id: '/' });
  expect(root).toEqual([{ name: 'boiler', id: 'ns=2;s=boiler', type: 'ns=0;i=61' }]);
  const found = await client.ask<{ name: string; type: string }[]>({ do: 'browse', id: 'boiler' });
  expect(Object.fromEntries(found.map(({ name, type }) => [name, type]))).toEqual({
    temperature: 'ns=0;i=2368', // AnalogItemType
    heat: 'ns=0;i=17497', // AnalogUnitType
    flow: 'ns=0;i=17497',
    serial: 'ns=0;i=2365', // DataItemType
    running: 'ns=0;i=2373', // TwoStateDiscreteType
    mode: 'ns=0;i=2376', // MultiStateDiscreteType
    alarm: 'ns=0;i=11238', // MultiStateValueDiscreteType
    setpoint: 'ns=0;i=2368',
    broken: 'ns=0;i=2365',
    metered: 'ns=0;i=2365',
  });
});

test('values of every type are exact, and a bad one has a status and no value', async () => {
  await connect();
  const before = Date.now();
  await gateway.control.readDevice('boiler', undefined, AbortSignal.timeout(10_000));
  const names = ['temperature', 'heat', 'flow', 'serial', 'running', 'mode', 'alarm', 'broken'];
  const read = await client.read(...names.map((name) => `boiler/${name}`));
  expect(read.map(({ type, value, status }) => [type, value, status])).toEqual([
    ['Double', 61.5, 'Good'],
    ['UInt64', [0xffff_ffff, 0xffff_ffff], 'Good'],
    ['Float', 0.5, 'Good'],
    ['String', 'B-77 "north"', 'Good'],
    ['Boolean', true, 'Good'],
    ['UInt16', 1, 'Good'],
    ['Int16', 40, 'Good'],
    ['Null', null, 'BadNotSupported'],
  ]);
  expect(Math.abs((read[0]?.sourceTime ?? 0) - before)).toBeLessThan(60_000);
});

test("a device's own time is the source's time, ours the server's", async () => {
  await connect();
  const [metered] = await client.read('boiler/metered');
  expect(metered).toMatchObject({ value: 7, sourceTime: 1_790_000_000_000 });
  expect(metered?.serverTime).toBeGreaterThan(1_790_000_000_000);
});

test('units are told by their UNECE codes, ranges and the names of states by their properties', async () => {
  await connect();
  const properties = await client.read(
    'boiler/temperature/EngineeringUnits',
    'boiler/heat/EngineeringUnits',
    'boiler/flow/EngineeringUnits',
    'boiler/temperature/EURange',
    'boiler/running/TrueState',
    'boiler/mode/EnumStrings',
    'boiler/alarm/ValueAsText',
  );
  expect(properties.map(({ value }) => value)).toMatchObject([
    { namespaceUri: 'http://www.opcfoundation.org/UA/units/un/cefact', unitId: 0x43454c, displayName: { text: '°C' } },
    { unitId: 0x4b5748, displayName: { text: 'kW·h' } },
    { namespaceUri: 'http://unitsofmeasure.org', unitId: -1, displayName: { text: 'furlong' } },
    { low: -10, high: 120 },
    { text: 'on' },
    [{ text: 'off' }, { text: 'eco' }, { text: 'comfort' }],
    { text: 'low water' },
  ]);
});

test('who subscribes is told of every change, of bad values too', async () => {
  await connect();
  const ids = ['boiler/temperature', 'boiler/running'];
  const revised = await client.ask<unknown[]>({ do: 'subscribe', ids, sampling: 0 });
  expect(revised).toEqual(ids.map(() => ({ samplingInterval: 100, queueSize: 100 })));
  const news = (id: string) =>
    client.changes.filter((change) => change.id === id).map(({ value, status }) => [value, status]);
  await client.until(() => news('boiler/temperature').length === 1);
  gateway.plant.set('temperature', 70);
  await client.until(() => news('boiler/temperature').length === 2);
  gateway.plant.set('temperature', { bad: 'no-answer' });
  await client.until(() => news('boiler/temperature').length === 3);
  gateway.plant.set('temperature', 61.5);
  await client.until(() => news('boiler/temperature').length === 4);
  expect(news('boiler/temperature')).toEqual([
    [61.5, 'Good'],
    [70, 'Good'],
    [null, 'BadTimeout'],
    [61.5, 'Good'],
  ]);
  expect(news('boiler/running')).toEqual([[true, 'Good']]);
});

const HOUR = 3_600_000;
const forEver = new AbortController().signal;

function historyOf(id: string, asked: object): Promise<HistoryAnswer> {
  return client.ask({ do: 'history', id, ...asked });
}

test('history is read from the journal, page by page, in either direction', async () => {
  await connect();
  const history = historyOf.bind(undefined, 'boiler/serial');
  const newest = await history({ end: Date.now() + HOUR, values: 9 });
  expect(newest.status).toBe('Good');
  const backwards = newest.values.map(({ sourceTime }) => sourceTime ?? 0);
  expect(backwards).toEqual(backwards.toSorted((one, other) => other - one));
  const [start, end] = [backwards.at(-1), backwards.at(0)];

  const whole = await history({ start, end });
  expect([whole.status, whole.continuation]).toEqual(['Good', undefined]);
  expect(whole.values[0]).toMatchObject({ type: 'String', value: 'B-77 "north"', status: 'Good' });
  const times = whole.values.map(({ sourceTime }) => sourceTime ?? 0);
  expect(times).toEqual(backwards.toReversed());
  expect((await history({ start: end, end: start })).values.map(({ sourceTime }) => sourceTime)).toEqual(backwards);

  const pages: (number | null)[] = [];
  let continuation: string | undefined;
  do {
    const page: HistoryAnswer = await history({ start, end, values: 2, ...(continuation && { continuation }) });
    expect(page.values.length).toBeLessThanOrEqual(2);
    pages.push(...page.values.map(({ sourceTime }) => sourceTime));
    ({ continuation } = page);
  } while (continuation !== undefined);
  expect(pages).toEqual(times);
});

test('what a device had kept until later stands at its time, in the order of all pages, in either direction', async () => {
  await connect();
  const start = Date.now() - 2 * HOUR;
  const sourceTime = Date.now() - HOUR;
  const history = historyOf.bind(undefined, 'boiler/setpoint');
  const untilOldest = async (isIt: (value: unknown) => boolean): Promise<number> => {
    for (;;) {
      const [oldest] = (await history({ start, values: 1 })).values;
      if (oldest !== undefined && isIt(oldest.value)) return oldest.sourceTime ?? NaN;
      await systemClock.sleep(100, forEver);
    }
  };
  const end = (await untilOldest(() => true)) + 2_000; // what is read goes on growing
  gateway.plant.set('setpoint', { value: 17, sourceTime, reason: 'historical' });
  expect(await untilOldest((value) => value === 17)).toBe(sourceTime);
  gateway.plant.set('setpoint', 45);
  for (const [begin, until, sign] of [
    [start, end, 1],
    [end, start, -1],
  ] as const) {
    const times: number[] = [];
    let continuation: string | undefined;
    do {
      const page: HistoryAnswer = await history({
        start: begin,
        end: until,
        values: 5,
        ...(continuation && { continuation }),
      });
      times.push(...page.values.map((value) => value.sourceTime ?? 0));
      ({ continuation } = page);
    } while (continuation !== undefined);
    expect(times).toEqual(times.toSorted((one, other) => sign * (one - other)));
    expect(times.at(sign === 1 ? 0 : -1)).toBe(sourceTime);
  }
});

test('bad values are in the history with their status; a time without any says so', async () => {
  await connect();
  const history = historyOf.bind(undefined, 'boiler/broken');
  const bad = await history({ start: Date.now() - HOUR, values: 1 });
  expect(bad.values).toMatchObject([{ type: 'Null', value: null, status: 'BadNotSupported' }]);
  const none = await history({ start: Date.now() - 3 * HOUR, end: Date.now() - 2 * HOUR });
  expect(none).toMatchObject({ status: 'GoodNoData', values: [] });
});

test('what is no request for raw history is refused by name', async () => {
  await connect();
  const history = historyOf.bind(undefined, 'boiler/heat');
  const start = Date.now() - HOUR;
  expect((await history({ start })).status).toBe('BadInvalidTimestampArgument');
  expect((await history({ start, values: 1, bounds: true })).status).toBe('BadBoundNotSupported');
  for (const continuation of [1, 30, 38].flatMap((length) => [Buffer.alloc(length), Buffer.alloc(length, 0xff)])) {
    expect((await history({ start, values: 1, continuation: continuation.toString('base64') })).status).toBe(
      'BadContinuationPointInvalid',
    );
  }
});

function write(id: string, type: Extract<Asked, { do: 'write' }>['type'], value: unknown): Promise<string> {
  return client.ask({ do: 'write', id: `boiler/${id}`, type, value });
}

test('who may write writes to the device, within the rules of the point, and stands in the log', async () => {
  await connect(as('operator'));
  expect(await write('setpoint', 'Double', 21.5)).toBe('Good');
  expect(gateway.plant.get('setpoint')).toBe(21.5);
  expect(gateway.told.findLast(({ event }) => event === 'point-written')?.fields).toEqual({
    device: 'boiler',
    values: 'setpoint = 21.5, asked by operator at scada',
  });
  expect(await write('mode', 'UInt16', 2)).toBe('Good');
  expect(gateway.plant.get('mode')).toBe(2);

  expect(await write('setpoint', 'Double', 61)).toBe('BadOutOfRange');
  expect(await write('setpoint', 'Double', 21.3)).toBe('BadOutOfRange');
  expect(await write('setpoint', 'Float', 22)).toBe('BadTypeMismatch');
  expect(await write('setpoint', 'String', '22')).toBe('BadTypeMismatch');
  expect(await write('temperature', 'Double', 22)).toBe('BadNotWritable');
  expect(await write('temperature/EURange', 'Double', 22)).toBe('BadNotWritable');
  expect(gateway.plant.get('setpoint')).toBe(21.5);
});

test('nobody else writes: neither a user without the right to, nor one without a name', async () => {
  for (const settings of [as('viewer'), {}]) {
    await connect(settings);
    const access = await client.ask<{ value: number }[]>({
      do: 'read',
      ids: ['boiler/setpoint'],
      attribute: 'UserAccessLevel',
    });
    expect(access[0]?.value).toBe(0b101); // CurrentRead, HistoryRead
    expect(await client.ask({ do: 'write', id: 'boiler/setpoint', type: 'Double', value: 30 })).toBe(
      'BadUserAccessDenied',
    );
  }
  expect(gateway.plant.get('setpoint')).not.toBe(30);
});

test('a wrong password and an unknown name are refused, and told', async () => {
  for (const [name, password] of [
    ['operator', 'viewer'],
    ['nobody', 'nobody'],
    ['__proto__', 'x'],
  ]) {
    await expect(connect(as(name ?? '', password))).rejects.toThrow('BadUserAccessDenied');
    expect(gateway.told.findLast(({ event }) => event === 'client-refused')?.fields).toMatchObject({
      server: 'scada',
      client: `user ${name}`,
      reason: 'wrong name or password',
    });
  }
});

test('an unknown certificate is refused with its thumbprint, and let in at once when it is trusted', async () => {
  const folder = join(gateway.folder, 'stranger');
  const secured = { ...as('viewer'), folder, policy: 'Aes256_Sha256_RsaPss', mode: 'SignAndEncrypt' } as const;
  await expect(connect(secured)).rejects.toThrow();
  const refusal = gateway.told.findLast(({ event }) => event === 'client-refused')?.fields;
  const thumbprint = String(refusal?.['reason']).split(' ').at(-1) ?? '';
  expect(refusal).toMatchObject({ client: expect.stringContaining(thumbprint) });
  expect(refusal?.['reason']).toContain('BadCertificateUntrusted; if it is to be trusted: weir opcua trust');

  await moveCertificate(gateway.pki, await findCertificate(gateway.pki, thumbprint), 'trusted');
  for (const policy of ['Basic256Sha256', 'Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss'] as const) {
    for (const mode of ['Sign', 'SignAndEncrypt'] as const) {
      await connect({ ...secured, policy, mode });
      expect(await client.read('boiler/running')).toMatchObject([{ value: true, status: 'Good' }]);
    }
  }
  await moveCertificate(gateway.pki, await findCertificate(gateway.pki, thumbprint), 'rejected');
  await expect(connect(secured)).rejects.toThrow();
});

test('the status says who is served what, and why it is insecure', async () => {
  await connect();
  let { servers } = await gateway.control.status();
  while (servers[0]?.sessions !== 1) ({ servers } = await gateway.control.status()); // looked at once a second
  expect(servers).toMatchObject([
    {
      name: 'scada',
      protocol: 'opcua',
      endpoint: gateway.endpoint,
      state: 'up',
      error: null,
      policies,
      insecure: allowInsecure,
      points: 10,
      sessions: 1,
      subscriptions: 0,
    },
  ]);
});
