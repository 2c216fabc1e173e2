import { expect, test } from 'vitest';
import type { Pushed } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { pushedCaptures } from '../support/dlms-captures.ts';
import { describeWith } from '../support/peers.ts';
import { pushedLine, type HeardLine } from '../support/pushed-line.ts';

// Flags and the beginnings of headers, so that noise looks like frames.
const NOISE = Buffer.from('7e7ea0277ea010027e00ff7e68252568e5a8297e16', 'hex');
const PAUSE = 1_000; // milliseconds: longer than any within a telegram

const line = (): HeardLine => pushedLine({ settings: { list: 'kaifa' } });

describeWith('fixtures', 'what meters pushed, mangled', () => {
  const captures = pushedCaptures().map(({ name, frames }) => ({ name, frames }));

  test.each(captures)('$name is heard at every split into two chunks', async ({ frames }) => {
    const whole = line().hear(frames);
    expect(whole.length).toBe(1);
    const text = JSON.stringify(whole); // comparing trees would take most of the time
    for (let at = 1; at < frames.length; at++) {
      const heard = line().hear(frames.subarray(0, at), frames.subarray(at));
      expect(JSON.stringify(heard), `split at ${at}`).toBe(text);
    }
  });

  test.each(captures)('$name is heard twice where it comes twice, also without a flag between', async ({ frames }) => {
    const whole = readingsOf(line().hear(frames));
    for (const twice of [Buffer.concat([frames, frames]), Buffer.concat([frames, frames.subarray(1)])]) {
      expect(readingsOf(line().hear(twice))).toEqual([...whole, ...whole]);
    }
  });

  test.each(captures)('$name is heard amid noise before, between and after', async ({ frames }) => {
    const whole = readingsOf(line().hear(frames));
    const stream = Buffer.concat([NOISE, frames, NOISE, frames, NOISE]);
    for (const size of [1, 2, 3, 7, 64, stream.length]) {
      const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
        stream.subarray(index * size, (index + 1) * size),
      );
      const noisy = line();
      const heard = readingsOf(noisy.hear(...chunks));
      await noisy.clock.advance(PAUSE);
      heard.push(...readingsOf(noisy.hear(frames)));
      expect(heard.map(untimed), `in pieces of ${size}`).toEqual([...whole, ...whole, ...whole].map(untimed));
    }
  });

  test.each(captures)(
    '$name says nothing where it is cut off at any byte, and the next is heard',
    async ({ frames }) => {
      const text = JSON.stringify(readingsOf(line().hear(frames)).map(untimed));
      for (let length = 0; length < frames.length; length++) {
        const cut = line();
        expect(cut.hear(frames.subarray(0, length)), `cut at ${length}`).toEqual([]);
        await cut.clock.advance(PAUSE);
        const next = JSON.stringify(readingsOf(cut.hear(frames)).map(untimed));
        expect(next, `after one cut at ${length}`).toBe(text);
      }
    },
  );

  test.each(captures)('$name says nothing with any one of its bits turned', async ({ frames }) => {
    for (let bit = 8; bit < (frames.length - 1) * 8; bit++) {
      const turned = Buffer.from(frames);
      const at = bit >>> 3;
      turned[at] = (turned[at] ?? 0) ^ (1 << (bit & 7));
      expect(line().hear(turned), `bit ${bit}`).toEqual([]);
    }
  });
});

/** All but by how much the meter's clock is off, which changes as ours goes on. */
function readingsOf(pushed: readonly Pushed[]): Reading<number | string>[] {
  return pushed.flatMap(({ readings }) => readings).filter(({ point }) => point !== 'clock-deviation');
}

function untimed(reading: Reading<number | string>) {
  return { ...reading, receivedTime: 0 };
}
