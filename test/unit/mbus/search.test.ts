import { expect, test } from 'vitest';
import type { ScanRange, ScanStep } from '../../../src/collect/driver.ts';
import { Station } from '../../../drivers/mbus/station.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openMbus } from '../../support/mbus-session.ts';
import { honestly, identified, playMbus, telegram, type MbusManner, type Talking } from '../../support/played-mbus.ts';
import { passing } from '../../support/timing-out.ts';

type Who = ReturnType<typeof identified>;

function station(who: Who, address?: number): Station {
  return new Station({ address, identification: who, telegrams: () => [telegram(who, '0c13 01000000 0c06 02000000')] });
}

/** What a scan of these meters comes to. */
async function scanned(
  stations: readonly Talking[],
  range: ScanRange,
  manner: MbusManner = honestly,
): Promise<readonly ScanStep[]> {
  await using played = await playMbus(stations);
  played.manner = manner;
  const clock = new FakeClock({ flows: 15 });
  await using opened = await openMbus({ host: '127.0.0.1', port: played.port, timeout: '100ms' }, clock);
  const { session } = opened;
  const scan = Array.fromAsync(session.scan?.(range, new AbortController().signal) ?? []);
  return await passing(scan, clock, 100);
}

function found(steps: readonly ScanStep[]): readonly unknown[] {
  return steps.flatMap((step) => (step.found === undefined ? [] : [step.found.device['address']]));
}

function sorted(addresses: readonly unknown[]): readonly string[] {
  return addresses.map(String).toSorted((a, b) => a.localeCompare(b));
}

// Numbers that share all, many and no digits; makers, media and versions that tell two of them apart.
const IDS = [
  '00000000',
  '12345670',
  '12345671',
  '12345678',
  '12355678',
  '20000001',
  '20000002',
  '29999999',
  '87654321',
];

const METERS: readonly Who[] = [
  ...IDS.map((id) => identified(id)),
  identified('55555555', { medium: 6 }),
  identified('55555555', { medium: 7 }),
  identified('66666666', { version: 3 }),
  identified('66666666', { version: 4 }),
  identified('3333333A'),
  identified('3333333B'),
];

const NAMES = [
  ...IDS.map((id) => `${id} KAM 01 04`),
  '55555555 KAM 01 06',
  '55555555 KAM 01 07',
  '66666666 KAM 03 04',
  '66666666 KAM 04 04',
  '3333333A KAM 01 04',
  '3333333B KAM 01 04',
];

test('meters without a primary address are all found, whatever their numbers have in common', async () => {
  const steps = await scanned(
    METERS.map((who) => station(who)),
    {},
  );
  expect(sorted(found(steps))).toEqual(sorted(NAMES));
  const [first, last] = [steps[0], steps.at(-1)];
  expect(first).toEqual({ address: 'address 0', done: 1, total: 252 });
  expect(last?.done).toBe(last?.total);
  expect(
    steps.every(({ done }, index) => done === index + 1),
    'progress only grows',
  ).toBe(true);
  const answer = steps.flatMap(({ found: each }) => (each === undefined ? [] : [each.answer]))[0];
  expect(answer).toBe('00000000 KAM 01 04 (heat), 2 records');
});

test('a meter that has both is found once, by its primary address', async () => {
  const [one, other] = [identified('11111111'), identified('22222222')];
  expect(found(await scanned([station(one, 17), station(other)], {}))).toEqual([17, '22222222 KAM 01 04']);
});

test('several at one primary address are told, and found by the search', async () => {
  const [one, other] = [identified('11111111'), identified('22222222')];
  const steps = await scanned([station(one, 0), station(other, 0)], {});
  expect(found(steps)).toEqual([0, '11111111 KAM 01 04', '22222222 KAM 01 04']);
  expect(steps[0]?.found).toMatchObject({
    answer: 'several at once: find them by secondary addresses',
    isSeveral: true,
  });
});

test('addresses that are asked for are the only ones asked', async () => {
  const who = identified('11111111');
  const steps = await scanned([station(who, 3)], { addresses: [1, 2, 3, 3, 300] });
  expect(steps.map(({ address }) => address)).toEqual(['address 1', 'address 2', 'address 3']);
  expect(found(steps)).toEqual([3]);
});

test('meters that only differ in their maker are told as such', async () => {
  const stations = ['KAM', 'ELS'].map((maker) => station(identified('11111111', { maker })));
  const steps = await scanned(stations, {});
  const answers = steps.flatMap((step) => (step.found === undefined ? [] : [step.found]));
  expect(answers).toEqual([
    {
      device: { address: '11111111 * 01 04' },
      answer: 'several that only differ in their maker, or one that is always disturbed',
      milliseconds: 0,
      isSeveral: true,
    },
  ]);
});

test('an answer that is lost hides neither of two', async () => {
  // Of the selections of both, one for each digit, and the data that are then garbled, come two answers: the next is lost.
  const LOST = 17;
  let count = 0;
  const meters = ['12345670', '12345671'].map((id) => identified(id));
  const lossy: MbusManner = (answer, socket) => {
    count += 1;
    if (count !== LOST) socket.write(answer);
  };
  const steps = await scanned(
    meters.map((who) => station(who)),
    {},
    lossy,
  );
  expect(sorted(found(steps))).toEqual(meters.map(({ id }) => `${id} KAM 01 04`));
});

const garbled: MbusManner = (_, socket) => void socket.write(Buffer.from('ff00ff', 'hex'));

test('a line on which all is garbled is not searched for ever', async () => {
  const everybody: Talking = { answer: () => ({ kind: 'acknowledgement' }) };
  const scan = scanned([everybody], {}, garbled);
  await expect(scan).rejects.toMatchObject({ code: 'answer-malformed' });
});
