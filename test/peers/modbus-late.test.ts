import { describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { openModbus, shown, type ModbusDevice, type OpenedModbus } from '../support/modbus-session.ts';
import { readBetween, single } from '../support/late-answers.ts';
import { honestPdu, playLine, type LineKind, type LineManner } from '../support/played-line.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { passing } from '../support/timing-out.ts';

// On a line nothing in an answer says which question it belongs to. Every register holds its own address, so that an
// answer taken for another one shows as a value.

const KINDS: readonly LineKind[] = [
  { transport: 'rtu-over-tcp', framing: 'rtu' },
  { transport: 'ascii-over-tcp', framing: 'ascii' },
];

/** Answers in turn, each so many milliseconds after its question at the earliest. */
function lateBy(delay: () => number, clock: FakeClock): LineManner {
  let freeAt = 0;
  return (asked, line) => {
    freeAt = Math.max(freeAt, clock.monotonic() + delay());
    clock.after(freeAt - clock.monotonic(), () => line.send(line.frame(asked.unit, honestPdu(asked))));
  };
}

/** Reads these devices over and over; answers with what they showed in the last round. */
async function poll(
  modbus: OpenedModbus,
  devices: readonly ModbusDevice[],
  { rounds, clock }: { readonly rounds: number; readonly clock: FakeClock },
): Promise<readonly string[]> {
  let last: readonly string[] = [];
  for (let round = 0; round < rounds; round++) {
    last = [];
    for (const device of devices) last = [...last, ...shown(device, await passing(modbus.read(device), clock))];
    for (const line of last) expect(line).toMatch(/^(\d+) (good \1|bad .*)$/);
    await clock.advance(500);
  }
  return last;
}

describe.each(KINDS)('on a line by $transport', (kind) => {
  // Blocks of one length, at two units, so that each could be taken for any other of its unit.
  const devices = [single(100), single(300), single(500), single(100, 2), single(300, 2)];
  const GOOD = devices
    .map(({ points }) => points.map(({ address: { read } }) => `${read.address} good ${read.address}`))
    .flat();

  test.each([1_500, 2_500, 10_000])('answers that are late by %i ms are never values', async (delay) => {
    const clock = new FakeClock();
    await using line = await playLine(
      kind,
      lateBy(() => delay, clock),
    );
    await using modbus = await openModbus({}, devices, { clock, settings: line.settings });
    await poll(modbus, devices, { rounds: 12, clock });
    const late = modbus.observed.filter(({ event }) => event === 'late-frame');
    expect(late.length).toBeGreaterThan(0);
    expect(late[0]?.detail).toMatch(/^unit \d answered \d+ ms after it was asked: the timeout is too short$/);
    // What was asked is answered some time; then the device is in time again.
    line.manner = lateBy(() => 0, clock);
    await clock.advance(60_000);
    expect(await poll(modbus, devices, { rounds: 6, clock })).toEqual(GOOD);
  });

  test.each([0, 1])('answers that are late by anything are never values, with %i retries', async (retries) => {
    const clock = new FakeClock();
    const random = randomNumbers(44);
    await using line = await playLine(
      kind,
      lateBy(() => random.below(3) * random.below(2_000), clock),
    );
    await using modbus = await openModbus({}, devices, { clock, settings: { ...line.settings, retries } });
    await poll(modbus, devices, { rounds: 30, clock });
    expect(new Set(modbus.observed.map(({ event }) => event))).toEqual(new Set(['timeout', 'late-frame']));
  });

  test('an answer that comes 256 requests later is late, and no value', () => readBetween(kind, 256));
});
