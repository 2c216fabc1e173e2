import { expect, test } from 'vitest';
import { Station } from '../../drivers/mbus/station.ts';
import { corrupted, playMbusLine } from '../support/mbus-line.ts';
import { mbusMeter, openMbus, told } from '../support/mbus-session.ts';
import { describeWith } from '../support/peers.ts';
import { identified, telegram } from '../support/played-mbus.ts';

const SLAVES = 20;

/** The meter that has the number `index` everywhere: as its primary address, in its id, and as its volume. */
function slave(index: number): Station {
  const who = identified(String(10_000_000 + index * 7));
  const volume = String(index).padStart(8, '0');
  const swapped = Buffer.from(volume, 'hex').reverse().toString('hex');
  let access = 0;
  return new Station({
    address: index,
    identification: who,
    telegrams: () => [
      telegram(who, `0c13 ${swapped} 1f`, { access: (access += 1) & 0xff }),
      telegram(who, `4c13 ${swapped} 0c06 01000000`, { access: (access += 1) & 0xff }),
    ],
  });
}

const indexes = Array.from({ length: SLAVES }, (_, index) => index + 1);
const records = ['volume', 'volume storage 1', 'energy'];
const meters = [
  ...indexes.map((index) => ({ index, device: mbusMeter({ address: index }, records, `primary-${index}`) })),
  ...indexes.map((index) => ({
    index,
    device: mbusMeter({ address: String(10_000_000 + index * 7) }, records, `secondary-${index}`),
  })),
];

describeWith('socat', 'twenty slaves on a serial line', () => {
  test('are read by primary and by secondary addresses', async () => {
    await using line = await playMbusLine(indexes.map(slave));
    await using opened = await openMbus({ transport: 'serial', path: line.path, baud: 38_400, timeout: '5s' });
    for (const { index, device } of meters) {
      expect(told(await opened.read(device)), device.id).toEqual([index / 1_000, index / 1_000, 1]);
    }
    expect(opened.observed).toEqual([]);
  });

  test('are read although answers are lost and damaged', async () => {
    await using line = await playMbusLine(indexes.map(slave));
    // The timeout is what a lost answer costs; those that a busy machine brings later are asked for again as well.
    await using opened = await openMbus({
      transport: 'serial',
      path: line.path,
      baud: 38_400,
      timeout: '250ms',
      retries: 5,
    });
    line.spoiling = (answer, count) => {
      if (count % 31 === 0) return undefined;
      return count % 7 === 0 ? corrupted(answer) : answer;
    };
    for (const { index, device } of meters) {
      expect(told(await opened.read(device)), device.id).toEqual([index / 1_000, index / 1_000, 1]);
    }
    expect(new Set(opened.observed.map(({ event }) => event))).toContain('checksum-error');
    expect(new Set(opened.observed.map(({ event }) => event))).toContain('timeout');
  });

  test('make no value of two that answer at once', async () => {
    await using line = await playMbusLine([slave(1), slave(1), slave(2)]);
    await using opened = await openMbus({ transport: 'serial', path: line.path, baud: 38_400, timeout: '250ms' });
    const both = mbusMeter({ address: 1 }, records, 'both');
    const one = mbusMeter({ address: 2 }, records, 'one');
    expect(told(await opened.read(both))).toEqual(records.map(() => 'malformed-answer'));
    expect(told(await opened.read(one))).toEqual([0.002, 0.002, 1]);
  });
});
