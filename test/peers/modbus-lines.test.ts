import { describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { single } from '../support/late-answers.ts';
import { modbusDevice, openModbus, shown, type ModbusDevice } from '../support/modbus-session.ts';
import { describeWith } from '../support/peers.ts';
import {
  exceptionPdu,
  honestLine,
  honestPdu,
  playLine,
  silentLine,
  type FarSide,
  type LineKind,
  type LineManner,
  type LineRequest,
} from '../support/played-line.ts';
import { passing, timingOut } from '../support/timing-out.ts';

const RTU: LineKind = { transport: 'rtu-over-tcp', framing: 'rtu' };
const ASCII: LineKind = { transport: 'ascii-over-tcp', framing: 'ascii' };
const SERIAL: LineKind = { transport: 'serial', framing: 'rtu' };

const meter = modbusDevice([
  { read: 'holding 100', type: 'uint16' },
  { read: 'holding 101', type: 'uint16' },
]);
const GOOD = ['100 good 100', '101 good 101'];
const bad = (reason: string): readonly string[] => [`100 bad ${reason}`, `101 bad ${reason}`];

const answer = (asked: LineRequest, line: FarSide): Buffer => line.frame(asked.unit, honestPdu(asked));

async function start(
  kind: LineKind,
  manner: LineManner,
  { settings = {}, devices = [meter] }: { settings?: object; devices?: readonly ModbusDevice[] } = {},
) {
  const stack = new AsyncDisposableStack();
  const clock = new FakeClock();
  const line = stack.use(await playLine(kind, manner));
  const modbus = stack.use(await openModbus({}, devices, { clock, settings: { ...line.settings, ...settings } }));
  const read = async (device: ModbusDevice = meter): Promise<readonly string[]> =>
    shown(device, await passing(modbus.read(device), clock));
  const events = (): readonly string[] => modbus.observed.map(({ event }) => event);
  return { clock, line, modbus, read, events, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function noise(bytes: string): Buffer {
  return Buffer.from(bytes, 'hex');
}

describe.each([RTU, ASCII])('by $transport an answer is understood', (kind) => {
  test.each<[string, LineManner]>([
    ['behind noise', (asked, line) => line.send(Buffer.concat([noise('00ff00'), answer(asked, line)]))],
    ['before noise', (asked, line) => line.send(Buffer.concat([answer(asked, line), noise('00ff00')]))],
    [
      'behind an answer that broke off',
      (asked, line) => line.send(Buffer.concat([answer(asked, line).subarray(0, 6), answer(asked, line)])),
    ],
    [
      "behind another unit's answer",
      (asked, line) => line.send(Buffer.concat([line.frame(9, honestPdu(asked)), answer(asked, line)])),
    ],
    [
      'in two chunks with noise between two answers',
      (asked, line) => {
        line.send(Buffer.concat([answer(asked, line), noise('00')]));
        line.send(noise('ff'));
      },
    ],
  ])('%s', async (_, manner) => {
    await using started = await start(kind, manner);
    for (let round = 0; round < 3; round++) expect(await started.read()).toEqual(GOOD);
    expect(started.events()).not.toContain('timeout');
  });

  test('only where its checksum is right', async () => {
    await using started = await start(kind, (asked, line) => {
      const frame = Buffer.from(answer(asked, line));
      // A flipped bit of the last register; in ASCII that makes another digit.
      const last = frame.length - (kind.framing === 'rtu' ? 3 : 5);
      frame.writeUInt8(frame.readUInt8(last) ^ 1, last);
      line.send(frame);
    });
    expect(await started.read()).toEqual(bad('malformed-answer'));
    expect(started.events()).toEqual(['checksum-error', 'checksum-error']);
    started.line.manner = honestLine;
    expect(await started.read()).toEqual(GOOD);
  });

  // What a port makes of a character whose parity is wrong: by its settings it becomes 0, or is left out.
  test.each<[string, (frame: Buffer, at: number) => Buffer]>([
    ['became 0', (frame, at) => Buffer.concat([frame.subarray(0, at), Buffer.of(0), frame.subarray(at + 1)])],
    ['was left out', (frame, at) => Buffer.concat([frame.subarray(0, at), frame.subarray(at + 1)])],
  ])('never where a character %s for its parity', async (_, spoil) => {
    await using started = await start(kind, (asked, line) => {
      const frame = answer(asked, line);
      const at = started.line.asked.length % frame.length;
      line.send(frame.readUInt8(at) === 0 ? frame.subarray(1) : spoil(frame, at));
    });
    const rounds: string[] = [];
    for (let round = 0; round < 8; round++) rounds.push(...(await started.read()));
    expect(rounds.filter((line) => line.includes('good'))).toEqual([]);
    started.line.manner = honestLine;
    await started.read();
    expect(await started.read()).toEqual(GOOD);
  });

  test('never where its bytes come one a second', async () => {
    await using started = await start(kind, (asked, line) => {
      for (const [index, byte] of answer(asked, line).entries()) {
        started.clock.after(index * 1_000, () => line.send(Buffer.of(byte)));
      }
    });
    expect(await started.read()).toEqual(bad('no-answer'));
    started.line.manner = honestLine;
    const later: string[] = [];
    for (let round = 0; round < 6; round++) later.push(...(await started.read()));
    expect(later.filter((line) => line.includes('good') && !GOOD.includes(line))).toEqual([]);
    expect(later.slice(-2)).toEqual(GOOD);
  });

  test('at the second attempt where the first was disturbed', async () => {
    await using started = await start(kind, (asked, line) => {
      started.line.manner = honestLine;
      line.send(Buffer.concat([answer(asked, line).subarray(0, 8), noise('00'), answer(asked, line).subarray(9)]));
    });
    expect(await started.read()).toEqual(GOOD);
    expect(
      started.line.asked.map(({ amount }) => amount),
      'after a probe',
    ).toEqual([2, 1, 2]);
  });

  test('never where another unit gives it', async () => {
    await using started = await start(kind, (asked, line) => line.send(line.frame(9, honestPdu(asked))));
    expect(await started.read()).toEqual(bad('foreign-answer'));
    expect(new Set(started.events())).toEqual(new Set(['foreign-frame']));
  });

  test('never where it has another length', async () => {
    await using started = await start(
      kind,
      (asked, line) => {
        line.send(line.frame(asked.unit, honestPdu({ ...asked, amount: asked.amount + 1 })));
      },
      { settings: { retries: 0 } },
    );
    expect(await started.read()).toEqual(bad('malformed-answer'));
    expect(new Set(started.events())).toEqual(new Set(['malformed-frame']));
  });

  test('and a trace shows it all', async () => {
    await using started = await start(kind, (asked, line) => {
      line.send(noise('00ff'));
      line.send(line.frame(9, honestPdu(asked)));
      line.send(Buffer.concat([line.frame(asked.unit, exceptionPdu(asked, 4)), noise('00')]));
    });
    expect(await started.read()).toEqual(bad('device-failure'));
    await started.read();
    const traced = started.modbus.traced.slice(0, -1);
    expect(traced).toContain('sent unit 1: read holding 100, 2 registers');
    expect(traced).toContain('received unit 1: exception 4 (failure in the device)');
    expect(traced.some((line) => /^received noise|^received foreign: unit 9/.test(line))).toBe(true);
  });
});

test('noise is counted once for each request, with what it was', async () => {
  await using started = await start(RTU, (asked, line) => {
    for (const byte of [0, 255, 0]) line.send(Buffer.of(byte));
    line.send(answer(asked, line));
  });
  await started.read();
  await started.read();
  await started.read();
  expect(started.modbus.observed).toEqual([
    { event: 'noise', device: 'meter', detail: '3 bytes: 00ff00' },
    { event: 'noise', device: 'meter', detail: '3 bytes: 00ff00' },
  ]);
});

const echoing: LineManner = (asked, line) =>
  line.send(Buffer.concat([line.frame(asked.unit, asked.pdu), answer(asked, line)]));

describe('an adapter that echoes', () => {
  test('is understood when this is said', async () => {
    await using started = await start(RTU, echoing, { settings: { echo: true } });
    for (let round = 0; round < 3; round++) expect(await started.read()).toEqual(GOOD);
    expect(started.events()).toEqual([]);
    expect(started.modbus.traced).toContain('received echo');
  });

  test('and breaks the bytes up is understood too', async () => {
    await using started = await start(
      RTU,
      (asked, line) => {
        for (const byte of Buffer.concat([line.frame(asked.unit, asked.pdu), answer(asked, line)]))
          line.send(Buffer.of(byte));
      },
      { settings: { echo: true } },
    );
    expect(await started.read()).toEqual(GOOD);
  });

  test('is found out when this is not said', async () => {
    await using started = await start(RTU, echoing);
    for (let round = 0; round < 2; round++) expect(await started.read()).toEqual(GOOD);
    expect(started.modbus.observed[0]).toEqual({
      event: 'noise',
      device: 'meter',
      detail: 'the adapter echoes what it sends: set `echo: true`',
    });
  });

  test('and is none, or hears something else, is a fault that has a name', async () => {
    await using started = await start(RTU, honestLine, { settings: { echo: true } });
    expect(await started.read()).toEqual(bad('malformed-answer'));
    expect(started.modbus.observed[0]).toMatchObject({
      event: 'malformed-frame',
      detail: 'what was sent did not come back as it was: is this an adapter that echoes, as `echo: true` says?',
    });
  });
});

describe('a unit that was silent', () => {
  test('is asked once, and waited for only as long as answers take here', async () => {
    const dead = single(100, 2);
    await using started = await start(RTU, honestLine, { devices: [single(100), dead] });
    const cost = async (): Promise<number> => {
      const began = started.clock.monotonic();
      expect(await started.read(dead)).toEqual(['100 bad no-answer']);
      return Math.round((started.clock.monotonic() - began) / 100) * 100;
    };
    await started.read(single(100));
    started.line.manner = silentLine;
    const costs: number[] = [];
    for (let round = 0; round < 9; round++) costs.push(await cost());
    // A whole wait, and a repeat, at first; a whole one every fourth time, for who became slow.
    expect(costs).toEqual([2_000, 100, 100, 100, 1_000, 100, 100, 100, 1_000]);
  });

  test('is whole again with the first round that it answers', async () => {
    await using started = await start(RTU, silentLine);
    for (let round = 0; round < 30; round++) {
      expect(await started.read()).toEqual(bad('no-answer'));
      await started.clock.advance(60_000);
    }
    started.line.manner = honestLine;
    expect(await started.read()).toEqual(GOOD);
  });

  test('costs its neighbours a third of its timeout, or less', async () => {
    const units = Array.from({ length: 20 }, (_, index) => single(100, index + 1));
    await using started = await start(
      RTU,
      (asked, line) => {
        if (asked.unit === 1) honestLine(asked, line);
      },
      { devices: units },
    );
    const [live, ...dead] = units;
    if (live === undefined) throw new Error('a device');
    await started.read(live);
    for (const device of dead) await started.read(device);
    // From now on no dead unit costs more than a short wait, three times of four.
    const began = started.clock.monotonic();
    for (let round = 0; round < 4; round++) for (const device of dead) await started.read(device);
    expect((started.clock.monotonic() - began) / (4 * dead.length)).toBeLessThan(360);
  });
});

describe('a tunnel that brings nothing any more', () => {
  test('is made anew, since it may lead nowhere', async () => {
    await using started = await start(RTU, silentLine, { settings: { retries: 0 } });
    for (let round = 0; round < 3; round++) await started.read();
    await started.line.untilQuiet();
    started.line.manner = honestLine;
    expect(await started.read()).toEqual(GOOD);
  });
});

describeWith('socat', 'on a serial port', () => {
  test('the gap between two frames is kept', async () => {
    const device = modbusDevice([
      { read: 'holding 1', type: 'uint16' },
      { read: 'input 1', type: 'uint16' },
    ]);
    const times: number[] = [];
    const timed: LineManner = (asked, line) => {
      times.push(started.clock.monotonic());
      honestLine(asked, line);
    };
    await using started = await start(SERIAL, timed, { devices: [device], settings: { baud: 1_200 } });
    const reading = passing(started.modbus.read(device), started.clock, 1);
    expect(shown(device, await reading)).toEqual(['1 good 1', '1 good 1']);
    const [first = 0, second = 0] = times;
    expect(second - first, '3.5 characters of 11 bits').toBeGreaterThanOrEqual((3.5 * 11 * 1_000) / 1_200);
  });

  test('the wait counts from when the bytes are through', async () => {
    const long = modbusDevice([{ read: 'holding 0', type: 'string(240)' }]);
    await using started = await start(SERIAL, silentLine, { devices: [long], settings: { baud: 1_200, retries: 0 } });
    const began = started.clock.monotonic();
    expect(shown(long, await passing(started.modbus.read(long), started.clock))).toEqual(['0 bad no-answer']);
    // 8 bytes there and 245 back, of 11 bits each, and the timeout.
    const due = 1_000 + (253 * 11 * 1_000) / 1_200;
    expect(started.clock.monotonic() - began).toBeGreaterThanOrEqual(due);
    expect(started.clock.monotonic() - began).toBeLessThan(due + 100);
  });
});

test('two readings at once are refused: their answers could be mixed up', async () => {
  await using started = await start(RTU, honestLine);
  const first = started.modbus.read(meter);
  await expect(started.modbus.read(meter)).rejects.toMatchObject({ code: 'failed' });
  expect(shown(meter, await first)).toEqual(GOOD);
});

test('each answered request is told, with the time that it took', async () => {
  await using started = await start(RTU, (asked, line) => {
    started.clock.after(300, () => honestLine(asked, line));
  });
  await timingOut(started.modbus.read(meter), { farEnd: started.line, clock: started.clock, timeout: 300 });
  expect(started.modbus.answered).toEqual([['meter', 300]]);
});

test('a unit 0 that would be read is a fault of the configuration', async () => {
  await using line = await playLine(RTU);
  const all = modbusDevice([{ read: 'coil 1' }], { unit: 0 }, 'all');
  await expect(openModbus({}, [all], { settings: line.settings })).rejects.toMatchObject({
    code: 'configuration-invalid',
    message: 'all: unit 0 is the broadcast of a serial line: all units hear it and none answers, so it cannot be read',
  });
});
