import { describe, expect, test } from 'vitest';
import { EARLIEST_TIME } from '../../../src/model/clock.ts';
import { HOLD, Machine, MINUTE, pass, SECOND, startKeeping, TRUE_TIME } from '../../support/kept-time.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('a machine that wakes up in 1970', () => {
  test('stamps nothing before its time, and sends nothing before it knows it', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: 60 * SECOND });
    await using gateway = await startKeeping(folder.path, machine);
    expect(gateway.newest()).toMatchObject({ state: 'unknown' });
    expect(gateway.time.clock.wall()).toBe(EARLIEST_TIME);
    await gateway.read(1);
    expect(await gateway.known()).toEqual([[1, EARLIEST_TIME, 'uncertain', 'time']]);
    expect(gateway.out).toEqual([]);
    expect(gateway.journal.last).toBe(0);
    expect((await gateway.journal.status()).last).toBe(1);
    expect(gateway.events).toContain('clock-doubtful');
  });

  test('and stays there is asked for its time service six times a minute: each time starts a process', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: 60 * SECOND, service: 'waiting' });
    await using gateway = await startKeeping(folder.path, machine);
    const before = machine.asked;
    await pass(gateway, machine, MINUTE);
    expect(machine.asked - before).toBe(6);
    machine.clock.stepWall(TRUE_TIME - machine.clock.wall());
    await pass(gateway, machine, SECOND);
    expect(machine.asked - before).toBe(7);
  });

  test('gives everything its true time once that comes, and no destination is told of a correction', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: 60 * SECOND });
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(1);
    await pass(gateway, machine, 2 * MINUTE);
    await gateway.read(2);
    machine.clock.stepWall(TRUE_TIME - machine.clock.wall());
    machine.service = 'synchronised';
    await pass(gateway, machine, 10 * SECOND);
    await gateway.read(3);
    expect(await gateway.known()).toEqual([
      [1, TRUE_TIME - 2 * MINUTE, 'good', undefined],
      [2, TRUE_TIME, 'good', undefined],
      [3, TRUE_TIME + 10 * SECOND, 'good', undefined],
    ]);
    expect(gateway.out.map(({ first }) => first)).toEqual([1, 2, 3]);
    expect(await gateway.journal.corrections('centre')).toEqual([]);
    expect(gateway.events).toEqual(['clock-doubtful', 'clock-known']);
  });

  test('sends estimated times after the hold, and corrects them when the true time comes', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: 60 * SECOND });
    await using gateway = await startKeeping(folder.path, machine);
    const told: string[] = [];
    gateway.journal.onCorrection((destination) => told.push(destination));
    await gateway.read(1);
    await pass(gateway, machine, HOLD + SECOND);
    expect(gateway.out.map(({ first }) => first)).toEqual([1]);
    expect(gateway.newest()).toMatchObject({ state: 'estimated' });
    await gateway.read(2);
    expect(gateway.out.map(({ first }) => first)).toEqual([1, 2]);
    expect(told).toEqual([]);
    const estimated = await gateway.known();
    machine.clock.stepWall(TRUE_TIME - machine.clock.wall());
    machine.service = 'synchronised';
    await pass(gateway, machine, 10 * SECOND);
    const corrected = await gateway.known();
    expect(told).toEqual(['centre']);
    const corrections = await gateway.journal.corrections('centre');
    expect(corrections.map(({ range, clock }) => [range, clock])).toEqual([
      [{ after: 0, upto: 1 }, 'synchronised'],
      [{ after: 1, upto: 2 }, 'synchronised'],
    ]);
    for (const [index, { shift }] of corrections.entries()) {
      expect(corrected[index]?.[1]).toBe(Number(estimated[index]?.[1]) + shift);
    }
    expect(corrected.at(-1)).toEqual([2, TRUE_TIME, 'good', undefined]);
  });

  test('sends nothing under a time that is just being made better when the hold ends', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: 60 * SECOND });
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(1);
    const states: unknown[] = [];
    gateway.journal.onCommit(({ anchor }) => states.push(gateway.journal.anchors.get(anchor)?.state));
    gateway.time.beforeAnchor(() => {
      if (states.length > 0 || machine.clock.wall() >= TRUE_TIME) return;
      machine.clock.stepWall(TRUE_TIME - machine.clock.wall());
      queueMicrotask(() => gateway.time.check());
    });
    await pass(gateway, machine, HOLD + SECOND);
    await pass(gateway, machine, SECOND);
    expect(states).toEqual(['assumed']);
  });

  test('a correction stays to be told until it was, also over a restart', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: 60 * SECOND });
    {
      await using gateway = await startKeeping(folder.path, machine);
      await pass(gateway, machine, HOLD + SECOND);
      await gateway.read(1);
      machine.clock.stepWall(TRUE_TIME - machine.clock.wall());
      machine.service = 'synchronised';
      await pass(gateway, machine, 10 * SECOND);
      expect(await gateway.journal.corrections('centre')).toHaveLength(1);
    }
    await using gateway = await startKeeping(folder.path, machine);
    const [correction] = await gateway.journal.corrections('centre');
    expect(correction).toMatchObject({ destination: 'centre', range: { after: 0, upto: 1 }, clock: 'synchronised' });
    gateway.journal.corrected('centre', correction?.number ?? 0);
    expect(await gateway.journal.corrections('centre')).toEqual([]);
  });

  test('is set by hand, where there is no time service: then its time is assumed', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: 60 * SECOND });
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(1);
    machine.clock.stepWall(TRUE_TIME - machine.clock.wall());
    await pass(gateway, machine, SECOND);
    expect(gateway.newest()).toMatchObject({ state: 'assumed' });
    expect(await gateway.known()).toEqual([[1, TRUE_TIME, 'good', undefined]]);
    machine.service = 'synchronised';
    await pass(gateway, machine, 10 * SECOND);
    expect(gateway.newest()).toMatchObject({ state: 'synchronised' });
  });

  test('is not believed for being trusted', async () => {
    await using folder = await temporaryFolder();
    await using gateway = await startKeeping(folder.path, new Machine({ wall: 0 }), true);
    expect(gateway.newest()).toMatchObject({ state: 'unknown' });
  });
});

