import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Candidate } from '../../../../src/cli/device/candidates.ts';
import {
  candidatesAmong,
  profilesFor,
  searchLookalikes,
  type KnownProfile,
  type Lookalike,
  type Search,
} from '../../../../src/cli/device/lookalikes.ts';
import { namesakes } from '../../../../src/cli/device/namesakes.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { PlayedPlaces, type Memory } from '../../../support/played-places.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let known: readonly KnownProfile[];
let candidates: readonly Candidate[];

const volts = { read: 'input 0', type: 'uint16', unit: 'V', scale: 0.1, quantity: 'voltage-l1' };
const hertz = { read: 'input 10', type: 'uint16', unit: 'Hz', scale: 0.01, quantity: 'frequency' };

/** Profiles of four models of one maker: two with the same mark, one with two marks, one without any. */
const profiles = {
  'a/one-mark': { fingerprint: [{ read: 'holding 90', type: 'uint16', equals: 15_270 }], points: { volts } },
  'a/same-mark': { fingerprint: [{ read: 'holding 90', type: 'uint16', equals: 15_270 }], points: { volts } },
  'a/two-marks': {
    fingerprint: [
      { read: 'holding 90', type: 'uint16', equals: 15_270 },
      { read: 'holding 50', type: 'string(8)', equals: 'PM5320' },
    ],
    points: { volts },
  },
  'b/no-mark': { device: { order: 'CDAB' }, points: { volts, hertz } },
  'b/volts-only': { points: { volts } },
  'c/other-protocol': { driver: 'mbus', points: { volts, hertz } },
};

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const [name, profile] of Object.entries(profiles)) {
    const [vendor = '', model = ''] = name.split('/');
    const document = { title: 'Manual', revision: '1' };
    const whole = {
      driver: 'modbus',
      vendor,
      model,
      description: 'a meter',
      document,
      verified: 'document',
      ...profile,
    };
    await mkdir(join(folder.path, vendor), { recursive: true });
    await writeFile(join(folder.path, `${name}.yaml`), JSON.stringify(whole));
  }
  await writeFile(join(folder.path, 'a/broken.yaml'), 'driver: [');
  known = await profilesFor('modbus', [folder.path]);
  candidates = candidatesAmong(known);
});

afterAll(() => folder[Symbol.asyncDispose]());

const never = new AbortController().signal;

async function search(line: PlayedPlaces, named: readonly Lookalike[] = []): Promise<Search> {
  const context = { commissioning: line, clock: new FakeClock(), named, progress: () => undefined };
  return searchLookalikes({ unit: 3 }, candidates, context, never);
}

const names = ({ found }: Search): readonly string[] => found.map(({ profile }) => profile);

test('candidates are the profiles of the protocol by which something can be told, the cheapest to ask first', () => {
  expect(candidates.map(({ profile, by }) => `${profile} by ${by}`)).toEqual([
    'a/one-mark by fingerprint',
    'a/same-mark by fingerprint',
    'a/two-marks by fingerprint',
    'b/no-mark by values',
  ]);
});

describe('a device', () => {
  test('that has the marks of a model is found by them, the one with the most first', async () => {
    const found = await search(new PlayedPlaces({ 'holding 90': 15_270, 'holding 50': 'PM5320\0\0' }));
    expect(names(found)).toEqual(['a/two-marks', 'a/one-mark', 'a/same-mark']);
    expect(found.found[0]).toMatchObject({
      by: 'fingerprint',
      evidence: ['holding 90 is 15270', 'holding 50 is PM5320\0\0'],
    });
  });

  test('that has one of two marks is not of that model', async () => {
    expect(names(await search(new PlayedPlaces({ 'holding 90': 15_270, 'holding 50': 'PM5110' })))).toEqual([
      'a/one-mark',
      'a/same-mark',
    ]);
  });

  test('is asked each thing once, however many profiles want to know it', async () => {
    const line = new PlayedPlaces({ 'holding 90': 1 });
    await search(line);
    const places = line.asked.flatMap(({ points }) => Object.values(points).map(({ read }) => read));
    expect(places).toHaveLength(4);
    expect(new Set(places)).toEqual(new Set(['holding 50', 'holding 90', 'input 0', 'input 10']));
  });

  test('without marks is recognised by values that are what they should be, read as the profile says', async () => {
    const line = new PlayedPlaces({ 'input 0': 2301, 'input 10': 4998 });
    const found = await search(line);
    expect(found).toEqual({
      found: [
        {
          profile: 'b/no-mark',
          vendor: 'b',
          model: 'no-mark',
          by: 'values',
          evidence: ['volts is 230.1 V', 'hertz is 49.98 Hz'],
        },
      ],
      tried: 4,
      candidates: 4,
      ended: undefined,
      answered: true,
    });
    expect(line.asked.at(-1)?.device).toEqual({ order: 'CDAB', unit: 3 });
  });

  test.each<[string, Memory]>([
    ['whose voltage is none', { 'input 0': 17_254, 'input 10': 4998 }],
    ['whose frequency is none', { 'input 0': 2301, 'input 10': 3 }],
    ['that refuses one of the values', { 'input 0': 2301 }],
    ['of which one value alone would fit, the other being 0', { 'input 0': 0, 'input 10': 5000 }],
    ['that has nothing of it all', {}],
  ])('%s looks like nothing', async (_what, memory) => {
    expect(names(await search(new PlayedPlaces(memory)))).toEqual([]);
  });
});

