import { expect, test } from 'vitest';
import { locate } from '../../../drivers/modbus/plan.ts';
import { planWrites, sortTargets, type WriteStep } from '../../../drivers/modbus/plan-writes.ts';
import type { Value } from '../../../src/model/reading.ts';
import { modbusDevice } from '../../support/modbus-session.ts';

function plan(...writes: readonly (readonly [point: object, value: Value])[]): readonly WriteStep[] {
  const device = modbusDevice(writes.map(([point]) => point));
  const targets = device.points.map((point, index) => ({
    field: locate(point, device.settings),
    value: writes[index]?.[1] ?? 0,
  }));
  return planWrites(sortTargets(targets));
}

test('registers that follow each other travel together, whatever their types; a gap is never written', () => {
  expect(
    plan(
      [{ read: 'holding 12', type: 'uint32', order: 'CDAB' }, 0x1_0002],
      [{ read: 'holding 10', type: 'int16' }, -2],
      [{ read: 'holding 11', type: 'bool' }, true],
      [{ read: 'holding 15', type: 'uint16' }, 7],
    ),
  ).toEqual([
    { kind: 'registers', address: 10, data: Buffer.from('fffe000100020001', 'hex') },
    { kind: 'registers', address: 15, data: Buffer.from('0007', 'hex') },
  ]);
});

test('coils that follow each other travel together', () => {
  expect(plan([{ read: 'coil 3' }, true], [{ read: 'coil 4' }, 0], [{ read: 'coil 6' }, 1])).toEqual([
    { kind: 'coils', address: 3, coils: [true, false] },
    { kind: 'coils', address: 6, coils: [true] },
  ]);
});

test('bits of one register become one mask, and leave the others alone', () => {
  expect(plan([{ read: 'holding 5', type: 'bits(0..3)' }, 9], [{ read: 'holding 5', type: 'bits(8..8)' }, 1])).toEqual([
    { kind: 'bits', address: 5, bits: 0x010f, value: 0x0109 },
  ]);
});

test('no request is longer than its byte count can say', () => {
  const many = Array.from(
    { length: 130 },
    (_, index) => [{ read: `holding ${index}`, type: 'uint16' }, index] as const,
  );
  expect(plan(...many).map((step) => (step.kind === 'registers' ? step.data.length / 2 : 0))).toEqual([123, 7]);
});

test.each([
  [{ read: 'holding 1', type: 'int16' }, 40_000, '40000 does not fit int16'],
  [{ read: 'holding 1', type: 'uint16' }, 1.5, '1.5 does not fit uint16'],
  [{ read: 'holding 1', type: 'bits(2..3)' }, 4, '4 does not fit bits(2..3), which hold 0 to 3'],
  [{ read: 'holding 1', type: 'string(4)' }, 'gates', 'gates does not fit string(4)'],
  [{ read: 'coil 1' }, 2, '2 does not fit a coil, which is true or false'],
  [{ read: 'input 1', type: 'uint16' }, 2, 'nothing can be written to table input, only to coil and holding'],
])('%j cannot become %s', (point, value, complaint) => {
  expect(() => plan([point, value])).toThrow(complaint);
});
