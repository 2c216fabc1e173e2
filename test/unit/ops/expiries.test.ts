import { expect, test } from 'vitest';
import type { EventFields } from '../../../src/ops/log.ts';
import { Expiries } from '../../../src/ops/expiries.ts';
import { PkiWatch } from '../../../src/ops/pki-watch.ts';
import { isInUse } from '../../../src/wire/opcua-certificates.ts';
import { openPki, pkiFolder, renewPki } from '../../../src/wire/opcua-pki.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const DAY = 86_400_000;
const END = Date.UTC(2027, 5, 1);

function listening(wall: number) {
  const told: EventFields[] = [];
  const clock = new FakeClock({ wall });
  const report = (event: string, fields: EventFields): void => {
    if (event === 'certificate-expiring') told.push(fields);
  };
  return { told, clock, report };
}

test('what ends is told at 30, 7 and 1 days, once each, and once more when it has ended with another', () => {
  for (const [left, days] of [
    [31, []],
    [30, [30]],
    [29.5, [30]],
    [7, [7]],
    [0.5, [1]],
    [-3, [0]],
  ] as const) {
    const { told, clock, report } = listening(END - left * DAY);
    const expiries = new Expiries('destination city', { clock, report });
    for (let look = 0; look < 3; look++) expiries.look([{ whose: 'our certificate', until: END, todo: 'renew it' }]);
    expect(told.map((fields) => fields['days'])).toEqual(days);
    expect(expiries.ending().map((each) => each.days)).toEqual(days);
  }
});

test('what cannot be read is not told, and what was renewed no more', () => {
  const { told, clock, report } = listening(END - 5 * DAY);
  const expiries = new Expiries('destination city', { clock, report });
  expiries.look([{ whose: 'the authority', until: NaN, todo: '' }]);
  expect([told, expiries.ending()]).toEqual([[], []]);
  expiries.look([{ whose: 'our certificate', until: END, todo: 'renew it' }]);
  expect(told).toEqual([
    { of: 'destination city', whose: 'our certificate', days: 5, until: '2027-06-01T00:00:00.000Z', todo: 'renew it' },
  ]);
  expiries.look([{ whose: 'our certificate', until: END + 400 * DAY, todo: 'renew it' }]);
  expect(expiries.ending()).toEqual([]);
  expect(told).toHaveLength(1);
});

test('the certificates of OPC UA are watched, our own and those we trust, but not what was replaced', async () => {
  await using folder = await temporaryFolder();
  const pki = { folder: pkiFolder(folder.path, 'client'), name: 'Weir', clock: systemClock };
  await using _first = await openPki(pki);
  const { validTo } = await renewPki(pki);
  const { told, clock, report } = listening(validTo - 3 * DAY);
  const watch = new PkiWatch(folder.path, { clock, report });
  const stop = new AbortController();
  const running = watch.run(stop.signal);
  await clock.untilPending(1);
  expect(told).toMatchObject([{ of: 'opcua client', whose: 'our certificate', days: 3 }]);
  expect(String(told[0]?.['todo'])).toContain('weir opcua renew client');
  expect(watch.certificates()).toMatchObject([{ of: 'opcua client', days: 3 }]);
  stop.abort();
  await running;
}, 60_000);

test('what is rejected or replaced is not in use', () => {
  expect(isInUse({ store: 'own', file: 'own/certs/weir.pem' })).toBe(true);
  expect(isInUse({ store: 'trusted', file: 'trusted/certs/x.pem' })).toBe(true);
  expect(isInUse({ store: 'rejected', file: 'rejected/x.pem' })).toBe(false);
  expect(isInUse({ store: 'own', file: 'own/certs/weir.previous.pem' })).toBe(false);
});
