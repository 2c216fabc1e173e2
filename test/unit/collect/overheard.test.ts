import { expect, test } from 'vitest';
import { openDirectly } from '../../../src/collect/direct.ts';
import { spokenLine } from '../../support/spoken-line.ts';
import { scriptedDriver } from '../../support/scripted-driver.ts';

const NEVER = new AbortController().signal;
const LONGEST_SILENCE = 15_000;

/** A line that nobody has configured, on which something speaks. */
function overheard() {
  const spoken = spokenLine();
  const { clock, driver } = spoken;
  const opened = openDirectly({ id: 'head', driver, settings: {} }, { clock, observe: () => undefined });
  const listening = async (): Promise<void> => {
    while (spoken.line.listening === 0) await new Promise(setImmediate);
  };
  return { ...spoken, opened, listening, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

const WORDS = [
  ['serial-number', '1EMH0004711'],
  ['active-energy-import', 123],
] as const;

test('a scan of a line on which devices speak by themselves is to listen who does', async () => {
  await using line = overheard();
  const steps = Array.fromAsync(line.opened.commissioning.scan({}, NEVER));
  await line.listening();
  line.say('device on head', WORDS, ['serial-number', 'active-energy-import']);
  expect((await steps).map(({ address, done, found }) => [address, done, found?.answer])).toEqual([
    ['listening', 0, undefined],
    ['listening', 1, 'it sends 2 values by itself, serial-number 1EMH0004711'],
  ]);
});

test('who it is a device says among the rest', async () => {
  await using line = overheard();
  const identity = line.opened.commissioning.identify({}, NEVER);
  await line.listening();
  line.say('device on head', WORDS, ['serial-number', 'active-energy-import']);
  expect(await identity).toEqual({
    facts: [{ name: 'serial-number', value: '1EMH0004711' }],
    describes: 'it sends 2 values by itself',
  });
});

test('silence is nobody to a scan, and no answer to who asks who it is', async () => {
  await using line = overheard();
  const steps = Array.fromAsync(line.opened.commissioning.scan({}, NEVER));
  await line.listening();
  await line.clock.advance(LONGEST_SILENCE);
  expect((await steps).map(({ found }) => found)).toEqual([undefined, undefined]);
  await using other = overheard();
  const identity = other.opened.commissioning.identify({}, NEVER);
  identity.catch(() => undefined);
  await other.listening();
  await other.clock.advance(LONGEST_SILENCE);
  await expect(identity).rejects.toMatchObject({ code: 'no-answer' });
});

test('such a line is listened to until it is enough; one whose devices are asked says nothing by itself', async () => {
  await using line = overheard();
  const enough = new AbortController();
  const listening = line.opened.listen(enough.signal);
  await line.listening();
  enough.abort(new Error('enough'));
  await expect(listening).rejects.toThrow('enough');
  const { clock } = spokenLine();
  const driver = scriptedDriver({ read: () => Promise.resolve([]) });
  await using asked = openDirectly({ id: 'bus', driver, settings: {} }, { clock, observe: () => undefined });
  await expect(asked.listen(NEVER)).rejects.toMatchObject({ code: 'usage' });
});
