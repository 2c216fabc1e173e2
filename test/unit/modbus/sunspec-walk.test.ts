import { describe, expect, test } from 'vitest';
import { USUAL_LIMITS, type AskRegisters } from '../../../drivers/modbus/sunspec/registers.ts';
import { walk } from '../../../drivers/modbus/sunspec/walk.ts';
import { askImage, composeImage, readImage, type RegisterImage } from '../../support/sunspec-device.ts';

const LIMITS = { ...USUAL_LIMITS, maxWords: 125 };

/** `1 at 40004 (66)` for each model, and the fault. */
async function follow(ask: AskRegisters): Promise<readonly string[] | undefined> {
  const walked = await walk('inverter', ask, LIMITS);
  const models = walked?.models.map(({ id, address, length }) => `${id} at ${address} (${length})`);
  return models === undefined || walked?.fault === undefined ? models : [...models, walked.fault];
}

const DEVICE = [{ id: 1 }, { id: 103 }, { id: 64_000, length: 7 }, { id: 160, times: 2 }] as const;

describe('the models of a device', () => {
  test.each([40_000, 50_000, 0, 39_999, 40_001, 49_999, 50_001, 1])(
    'are found behind the marker at %i, those of a vendor passed over by their length',
    async (base) => {
      const { ask, asked } = askImage(await composeImage(DEVICE, { base }));
      expect(await follow(ask)).toEqual([
        `1 at ${base + 4} (66)`,
        `103 at ${base + 72} (50)`,
        `64000 at ${base + 124} (7)`,
        `160 at ${base + 133} (48)`,
      ]);
      expect(asked.length).toBeLessThanOrEqual(8 + 5);
    },
  );

  test('are found among the input registers of a device that has no others', async () => {
    expect(await follow(askImage(await composeImage(DEVICE), 'input').ask)).toHaveLength(4);
  });

  test('are all there when the mark of the end is the last register', async () => {
    expect(await follow(askImage(await composeImage([{ id: 1 }], { end: [0xffff] })).ask)).toEqual(['1 at 40004 (66)']);
  });

  test('may be of any length, even none, and of another edition', async () => {
    const { ask } = askImage(await composeImage([{ id: 1, length: 65 }, { id: 302 }, { id: 103, length: 60 }]));
    expect(await follow(ask)).toEqual(['1 at 40004 (65)', '302 at 40071 (0)', '103 at 40073 (60)']);
  });
});

test('a device without marker has no models, and is asked no more than sixteen times', async () => {
  const { ask, asked } = askImage(new Map([[40_000, 0x1234]]));
  expect(await follow(ask)).toBeUndefined();
  expect(asked).toHaveLength(16);
});

describe('a description that is broken ends where it breaks', () => {
  test.each<[string, Parameters<typeof composeImage>[0], readonly number[], string]>([
    ['no mark of the end', [{ id: 1 }], [], 'no model and no end at holding 40070'],
    ['memory of zeros behind it', [{ id: 1 }], [0, 0, 0, 0], 'model 0 at holding 40070 claims 0 registers'],
    [
      'a length beyond the last register',
      [{ id: 1 }],
      [103, 65_000],
      'model 103 at holding 40070 claims 65000 registers',
    ],
  ])('%s', async (_, models, end, fault) => {
    const { ask } = askImage(await composeImage(models, { end }));
    expect(await follow(ask)).toEqual(['1 at 40004 (66)', fault]);
  });

  test('the last model reaches to the last register', async () => {
    const image = new Map(await composeImage([], { end: [103, 25_532] }));
    expect(await follow(askImage(image).ask)).toEqual(['103 at 40004 (25532)', 'no model and no end at holding 65536']);
  });
});

/** Whatever is asked for is there, and always the same. */
function endless(...pattern: readonly number[]): { readonly ask: AskRegisters; readonly requests: () => number } {
  let requests = 0;
  return {
    requests: () => requests,
    ask: (_, address, count) => {
      requests += 1;
      if (address === 40_000) return Promise.resolve(Buffer.from('SunS'));
      const bytes = Buffer.alloc(count * 2);
      for (let index = 0; index < count; index++) bytes.writeUInt16BE(pattern[index % pattern.length] ?? 0, index * 2);
      return Promise.resolve(bytes);
    },
  };
}

describe('a device that means no good', () => {
  test('models of no length without end are cut off', async () => {
    const { ask, requests } = endless(64_001, 0);
    expect((await follow(ask))?.at(-1)).toBe('more than 250 models');
    expect(requests()).toBeLessThan(300);
  });

  test('models without end are cut off where the registers end', async () => {
    const { ask, requests } = endless(103, 1_000);
    expect((await follow(ask))?.at(-1)).toMatch(/claims 1000 registers/);
    expect(requests()).toBeLessThan(40);
  });

  test('one that refuses every second request costs a bounded number of them', async () => {
    const image = await composeImage(Array.from({ length: 200 }, () => ({ id: 64_001, length: 2 })));
    let requests = 0;
    const ask: AskRegisters = (_, address, count) => {
      requests += 1;
      return Promise.resolve(
        requests % 2 === 0 && address > 40_001 ? 'refused' : (readImage(image, address, count) ?? 'refused'),
      );
    };
    await follow(ask);
    expect(requests).toBeLessThan(700);
  });
});

describe('silence', () => {
  test('at the first three questions is that of a device that is not there', async () => {
    let requests = 0;
    const ask: AskRegisters = () => {
      requests += 1;
      return Promise.resolve('silent');
    };
    await expect(follow(ask)).rejects.toMatchObject({ code: 'no-answer' });
    expect(requests).toBe(3);
  });

  test('where others refuse is not the end of the search', async () => {
    const image: RegisterImage = await composeImage(DEVICE, { base: 0 });
    const ask: AskRegisters = (_, address, count) => Promise.resolve(readImage(image, address, count) ?? 'silent');
    expect(await follow(ask)).toHaveLength(4);
  });

  test('again and again, of one that answered once, ends the search', async () => {
    let requests = 0;
    const ask: AskRegisters = (_, address) => {
      requests += 1;
      return Promise.resolve(address === 40_000 ? 'refused' : 'silent');
    };
    expect(await follow(ask)).toBeUndefined();
    expect(requests).toBe(4);
  });

  test('in the middle is no description', async () => {
    const image = await composeImage(DEVICE);
    const ask: AskRegisters = (_, address, count) =>
      Promise.resolve(address > 40_070 ? 'silent' : (readImage(image, address, count) ?? 'refused'));
    await expect(follow(ask)).rejects.toThrow('inverter does not answer to holding 40122');
  });
});
