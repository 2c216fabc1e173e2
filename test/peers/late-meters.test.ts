import { describe, expect, test } from 'vitest';
import { hdlcAttendant, wrapperAttendant } from '../../drivers/dlms/attendants.ts';
import { CosemServer } from '../../drivers/dlms/cosem-server.ts';
import { dlms } from '../../drivers/dlms/driver.ts';
import { deviceSchema } from '../../drivers/dlms/schema.ts';
import { iec62056 } from '../../drivers/iec62056/driver.ts';
import { mbus } from '../../drivers/mbus/driver.ts';
import { encodeFrame, Framer } from '../../drivers/mbus/frame.ts';
import { Station } from '../../drivers/mbus/station.ts';
import type { Driver, DriverContext, DriverDevice, Session } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { AT_ONCE, byteBySecond, lateBy, playLate, type Attend } from '../support/late-far-end.ts';
import { holding } from '../support/played-dlms.ts';
import { identified, telegram } from '../support/played-mbus.ts';
import { ReadoutListener } from '../support/played-readout.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { passing } from '../support/timing-out.ts';

// Every point of every meter holds a value of its own, so that an answer taken for another one shows.

/** Meters on one line; each point with what it holds. */
type Line = {
  readonly name: string;
  readonly driver: Driver;
  readonly connection: object;
  readonly attend: Attend;
  readonly meters: readonly { readonly device: object; readonly points: readonly (readonly [object, number])[] }[];
};

// Milliseconds: what is asked meanwhile has been answered by then.
const AGES = 100_000_000;

/** Milliseconds that a read takes at most, whatever comes: with all retries and all points. */
const LONGEST_READ = 120_000;

function mbusLine(): Line {
  const tellings = [
    [
      telegram(identified('11111111'), '0c13 01000000 1f'),
      telegram(identified('11111111'), '0c06 02000000', { access: 2 }),
    ],
    [
      telegram(identified('22222222'), '0c13 03000000 1f'),
      telegram(identified('22222222'), '0c06 04000000', { access: 2 }),
    ],
    [telegram(identified('44444444'), '0c13 05000000')],
  ];
  const stations = ['11111111', '22222222', '44444444'].map(
    (id, index) =>
      new Station({ address: index + 1, identification: identified(id), telegrams: () => tellings[index] ?? [] }),
  );
  return {
    name: 'M-Bus',
    driver: mbus,
    connection: { retries: 2 },
    attend: (send) => {
      const framer = new Framer();
      return (bytes) => {
        for (const piece of framer.push(bytes)) {
          const answers =
            piece.kind === 'frame' ? stations.flatMap((station) => station.answer(piece.frame) ?? []) : [];
          for (const answer of answers) send(encodeFrame(answer));
        }
      };
    },
    meters: [
      {
        device: { address: '11111111' },
        points: [
          [{ record: 'volume' }, 0.001],
          [{ record: 'energy' }, 2],
        ],
      },
      {
        device: { address: 2 },
        points: [
          [{ record: 'volume' }, 0.003],
          [{ record: 'energy' }, 4],
        ],
      },
      { device: { address: '44444444' }, points: [[{ record: 'volume' }, 0.005]] },
    ],
  };
}

function readoutLine(answerTimeout = '1s'): Line {
  const lines = ['100', '200', '300'].map((value) => [
    `0.0.0(${value})`,
    `1.8.0(${value}.5*kWh)`,
    `2.8.0(${value}.7*kWh)`,
  ]);
  const meters = lines.map((own, index) => ({ identification: 'WIR5TEST', lines: own, address: String(index + 1) }));
  return {
    name: 'IEC 62056-21',
    driver: iec62056,
    connection: { transport: 'tcp', answerTimeout },
    attend: (send) => {
      let selected: ReadoutListener | undefined;
      return (bytes) => {
        const [, address] = /\/\?([^!]*)!/.exec(bytes.toString('latin1')) ?? [];
        const meter = meters.find((each) => each.address === address);
        if (address !== undefined) selected = meter === undefined ? undefined : new ReadoutListener(meter);
        const answer = selected?.answer(bytes);
        if (answer !== undefined) send(answer.bytes);
      };
    },
    meters: ['100', '200', '300'].map((value, index) => ({
      device: { address: String(index + 1), timezone: 'UTC' },
      points: [
        [{ obis: '1-0:1.8.0', unit: 'kW.h' }, Number(`${value}.5`)],
        [{ obis: '1-0:2.8.0', unit: 'kW.h' }, Number(`${value}.7`)],
      ],
    })),
  };
}

