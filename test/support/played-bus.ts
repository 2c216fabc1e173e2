import { z } from 'zod';
import type { DriverContext, ScanRange, ScanStep } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { badReading, type Reading, type Value } from '../../src/model/reading.ts';
import { scriptedDriver } from './scripted-driver.ts';

const unitOf = (settings: unknown): number => z.object({ unit: z.number() }).parse(settings).unit;
const placeOf = (address: unknown): number => z.object({ place: z.number().default(0) }).parse(address).place;

/** Units on a bus that hold a value in each of some places; what they have not they refuse. */
export class PlayedUnits {
  /** By unit and place. */
  readonly units = new Map<number, Map<number, Value>>();
  /** What was done, in order. */
  readonly log: string[] = [];
  /** What a unit makes of a value that is written to it. */
  taken: (value: Value) => Value = (value) => value;
  /** Places that can be written and not be read. */
  readonly hidden = new Set<number>();
  /** The speed at which the units listen. */
  baud = 9_600;
  open = 0;
  #context: DriverContext | undefined;

  constructor(units: Readonly<Record<number, Readonly<Record<number, Value>>>> = { 1: { 0: 230, 1: 5 }, 7: { 0: 7 } }) {
    for (const [unit, places] of Object.entries(units)) {
      this.units.set(Number(unit), new Map(Object.entries(places).map(([place, value]) => [Number(place), value])));
    }
  }

  readonly driver = scriptedDriver(
    {
      open: (context, connection) => {
        this.#context = context;
        this.open += 1;
        this.log.push(`open ${z.object({ baud: z.number() }).parse(connection).baud}`);
      },
      closed: () => {
        this.open -= 1;
        this.log.push('close');
      },
      read: async (device, points, context) => {
        const unit = unitOf(device.settings);
        this.log.push(`read unit ${unit}`);
        context.tap.listener?.({ direction: 'sent', bytes: Buffer.from([unit, 3]), meaning: `unit ${unit}: read` });
        return points.map(({ number, address }) => this.#reading(unit, number, placeOf(address)));
      },
      write: async (device, writes) => {
        const unit = unitOf(device.settings);
        const values = this.units.get(unit);
        if (values === undefined) throw new GatewayError('no-answer', `unit ${unit} does not answer`);
        for (const { point, value } of writes) values.set(placeOf(point.address), this.taken(value));
        return writes.map(({ point }) => this.#reading(unit, point.number, placeOf(point.address)));
      },
      identify: async (device) => ({ facts: [{ name: 'unit', value: String(unitOf(device.settings)) }] }),
      scan: (range) => this.#scan(range),
    },
    {
      alternatives: (address) =>
        (['int16', 'uint16'] as const).map((type) => ({
          name: type,
          address: { ...z.object({}).loose().parse(address), type },
        })),
      scanSettings: (_connection, { bauds = [] }) =>
        [9_600, ...bauds.filter((baud) => baud !== 9_600)].map((baud) => ({
          name: `${baud} 8N1`,
          settings: { baud },
          changed: baud === 9_600 ? {} : { baud },
        })),
    },
  );

  async *#scan({ addresses = [1, 2, 7] }: ScanRange): AsyncGenerator<ScanStep> {
    const baud = Number(this.log.findLast((entry) => entry.startsWith('open'))?.slice(5));
    for (const [index, unit] of addresses.entries()) {
      this.log.push(`scan unit ${unit}`);
      const step = { address: `unit ${unit}`, done: index + 1, total: addresses.length };
      await Promise.resolve();
      const found = { device: { unit }, answer: 'exception 2', milliseconds: 8 };
      yield baud === this.baud && this.units.has(unit) ? { ...step, found } : step;
    }
  }

  #reading(unit: number, point: number, place: number): Reading {
    const receivedTime = this.#context?.clock.monotonic() ?? 0;
    const values = this.units.get(unit);
    const value = this.hidden.has(place) ? undefined : values?.get(place);
    if (value === undefined) return badReading(point, values === undefined ? 'no-answer' : 'refused', receivedTime);
    return { point, sourceTime: null, receivedTime, quality: 'good', value };
  }
}
