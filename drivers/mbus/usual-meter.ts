import type { SimulatedDevice, SimulatedPoint } from '../../src/collect/simulation.ts';
import { pointSchema, type DeviceSettings, type PointAddress } from './schema.ts';

type Device = SimulatedDevice<DeviceSettings, PointAddress>;

const MONTHS = 12;

/** What a heat meter sends as a rule, with the energy and volume of a year's months. */
const RECORDS: readonly (readonly [record: string, unit: string | undefined, kind: SimulatedPoint['kind']])[] = [
  ['fabrication-number', undefined, 'text'],
  ['energy', 'kW.h', 'counter'],
  ['volume', 'm3', 'counter'],
  ['power', 'W', 'gauge'],
  ['volume-flow', 'm3/h', 'gauge'],
  ['flow-temperature', 'Cel', 'gauge'],
  ['return-temperature', 'Cel', 'gauge'],
  ['temperature-difference', 'K', 'gauge'],
  ['operating-time', 's', 'counter'],
  ['date-time', undefined, 'text'],
  ['error-flags', undefined, 'state'],
  ...Array.from({ length: MONTHS }, (_, month) => month + 1).flatMap((month) => [
    [`date storage ${month}`, undefined, 'text'] as const,
    [`energy storage ${month}`, 'kW.h', 'counter'] as const,
    [`volume storage ${month}`, 'm3', 'counter'] as const,
  ]),
];

/** `volume` of `volume storage 3`. */
function quantityOf(record: string): string {
  return record.split(' ', 1).join();
}

/** A device without points is played as a heat meter; others as they are. */
export function withUsualPoints(played: Device): Device {
  if (played.device.points.length > 0) return played;
  const { id } = played.device;
  const points = RECORDS.map(([record], number) => ({
    number,
    // Under one id a quantity moves alike, whichever of its values is asked for.
    id: `${id}/${quantityOf(record)}`,
    address: pointSchema.parse({ record }),
  }));
  const known = RECORDS.map(([record, unit, kind], number): readonly [number, SimulatedPoint] => [
    number,
    { quantity: quantityOf(record), unit, kind, scale: 1, offset: 0 },
  ]);
  return { ...played, device: { ...played.device, points }, points: new Map(known) };
}
