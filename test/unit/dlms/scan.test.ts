import { expect, test } from 'vitest';
import { AskSession } from '../../../drivers/dlms/ask-session.ts';
import { dlms } from '../../../drivers/dlms/driver.ts';
import { placesOf } from '../../../drivers/dlms/scan.ts';
import type { ScanRange, ScanStep } from '../../../src/collect/driver.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { holding, playDlms, type PlayedDlmsSettings } from '../../support/played-dlms.ts';

const NEVER = new AbortController().signal;
const NAME = holding(1, '0-0:42.0.0', { type: 'octets', bytes: Buffer.from('WIR0000000004711') });
const HELD = holding(3, '1-0:1.8.0', { type: 'uint32', value: 7 }, [0, 30]);

async function scan(played: PlayedDlmsSettings, range: ScanRange, signal = NEVER): Promise<readonly ScanStep[]> {
  await using meter = await playDlms(played);
  await using session = await open(meter.port, played.framing);
  const steps: ScanStep[] = [];
  for await (const step of session.scan(range, signal)) steps.push(step);
  return steps;
}

async function open(port: number, framing: string): Promise<AskSession> {
  const keys = { host: '127.0.0.1', port, framing, timeout: '1s', retries: 0 };
  const context = {
    clock: systemClock,
    connection: 'line',
    observe: () => undefined,
    answered: () => undefined,
    tap: { listener: undefined },
  };
  const session = await dlms.open(dlms.schemas.connection.parse(keys), [], context, NEVER);
  if (session instanceof AskSession) return session;
  throw new TypeError('it is asked');
}

const found = (steps: readonly ScanStep[]): readonly unknown[] =>
  steps.flatMap(({ address, found: who }) => (who === undefined ? [] : [[address, who.device, who.answer]]));

test.each([
  [{}, [0], 'no physical address, client 16', {}],
  [{ physical: 17 }, [16, 17], 'physical 17, 4 bytes, client 16', { physical: 17 }],
  [{ physical: 18, addressBytes: 2 }, [18], 'physical 18, 2 bytes, client 16', { physical: 18, addressBytes: 2 }],
])('a meter in HDLC is found by its address %j, and says its name', async (device, addresses, address, keys) => {
  const steps = await scan({ framing: 'hdlc', device, server: { objects: [NAME] } }, { addresses });
  expect(found(steps)).toEqual([[address, keys, 'WIR0000000004711']]);
  expect(steps.at(-1)).toMatchObject({ done: steps.at(-1)?.total });
});

test('logical devices behind the wrapper are found one after the other; who is silent costs the connection alone', async () => {
  const played = { framing: 'wrapper', device: { server: 3 }, server: { objects: [NAME] } } as const;
  expect(found(await scan(played, { addresses: [2, 3] }))).toEqual([
    ['logical device 3, client 16', { server: 3 }, 'WIR0000000004711'],
  ]);
});

test('one who wants a password is there', async () => {
  const access = { kind: 'lls', password: Buffer.from('secret') } as const;
  for (const framing of ['hdlc', 'wrapper'] as const) {
    const [step] = await scan(
      { framing, server: { objects: [NAME], access } },
      { addresses: [framing === 'hdlc' ? 0 : 1] },
    );
    expect(step?.found?.answer).toMatch(/^it refuses the association: it wants us to prove who we are/);
  }
});

test('nobody is found where nobody is, and a stopped scan stops', async () => {
  const played = { framing: 'hdlc', device: { physical: 99 }, server: { objects: [NAME] } } as const;
  const steps = await scan(played, { addresses: [98] });
  expect(found(steps)).toEqual([]);
  expect(steps.map(({ done, total }) => [done, total])).toEqual([1, 2, 3, 4].map((done) => [done, 4]));
  await expect(scan(played, {}, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

test('without a range the usual addresses are tried, the likeliest first', () => {
  const names = placesOf('hdlc', {}).map(({ name }) => name);
  expect(names.slice(0, 3)).toEqual(['no physical address', 'physical 16', 'physical 17']);
  expect(names).toHaveLength(1 + 125);
  expect(
    placesOf('wrapper', {})
      .map(({ name }) => name)
      .at(-1),
  ).toBe('logical device 16');
  expect(placesOf('hdlc', { addresses: [16_381, 16_382] }).map(({ forms }) => forms.length)).toEqual([2]);
});

test('a meter that is read meanwhile is read on', async () => {
  const objects = [NAME, HELD];
  await using meter = await playDlms({ framing: 'hdlc', server: { objects } });
  await using session = await open(meter.port, 'hdlc');
  const point = { number: 1, id: 'meter/energy', address: dlms.schemas.point.parse({ obis: '1-0:1.8.0' }) };
  const device = { id: 'meter', settings: dlms.schemas.device.parse({}), points: [point] } as never;
  const values: unknown[] = [];
  for await (const _step of session.scan({ addresses: [0] }, NEVER)) {
    values.push(...(await session.read(device, [point] as never, NEVER)).map(({ value }) => value));
  }
  values.push(...(await session.read(device, [point] as never, NEVER)).map(({ value }) => value));
  expect(values).toEqual([7, 7]);
});
