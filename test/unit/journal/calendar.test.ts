import { afterEach, describe, expect, test } from 'vitest';
import { isoTime } from '../../../src/model/clock.ts';
import { Machine, MINUTE, pass, SECOND, startKeeping } from '../../support/kept-time.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('what the hands of a clock on the wall do does not matter', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  // The night in which summer time ends in Europe, and days that Samoa and Newfoundland would tell otherwise.
  test.each(['Europe/Zurich', 'Pacific/Apia', 'America/St_Johns'])('in %s an hour is an hour', async (name) => {
    process.env['TZ'] = name;
    await using folder = await temporaryFolder();
    const begin = Date.UTC(2026, 9, 25, 0, 30);
    const machine = new Machine({ wall: begin, service: 'synchronised' });
    await using gateway = await startKeeping(folder.path, machine);
    const hours = [0, 1, 2];
    for (const hour of hours) {
      await gateway.read(hour);
      await machine.clock.advance(60 * MINUTE);
    }
    expect((await gateway.known()).map(([, time]) => time)).toEqual(hours.map((hour) => begin + hour * 60 * MINUTE));
    expect(isoTime(begin)).toBe('2026-10-25T00:30:00.000Z');
    expect(gateway.events).toEqual([]);
  });

  test('a leap second, which the host tells twice, is a step of a second and costs nothing', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: Date.UTC(2026, 11, 31, 23, 59, 59), service: 'synchronised' });
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(1);
    await pass(gateway, machine, SECOND);
    machine.clock.stepWall(-SECOND);
    await gateway.read(2);
    await pass(gateway, machine, SECOND);
    await gateway.read(3);
    expect((await gateway.known()).map(([value]) => value)).toEqual([1, 2, 3]);
    expect((await gateway.known()).at(-1)).toEqual([3, Date.UTC(2027, 0, 1), 'good', undefined]);
    expect(gateway.events).toEqual(['clock-stepped']);
  });
});
