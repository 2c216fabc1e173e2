import { expect, test } from 'vitest';
import { decodeBlock, encodeBlock } from '../../../drivers/dlms/block-apdu.ts';
import { BlockLink } from '../../../drivers/dlms/block-link.ts';
import { BlockStation } from '../../../drivers/dlms/block-station.ts';
import type { Link } from '../../../drivers/dlms/link.ts';
import { GatewayError } from '../../../src/model/errors.ts';

const NEVER = new AbortController().signal;
const LONGEST = 100;

const bytes = (count: number): Buffer => Buffer.from(Array.from({ length: count }, (_, index) => (index % 251) + 1));
const whole = (answer: Buffer): Buffer => answer;

/** A link to a station that answers with `answer`; `loses` tells of each APDU of the station whether it is lost. */
function linked(answer: Buffer, { streams = true, loses = (_count: number): boolean => false } = {}) {
  const requests: Buffer[] = [];
  const sent: Buffer[] = [];
  const station = new BlockStation(
    (apdu) => {
      requests.push(apdu);
      return Promise.resolve(answer);
    },
    { longest: () => LONGEST },
  );
  let waiting: Buffer[] = [];
  let said = 0;
  const next: Link['next'] = async (take) => {
    for (let apdu = waiting.shift(); apdu !== undefined; apdu = waiting.shift()) {
      const taken = take(apdu);
      if (taken !== undefined) return taken;
    }
    return undefined;
  };
  const link: Link = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    exchange: async (apdu, take, signal) => {
      sent.push(apdu);
      waiting.push(...(await station.answer(apdu)).filter(() => !loses((said += 1))));
      const taken = await next(take, signal);
      if (taken === undefined) throw new GatewayError('no-answer', 'it is silent');
      return taken;
    },
    ...(streams && { next }),
  };
  return { link: new BlockLink(link, () => LONGEST), requests, sent };
}

test('a block is written as the standard has it, and read back', () => {
  const block = {
    last: true,
    streaming: false,
    window: 5,
    number: 3,
    acknowledged: 2,
    bytes: Buffer.from('0102', 'hex'),
  };
  expect(encodeBlock(block).toString('hex')).toBe('e08500030002020102');
  expect(decodeBlock(encodeBlock({ ...block, last: false, streaming: true }))).toEqual({
    ...block,
    last: false,
    streaming: true,
  });
  expect(() => decodeBlock(Buffer.from('e0850003000203', 'hex'))).toThrow(GatewayError);
});

test.each([
  [true, 90, 1],
  [true, 5_000, 5],
  [false, 5_000, 55],
])('where several come at once (%s) an answer of %i bytes takes %i requests', async (streams, length, count) => {
  const { link, sent, requests } = linked(bytes(length), { streams });
  expect(await link.exchange(Buffer.of(1, 2, 3), whole, NEVER)).toEqual(bytes(length));
  expect(requests).toEqual([Buffer.of(1, 2, 3)]);
  expect(sent).toHaveLength(count);
});

test('a long request goes in blocks too, each of which is acknowledged', async () => {
  const { link, sent, requests } = linked(bytes(900));
  expect(await link.exchange(bytes(450), whole, NEVER)).toEqual(bytes(900));
  expect(requests).toEqual([bytes(450)]);
  expect(sent.every((apdu) => apdu.length <= LONGEST)).toBe(true);
});

test('blocks that are lost are asked for again, whichever they are', async () => {
  for (let lost = 2; lost <= 56; lost += 1) {
    const { link } = linked(bytes(5_000), { loses: (count) => count === lost });
    expect(await link.exchange(Buffer.of(1), whole, NEVER), `the ${lost}th`).toEqual(bytes(5_000));
  }
  const { link } = linked(bytes(5_000), { loses: (count) => count % 7 === 0 });
  expect(await link.exchange(Buffer.of(1), whole, NEVER)).toEqual(bytes(5_000));
});

test('a way on which all is lost is given up', async () => {
  const { link } = linked(bytes(5_000), { loses: (count) => count > 4 });
  await expect(link.exchange(Buffer.of(1), whole, NEVER)).rejects.toMatchObject({ code: 'no-answer' });
});

test('what the blocks make and is no answer to what was asked is refused', async () => {
  const { link } = linked(bytes(500));
  await expect(link.exchange(Buffer.of(1), () => undefined, NEVER)).rejects.toMatchObject({ code: 'answer-malformed' });
});

test.each([
  ['are empty', (number: number) => ({ number, streaming: false })],
  ['are empty, and come by themselves', (number: number) => ({ number, streaming: true })],
  ['are none that should come, and come by themselves', () => ({ number: 9, streaming: true })],
])('an answer without end is given up, whose blocks %s', async (_what, block) => {
  let number = 0;
  const endless: Link['next'] = (take) => {
    number += 1;
    const empty = { last: false, window: 1, acknowledged: 1, bytes: Buffer.alloc(0) };
    return Promise.resolve(take(encodeBlock({ ...empty, ...block(number) })));
  };
  const station: Link = {
    connect: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    exchange: async (_apdu, take, signal) => {
      const taken = await endless(take, signal);
      if (taken === undefined) throw new GatewayError('no-answer', 'it is silent');
      return taken;
    },
    next: endless,
  };
  const link = new BlockLink(station, () => LONGEST);
  await expect(link.exchange(Buffer.of(1), whole, NEVER)).rejects.toMatchObject({
    code: 'answer-malformed',
    message: expect.stringContaining('more than 32768 blocks'),
  });
});