function dlmsLine(framing: 'hdlc' | 'wrapper'): Line {
  const own = [1, 2, 3].map((meter) => ({
    settings: deviceSchema.parse({ client: 32, server: meter }),
    begin: () =>
      new CosemServer({
        access: { kind: 'none' },
        maxPdu: 1_024,
        seconds: () => 0,
        objects: [
          holding(1, '0-0:42.0.0', { type: 'string', text: `meter ${meter}` }),
          holding(3, '1-0:1.8.0', { type: 'uint32', value: meter * 100 + 1 }, [0, 30]),
          holding(3, '1-0:2.8.0', { type: 'uint32', value: meter * 100 + 2 }, [0, 30]),
        ],
      }),
  }));
  const attend = framing === 'hdlc' ? hdlcAttendant(own) : wrapperAttendant(own);
  return {
    name: `DLMS over ${framing}`,
    driver: dlms,
    connection: { transport: 'tcp', framing, timeout: '1s', retries: 1 },
    attend: (send) => attend({ send, hangUp: () => undefined }),
    meters: [1, 2, 3].map((meter) => ({
      device: { client: 32, server: meter },
      points: [
        [{ obis: '1-0:1.8.0', unit: 'W.h' }, meter * 100 + 1],
        [{ obis: '1-0:2.8.0', unit: 'W.h' }, meter * 100 + 2],
      ],
    })),
  };
}

async function open(line: Line, port: number, clock: FakeClock) {
  const devices = line.meters.map(({ device, points }, index): DriverDevice<unknown, unknown> => ({
    id: `meter-${index + 1}`,
    settings: line.driver.schemas.device.parse(device),
    points: points.map(([point], number) => ({
      number: number + 1,
      id: `meter-${index + 1}/${number + 1}`,
      address: line.driver.schemas.point.parse(point),
    })),
  }));
  const observed: string[] = [];
  const context: DriverContext = {
    clock,
    connection: 'line',
    observe: (event, device, detail) => observed.push(`${device}: ${event}: ${detail}`),
    answered: () => undefined,
    tap: { listener: undefined },
  };
  const connection = line.driver.schemas.connection.parse({ host: '127.0.0.1', port, ...line.connection });
  const session = (await line.driver.open(connection, devices, context, new AbortController().signal)) as Session;
  return { devices, session, observed };
}

/** What each point showed: its value, or why it has none. */
function shown(readings: readonly Reading[]): readonly unknown[] {
  return readings.toSorted((one, other) => one.point - other.point).map(({ value, reason }) => value ?? reason);
}

/** Reads a meter that says a byte a second, and then the others, which are in time. */
async function readSlowly(line: Line): Promise<void> {
  const clock = new FakeClock({ flows: 15 });
  await using far = await playLate(line.attend, clock, byteBySecond);
  const { devices, session, observed } = await open(line, far.port, clock);
  await using _session = session;
  const [slow, ...others] = devices;
  const signal = new AbortController().signal;
  const began = clock.monotonic();
  const readings = slow === undefined ? [] : await passing(session.read(slow, slow.points, signal), clock, 100);
  for (const reason of shown(readings)) expect(['no-answer', 'malformed-answer']).toContain(reason);
  expect(clock.monotonic() - began).toBeLessThan(LONGEST_READ);
  expect(observed.join()).toContain('meter-1: ');
  far.pace = AT_ONCE;
  await clock.advance(AGES); // what it had begun to say is on the line until then
  for (const [index, device] of others.entries()) {
    const values = shown(await passing(session.read(device, device.points, signal), clock));
    expect(values).toEqual(line.meters[index + 1]?.points.map(([, value]) => value));
  }
}

const LINES = [mbusLine, () => readoutLine(), () => dlmsLine('hdlc'), () => dlmsLine('wrapper')];

describe.each(LINES.map((make) => [make().name, make] as const))('%s', (_name, make) => {
  test.each([1_500, 2_500, 7_000, 'any'] as const)(
    'answers that are late by %s ms are never values of others',
    async (by) => {
      const line = make();
      const clock = new FakeClock({ flows: 15 });
      const random = randomNumbers(44);
      const delay = (): number => (by === 'any' ? random.below(3) * random.below(2_500) : by);
      await using far = await playLate(line.attend, clock, lateBy(delay));
      const { devices, session, observed } = await open(line, far.port, clock);
      await using _session = session;
      const signal = new AbortController().signal;
      for (let round = 0; round < 6; round++) {
        for (const [index, device] of devices.entries()) {
          const values = shown(await passing(session.read(device, device.points, signal), clock, 50));
          const truth = line.meters[index]?.points.map(([, value]) => value) ?? [];
          for (const [at, value] of values.entries()) {
            if (typeof value !== 'string') expect([device.id, at, value]).toEqual([device.id, at, truth[at]]);
          }
        }
      }
      if (by !== 'any') expect(observed.length).toBeGreaterThan(0);
      far.pace = AT_ONCE;
      await clock.advance(AGES);
      for (const [index, device] of devices.entries()) {
        const values = shown(await passing(session.read(device, device.points, signal), clock));
        expect(values, 'in time again').toEqual(line.meters[index]?.points.map(([, value]) => value));
      }
    },
  );

  test('a byte a second is given up in time, named, and costs the others nothing', () => readSlowly(make()));
});

// Whose pauses may be longer than that.
test('a readout that comes by a byte a second is given up though no pause is too long', () =>
  readSlowly(readoutLine('4s')));
