import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encrypt } from '../../../drivers/p1/cipher.ts';
import { p1 } from '../../../drivers/p1/driver.ts';
import type { StateStore } from '../../../src/model/state-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryState } from '../../support/memory-state.ts';
import { p1Telegram } from '../../support/p1-telegrams.ts';
import { playMeter } from '../../support/played-meter.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const KEY = '000102030405060708090a0b0c0d0e0f';
const KEYS = {
  key: Buffer.from(KEY, 'hex'),
  authenticationKey: Buffer.from('00112233445566778899aabbccddeeff', 'hex'),
};
const TITLE = Buffer.from('WIR\u0001\u0002\u0003\u0004\u0005', 'latin1');
const NEVER = new AbortController().signal;

const sent = (counter: number): Buffer => encrypt(p1Telegram(), TITLE, counter, KEYS);

/** What a gateway that is started anew makes of telegrams: those it takes, and why it refuses others. */
async function started(state: StateStore | undefined, ...telegrams: readonly Buffer[]) {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'key');
  await writeFile(file, KEY, { mode: 0o600 });
  await using meter = await playMeter();
  const refused: string[] = [];
  const end = Promise.withResolvers<void>();
  const context = {
    clock: new FakeClock(),
    connection: 'port',
    observe: (_event: string, _device: string | undefined, detail: string): void => {
      refused.push(detail);
      if (refused.length + taken === telegrams.length) end.resolve();
    },
    answered: () => undefined,
    tap: { listener: undefined },
    ...(state !== undefined && { state }),
  };
  const connection = { transport: 'tcp', host: '127.0.0.1', port: meter.port, key: { file } };
  const device = { id: 'meter', settings: p1.schemas.device.parse({}), points: [] };
  await using session = await p1.open(p1.schemas.connection.parse(connection), [device], context, NEVER);
  let taken = 0;
  const enough = new AbortController();
  const listening = (async () => {
    for await (const _pushed of session.listen(enough.signal)) {
      taken += 1;
      if (refused.length + taken === telegrams.length) end.resolve();
    }
  })();
  await meter.untilConnected(1);
  for (const telegram of telegrams) await meter.say(telegram);
  await end.promise;
  enough.abort();
  await listening;
  return { taken, refused };
}

test('what was recorded is refused over a restart too, and what the meter sends next is taken', async () => {
  const state = memoryState();
  expect(await started(state, sent(7), sent(8))).toEqual({ taken: 2, refused: [] });
  const again = await started(state, sent(7), sent(8), sent(9));
  expect(again.taken).toBe(1);
  expect(again.refused).toEqual(
    [7, 8].map((counter) => expect.stringContaining(`its counter ${counter} is above none`)),
  );
});

test('where nothing is kept, a command believes what it hears, once', async () => {
  expect((await started(undefined, sent(7), sent(7))).taken).toBe(1);
});
