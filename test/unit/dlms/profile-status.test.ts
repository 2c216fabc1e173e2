import { expect, test } from 'vitest';
import { AskSession } from '../../../drivers/dlms/ask-session.ts';
import { encodeCosemTime } from '../../../drivers/dlms/cosem-time.ts';
import type { Data } from '../../../drivers/dlms/data.ts';
import { dlms } from '../../../drivers/dlms/driver.ts';
import { captureObject } from '../../../drivers/dlms/load-profile.ts';
import type { PlayedObject } from '../../../drivers/dlms/played-object.ts';
import { systemClock } from '../../../src/model/clock.ts';
import { dlmsDevice } from '../../support/dlms-session.ts';
import { holding, playDlms } from '../../support/played-dlms.ts';

const NEVER = new AbortController().signal;
const START = Date.UTC(2026, 10, 30);
const HOUR = 3_600_000;

const time = (instant: number): Data => ({
  type: 'octets',
  bytes: encodeCosemTime(instant, { offset: 0, deviation: 0 }),
});

/** A profile of one register with a row an hour, each with its status. */
function profile(statuses: readonly Data[]): PlayedObject {
  const rows = statuses.map((status, index): Data => ({
    type: 'structure',
    items: [time(START + (index + 1) * HOUR), status, { type: 'uint32', value: 100 + index }],
  }));
  const captured = [
    { classId: 8, name: '0-0:1.0.0', index: 2 },
    { classId: 1, name: '0-0:96.10.1', index: 2 },
    { classId: 3, name: '1-0:1.8.0', index: 2 },
  ];
  const attributes = new Map<number, () => Data>([
    [3, () => ({ type: 'array', items: captured.map(captureObject) })],
    [4, () => ({ type: 'uint32', value: 3_600 })],
  ]);
  return { classId: 7, name: '1-0:99.1.0', attributes, select: () => ({ type: 'array', items: rows }) };
}

test('the status of a row becomes the quality of its values', async () => {
  const statuses: readonly Data[] = [
    { type: 'uint8', value: 0x00 },
    { type: 'uint8', value: 0x08 }, // summer time: nothing is wrong
    { type: 'uint8', value: 0x80 },
    { type: 'uint16', value: 0x0220 },
    { type: 'uint64', value: 0x02n },
    { type: 'uint8', value: 0x04 },
    { type: 'uint8', value: 0x01 },
    { type: 'null' },
  ];
  const objects = [
    holding(8, '0-0:1.0.0', time(START)),
    holding(3, '1-0:1.8.0', { type: 'uint32', value: 1 }, [0, 30]),
    profile(statuses),
  ];
  await using meter = await playDlms({ framing: 'wrapper', server: { objects } });
  const context = {
    clock: systemClock,
    connection: 'line',
    observe: () => undefined,
    answered: () => undefined,
    tap: { listener: undefined },
  };
  const connection = dlms.schemas.connection.parse({ host: '127.0.0.1', port: meter.port });
  await using session = await dlms.open(connection, [], context, NEVER);
  if (!(session instanceof AskSession)) throw new TypeError('it is asked');
  const device = dlmsDevice({ zone: 'UTC' }, [{ obis: '1-0:1.8.0' }]);
  const span = { from: START, to: START + 24 * HOUR };
  const readings = (await Array.fromAsync(session.history(device, device.points, span, NEVER))).flat();
  expect(readings.map(({ value, quality, reason }) => [value, quality, reason])).toEqual([
    [100, 'good', 'historical'],
    [101, 'good', 'historical'],
    [102, 'uncertain', 'device-failure'],
    [103, 'uncertain', 'time'],
    [104, 'uncertain', 'time'],
    [105, 'uncertain', 'device-failure'],
    [null, 'bad', 'device-failure'],
    [107, 'good', 'historical'],
  ]);
});