describe('a reboot before the time ever came', () => {
  test('goes on behind the last time that was known, and order is kept', async () => {
    await using folder = await temporaryFolder();
    {
      await using gateway = await startKeeping(folder.path, new Machine({ wall: TRUE_TIME, service: 'synchronised' }));
      await gateway.read(1);
    }
    for (const [value, boot] of [
      [2, 'two'],
      [3, 'three'],
    ] as const) {
      const machine = new Machine({ wall: 60 * SECOND, boot });
      await using gateway = await startKeeping(folder.path, machine);
      expect(gateway.newest()).toMatchObject({ state: 'estimated' });
      await pass(gateway, machine, MINUTE);
      await gateway.read(value);
    }
    const machine = new Machine({ wall: TRUE_TIME + 60 * MINUTE, boot: 'four', service: 'synchronised' });
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(4);
    expect(await gateway.known()).toEqual([
      [1, TRUE_TIME, 'good', undefined],
      [2, TRUE_TIME + MINUTE, 'uncertain', 'time'],
      [3, TRUE_TIME + 2 * MINUTE, 'uncertain', 'time'],
      [4, TRUE_TIME + 60 * MINUTE, 'good', undefined],
    ]);
    expect(await gateway.journal.corrections('centre')).toEqual([]);
  });

  test('where nothing was read for long, the time that passed is known all the same', async () => {
    await using folder = await temporaryFolder();
    {
      const machine = new Machine({ wall: TRUE_TIME, service: 'synchronised' });
      await using gateway = await startKeeping(folder.path, machine);
      await gateway.read(1);
      await pass(gateway, machine, 60 * MINUTE);
    }
    await using gateway = await startKeeping(folder.path, new Machine({ wall: 0, boot: 'two' }));
    expect(gateway.time.clock.wall()).toBe(TRUE_TIME + 60 * MINUTE);
  });
});

test('what a process read before it was restarted is corrected too, in the same life of the machine', async () => {
  await using folder = await temporaryFolder();
  const machine = new Machine({ wall: 60 * SECOND });
  {
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(1);
  }
  await machine.clock.advance(MINUTE);
  await using gateway = await startKeeping(folder.path, machine);
  await gateway.read(2);
  machine.clock.stepWall(TRUE_TIME - machine.clock.wall());
  machine.service = 'synchronised';
  await pass(gateway, machine, 10 * SECOND);
  expect(await gateway.known()).toEqual([
    [1, TRUE_TIME - MINUTE, 'good', undefined],
    [2, TRUE_TIME, 'good', undefined],
  ]);
  // The earlier process may have sent what it had: only it knew.
  expect(await gateway.journal.corrections('centre')).toMatchObject([{ range: { after: 0, upto: 1 } }]);
});

describe('a machine with a time service', () => {
  test('that has not set the clock yet has its readings wait; its mark is enough', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: TRUE_TIME, service: 'waiting' });
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(1);
    expect(gateway.newest()).toMatchObject({ state: 'estimated' });
    expect(gateway.out).toEqual([]);
    machine.service = 'synchronised';
    await pass(gateway, machine, 10 * SECOND);
    expect(gateway.newest()).toMatchObject({ state: 'synchronised' });
    expect(gateway.out).toHaveLength(1);
  });

  test('that steps the clock while it runs is followed, and earlier readings keep their times', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: TRUE_TIME, service: 'synchronised' });
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(1);
    machine.clock.stepWall(-60 * MINUTE);
    await pass(gateway, machine, SECOND);
    await gateway.read(2);
    expect((await gateway.known()).map(([value, time]) => [value, time])).toEqual([
      [1, TRUE_TIME],
      [2, TRUE_TIME - 60 * MINUTE + SECOND],
    ]);
    expect(gateway.events).toEqual(['clock-stepped']);
  });

  test('that loses its mind and says 1970 is not followed, which is told once', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: TRUE_TIME, service: 'synchronised' });
    await using gateway = await startKeeping(folder.path, machine);
    machine.clock.stepWall(-TRUE_TIME);
    await pass(gateway, machine, MINUTE);
    await gateway.read(1);
    expect(gateway.time.clock.wall()).toBe(TRUE_TIME + MINUTE);
    expect(await gateway.known()).toEqual([[1, TRUE_TIME + MINUTE, 'good', undefined]]);
    expect(gateway.events).toEqual(['clock-unbelievable']);
  });

  test('that is wrong by ten years for an hour makes retention drop nothing', async () => {
    await using folder = await temporaryFolder();
    const machine = new Machine({ wall: TRUE_TIME, service: 'synchronised' });
    await using gateway = await startKeeping(folder.path, machine);
    await gateway.read(1);
    await gateway.read(2);
    machine.clock.stepWall(3_650 * 24 * 60 * MINUTE);
    await pass(gateway, machine, 60 * MINUTE);
    expect(await gateway.journal.status()).toMatchObject({ oldest: 1, last: 2 });
    machine.clock.stepWall(-3_650 * 24 * 60 * MINUTE);
    await pass(gateway, machine, 25 * 60 * MINUTE);
    expect(await gateway.journal.status()).toMatchObject({ oldest: 1, last: 2 });
  });
});
