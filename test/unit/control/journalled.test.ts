import { expect, test } from 'vitest';
import { journalled } from '../../../src/control/journalled.ts';
import { openStopped } from '../../../src/journal/inspect.ts';
import { openTestJournal, pointDefinition, reading, sealed } from '../../support/journals.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const never = new AbortController().signal;
const NOON = 1_900_000_000_000; // wall milliseconds

/** A meter whose power was journalled in W for 1500 seconds, and in kW since; its mode once. */
async function filled(path: string) {
  const journal = await openTestJournal(path);
  await journal.intern([
    pointDefinition('power', { unit: 'W' }),
    pointDefinition('power', { unit: 'kW' }),
    pointDefinition('mode', { type: 'uint16', labels: { 1: 'eco' }, states: { 1: 'eco' } }),
  ]);
  const { number: anchor } = await journal.anchor(NOON, 'synchronised');
  const watts = Array.from({ length: 1_500 }, (_, second) => reading(second, second * 1_000));
  const later = [
    { ...reading(1.5, 1_500_000), point: 2 },
    { ...reading(1, 1_500_000), point: 3 },
  ];
  await journal.append({ ...sealed(watts, { at: NOON }), anchor });
  await journal.append({ ...sealed(later, { at: NOON + 1_500_000 }), anchor });
  return journal;
}

const always = { from: 0, to: Infinity, newestFirst: false };

test('all of a device in bounded pages, each value in the unit that its point had then', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path);
  const pages = await Array.fromAsync(journalled(journal, { ...always, names: ['meter'] }, never));
  expect(pages.map(({ length }) => length)).toEqual([1_000, 502]);
  expect(pages[0]?.[7]).toEqual({
    point: 'meter/power',
    time: new Date(NOON + 7_000).toISOString(),
    value: 7,
    quality: 'good',
    unit: 'W',
  });
  expect(pages.flat().slice(-2)).toMatchObject([
    { point: 'meter/power', value: 1.5, unit: 'kW' },
    { point: 'meter/mode', value: 1 },
  ]);
});

test('no more than are asked for, over pages too', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path);
  const query = { ...always, newestFirst: true, names: ['meter/power'] };
  for (const most of [1, 1_000, 1_001]) {
    const readings = (await Array.fromAsync(journalled(journal, { ...query, most }, never))).flat();
    expect(readings).toHaveLength(most);
    expect(readings[0]).toMatchObject({ value: 1.5 });
  }
});

test('a stopped journal tells the same, and can be opened again afterwards', async () => {
  await using folder = await temporaryFolder();
  const journal = await filled(folder.path);
  const query = { ...always, names: ['meter/mode', 'meter/power'] };
  const told = await Array.fromAsync(journalled(journal, query, never));
  await journal.close();
  {
    using stopped = openStopped(folder.path);
    expect(await Array.fromAsync(journalled(stopped, query, never))).toEqual(told);
    await expect(openTestJournal(folder.path)).rejects.toMatchObject({ code: 'journal-locked' });
  }
  await (await openTestJournal(folder.path)).close();
});

test('a name that nothing was journalled under is refused, with those that there are', async () => {
  await using folder = await temporaryFolder();
  await using journal = await filled(folder.path);
  const asked = (name: string) => Array.fromAsync(journalled(journal, { ...always, names: [name] }, never));
  await expect(asked('boiler')).rejects.toMatchObject({ code: 'usage', message: expect.stringMatching(/: meter$/) });
  await expect(asked('meter/flow')).rejects.toMatchObject({
    code: 'usage',
    message: 'the journal knows nothing of meter/flow; there are: meter/power, meter/mode',
  });
});