function profileOf(vendor: string, model: string): KnownProfile {
  return { profile: `${vendor}/${model}`, header: { vendor, model } as KnownProfile['header'] };
}

describe('what a device calls itself', () => {
  const facts = [
    { name: 'vendor name', value: 'ACME Instruments GmbH' },
    { name: 'product code', value: 'METX1200-R' },
    { name: 'revision', value: '1.4' },
  ];
  test('is found among the profiles, by maker and type code', () => {
    expect(namesakes([profileOf('ACME', 'PowerLine X1200')], facts)).toEqual([
      {
        profile: 'ACME/PowerLine X1200',
        vendor: 'ACME',
        model: 'PowerLine X1200',
        by: 'name',
        evidence: ['its vendor name is ACME Instruments GmbH', 'its product code is METX1200-R'],
      },
    ]);
  });

  test.each([
    ['another maker', 'Emca', 'X1200'],
    ['another model', 'ACME', 'X1300'],
    ['a model with a longer number', 'ACME', 'X120'],
    ['a model without a type code', 'ACME', 'Instruments'],
    ['a code that is too short to tell', 'ACME', 'X1'],
    ['a maker that is too short to tell', 'B+G', 'X1200'],
  ])('is not %s', (_what, vendor, model) => {
    expect(namesakes([profileOf(vendor, model)], facts)).toEqual([]);
  });

  test('counts for less than its marks, and for more than its values', async () => {
    const named = namesakes([profileOf('ACME', 'X1200')], facts);
    expect(names(await search(new PlayedPlaces({ 'input 0': 2301, 'input 10': 4998 }), named))).toEqual(['ACME/X1200']);
    expect(names(await search(new PlayedPlaces({ 'holding 90': 15_270 }), named))).toEqual([
      'a/one-mark',
      'a/same-mark',
    ]);
  });
});

describe('a search', () => {
  test('tells how far it is', async () => {
    const steps: string[] = [];
    const progress = (done: number, total: number): unknown => steps.push(`${done} of ${total}`);
    const context = { commissioning: new PlayedPlaces({}), clock: new FakeClock(), named: [], progress };
    await searchLookalikes({}, candidates, context, never);
    expect(steps).toEqual(['0 of 4', '1 of 4', '2 of 4', '3 of 4']);
  });

  test('is given up where the device stays silent, and says so', async () => {
    const many = Array.from({ length: 20 }, (_, index): Candidate => ({
      ...(candidates[0] as Candidate),
      questions: (candidates[0] as Candidate).questions.map((question) => ({
        ...question,
        keys: { read: `holding ${index}`, type: 'uint16' },
      })),
    }));
    const line = new PlayedPlaces({}, () => true);
    const context = { commissioning: line, clock: new FakeClock(), named: [], progress: () => undefined };
    const found = await searchLookalikes({}, many, context, never);
    expect(line.asked).toHaveLength(3);
    expect(found).toMatchObject({ tried: 3, candidates: 20, answered: false });
    expect(found.ended).toBe('the device stays silent about what it does not know');
  });

  test('ends after a minute', async () => {
    const clock = new FakeClock();
    const line = new PlayedPlaces({});
    const slow = Object.assign(line, {
      readAdHoc: async (asked: Parameters<PlayedPlaces['readAdHoc']>[0]) => {
        await clock.advance(31_000);
        return PlayedPlaces.prototype.readAdHoc.call(line, asked);
      },
    });
    const context = { commissioning: slow, clock, named: [], progress: () => undefined };
    const found = await searchLookalikes({}, candidates, context, never);
    expect(found).toMatchObject({ ended: 'it took too long', answered: true });
    expect(found.tried).toBeLessThan(4);
  });
});
