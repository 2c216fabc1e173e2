import { expect } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { modbusDevice, openModbus, shown, type ModbusDevice } from './modbus-session.ts';
import { honestLine, honestPdu, playLine, type LineKind } from './played-line.ts';
import { passing } from './timing-out.ts';

/** A device with one register. */
export function single(address: number, unit = 1): ModbusDevice {
  return modbusDevice([{ read: `holding ${address}`, type: 'uint16' }], { unit }, `unit-${unit}-${address}`);
}

/** One answer is kept back while another unit is asked so often; then its own unit is asked for something else. */
export async function readBetween(kind: LineKind, requests: number): Promise<void> {
  const clock = new FakeClock();
  const first = single(200);
  const second = single(100);
  const other = single(7, 9);
  await using line = await playLine(kind, () => undefined);
  await using modbus = await openModbus({}, [first], { clock, settings: { ...line.settings, retries: 0 } });
  expect(shown(first, await passing(modbus.read(first), clock))).toEqual(['200 bad no-answer']);
  const [kept] = line.asked;
  line.manner = honestLine;
  for (let request = 0; request < requests; request++) {
    expect(shown(other, await modbus.read(other))).toEqual(['7 good 7']);
  }
  let isSent = false;
  line.manner = (asked, far) => {
    if (!isSent && kept !== undefined) far.send(far.frame(kept.unit, honestPdu(kept)));
    isSent = true;
    honestLine(asked, far);
  };
  expect(shown(second, await modbus.read(second))).toEqual(['100 good 100']);
  expect(modbus.observed.map(({ event }) => event)).toEqual(['timeout', 'late-frame']);
}
