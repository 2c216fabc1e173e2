import type { FarEnd } from '../contract/driver.contract.ts';

/** The last register of the played device; each of them holds its own address. */
export const LAST_REGISTER = 999;

/** What a Modbus far end of the conformance suite has, however it is reached. */
export const addressedDevice = {
  device: { unit: 7 },
  good: [
    { point: { read: 'holding 100', type: 'uint16' }, value: 100 },
    { point: { read: 'holding 101', type: 'uint32', order: 'CDAB' }, value: 102 * 65_536 + 101 },
    { point: { read: 'input 300', type: 'bits(2..3)' }, value: 3 },
    { point: { read: 'coil 17' }, value: true },
  ],
  refused: { read: `holding ${LAST_REGISTER + 1}`, type: 'uint16' },
  undecodable: { point: { read: 'holding 10', type: 'bcd16' }, reason: 'type-mismatch' },
} as const satisfies Partial<FarEnd>;
