import { showDeviation } from '../model/clock-deviation.ts';
import { multiplyDecimals, numberOf, parseDecimal } from '../model/decimal.ts';
import type { PointDefinition } from '../model/point.ts';
import type { PointNumber, Reading } from '../model/reading.ts';
import type { DeviceStatus } from '../model/status.ts';
import { conversion } from '../model/ucum.ts';
import type { Report } from '../ops/events.ts';

const QUANTITY = 'clock-deviation';

/** Milliseconds by which the clock of a device may be off where nothing else is configured. */
export const CLOCK_BOUND = 60_000;

/** How far the clock of a device is off, as its points tell; says when that is too far, and when no more. */
export class DeviceClock {
  readonly #device: string;
  readonly #bound: number;
  readonly #report: Report;
  /** Units of the points that tell it, by their numbers. */
  #units: ReadonlyMap<PointNumber, string> = new Map();
  /** Seconds by which it is ahead of ours. */
  #ahead: number | undefined;
  #isOff = false;

  /** `bound`: milliseconds. */
  constructor(device: string, bound: number, report: Report) {
    this.#device = device;
    this.#bound = bound / 1_000;
    this.#report = report;
  }

  /** These are the points of the device from now on. */
  watch(points: readonly { readonly number: PointNumber; readonly definition: PointDefinition }[]): void {
    const telling = points.filter(({ definition }) => [definition.quantity, definition.name].includes(QUANTITY));
    this.#units = new Map(telling.map(({ number, definition }) => [number, definition.unit ?? 's']));
  }

  /** Takes readings of its points, as the driver gave them: in the unit that is wanted. */
  note(readings: readonly Reading[]): void {
    if (this.#units.size === 0) return;
    for (const { point, value } of readings) {
      const unit = this.#units.get(point);
      const seconds = unit === undefined || typeof value !== 'number' ? undefined : inSeconds(value, unit);
      if (seconds !== undefined) this.#take(seconds);
    }
  }

  #take(seconds: number): void {
    this.#ahead = seconds;
    const isOff = Math.abs(seconds) > this.#bound;
    if (isOff === this.#isOff) return;
    this.#isOff = isOff;
    const deviation = showDeviation(seconds);
    const fields = { device: this.#device, seconds: Math.round(seconds), deviation, bound: this.#bound };
    this.#report(isOff ? 'device-clock-off' : 'device-clock-right', fields);
  }

  status(): DeviceStatus['clock'] {
    return this.#ahead === undefined ? null : { ahead: this.#ahead, bound: this.#bound, off: this.#isOff };
  }
}

function inSeconds(value: number, unit: string): number | undefined {
  const factor = conversion(unit, 's');
  const decimal = parseDecimal(String(value));
  if (factor === undefined || decimal === undefined) return undefined;
  return Number(numberOf(multiplyDecimals(decimal, factor)));
}
