import { expect, test } from 'vitest';
import { timeLine } from '../../drivers/mbus/line-time.ts';
import { Station } from '../../drivers/mbus/station.ts';
import { playMbusLine } from '../support/mbus-line.ts';
import { mbusMeter, openMbus } from '../support/mbus-session.ts';
import { describeWith } from '../support/peers.ts';
import { identified, telegram } from '../support/played-mbus.ts';

// A heat meter's usual telegram: 14 records.
const RECORDS =
  '0c78 12345678 0c06 12345678 0c13 67452301 0b2d 990000 0b3b 341200 0a5a 2502 0a5e 2501 0b61 000100 046d 0f29b62b 426c bf2c 4c06 00345678 4c13 00345678 02fd17 0000 0c22 55110000';

function station(index: number, address: number | undefined): Station {
  const who = identified(String(10_000_000 + index * 37));
  return new Station({ address, identification: who, telegrams: () => [telegram(who, RECORDS)] });
}

const BAUD = 2_400;
const METERS = 40;
const NEVER = new AbortController().signal;

describeWith('socat', 'a line at its physical speed', () => {
  test('brings a round of 40 meters at 2400 Bd within 5 % of the time that the line takes for it', async () => {
    const indexes = Array.from({ length: METERS }, (_, index) => index + 1);
    await using line = await playMbusLine(indexes.map((index) => station(index, index)));
    await using opened = await openMbus({ transport: 'serial', path: line.path, baud: BAUD, timeout: '10s' });
    const meters = indexes.map((index) =>
      mbusMeter({ address: index }, ['energy', 'volume', 'power'], `meter-${index}`),
    );
    // The first round resets the meters; from then on they are only asked.
    for (const meter of meters) await opened.read(meter);
    line.baud = BAUD;
    const began = performance.now();
    let good = 0;
    for (const meter of meters) for (const { quality } of await opened.read(meter)) good += Number(quality === 'good');
    const wall = performance.now() - began;
    expect(good).toBe(METERS * 3);

    // What the standard leaves no choice about: the bytes, the meters' time to answer, and the silence between frames.
    const pauses = line.account.idle;
    const { busy } = line.account;
    const physical = busy + pauses.length * timeLine(BAUD).gap;
    // Of the silences the median: a machine that is busy with other things makes some of them long.
    const usual = pauses.toSorted((a, b) => a - b)[pauses.length >> 1] ?? 0;
    const ours = busy + pauses.length * usual;
    const shown = [physical, ours, wall].map((each) => `${(each / 1_000).toFixed(2)} s`);
    console.info(
      `40 meters at 2400 Bd: the line takes ${shown[0]}, our round ${shown[1]}, on this machine now ${shown[2]}`,
    );
    expect(ours).toBeLessThan(physical * 1.05);
  }, 90_000);

  test('is searched for all its meters, whose answers collide', async () => {
    const indexes = Array.from({ length: 5 }, (_, index) => index + 1);
    await using line = await playMbusLine(indexes.map((index) => station(index, undefined)));
    await using opened = await openMbus({ transport: 'serial', path: line.path, baud: 38_400, timeout: '500ms' });
    const found: unknown[] = [];
    for await (const step of opened.session.scan?.({}, NEVER) ?? []) {
      if (step.found !== undefined) found.push(step.found.device['address']);
    }
    expect(found).toEqual(indexes.map((index) => `${10_000_000 + index * 37} KAM 01 04`));
  }, 90_000);
});
