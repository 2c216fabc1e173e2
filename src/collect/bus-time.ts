import type { Report } from '../ops/events.ts';
import type { CollectedDevice } from './collected-device.ts';
import type { Driver } from './driver.ts';

/** What the polls of a device ask of its bus. */
type BusShare = {
  /** Milliseconds that one round over all its points takes. */
  readonly round: number;
  /** The share of all time that its polls take. */
  readonly load: number;
};

/** Forecasts the share of a device; undefined where the driver plans nothing. */
function forecastShare(connection: unknown, driver: Driver, device: CollectedDevice): BusShare | undefined {
  const periods = Map.groupBy(device.points, (point) => point.every);
  const reads = [...periods].flatMap(([every, points]) => {
    const plan = driver.plan?.(connection, device.driver, points);
    return plan === undefined ? [] : [{ every, busTime: plan.busTime }];
  });
  if (reads.length === 0) return undefined;
  return {
    round: reads.reduce((sum, { busTime }) => sum + busTime, 0),
    load: reads.reduce((sum, { every, busTime }) => sum + busTime / every, 0),
  };
}

/** The bus times of one connection: what its polls should take and what they do take, milliseconds. */
export class BusTimes {
  readonly #connection: { readonly id: string; readonly settings: unknown };
  readonly #driver: Driver;
  readonly #devices: readonly CollectedDevice[];
  readonly #report: Report;
  readonly #shares = new Map<CollectedDevice, BusShare>();
  #isOverloaded = false;

  constructor(
    connection: { readonly id: string; readonly settings: unknown },
    driver: Driver,
    { devices, report }: { readonly devices: readonly CollectedDevice[]; readonly report: Report },
  ) {
    this.#connection = connection;
    this.#driver = driver;
    this.#devices = devices;
    this.#report = report;
    this.forecast(devices);
  }

  /** Forecasts again for devices whose points are new; warns when the bus is asked for more than it can carry. */
  forecast(devices: readonly CollectedDevice[]): void {
    for (const device of devices) {
      const share = forecastShare(this.#connection.settings, this.#driver, device);
      if (share === undefined) this.#shares.delete(device);
      else this.#shares.set(device, share);
    }
    const load = [...this.#shares.values()].reduce((sum, share) => sum + share.load, 0);
    const wasOverloaded = this.#isOverloaded;
    this.#isOverloaded = load > 1;
    if (!this.#isOverloaded || wasOverloaded) return;
    const asked = Math.min(...this.#devices.map(({ schedule }) => schedule.shortest));
    const { id: connection } = this.#connection;
    this.#report('bus-overloaded', { connection, needed: seconds(asked * load), asked: seconds(asked) });
  }

  /** One round over a device, as forecast. */
  forecastOf(device: CollectedDevice): number | undefined {
    return this.#shares.get(device)?.round;
  }

  /** One round over all devices, as forecast; null where nothing is planned. */
  get forecastRound(): number | null {
    const rounds = [...this.#shares.values()].map(({ round }) => round);
    return rounds.length === 0 ? null : sumOf(rounds);
  }

  /** One round over all devices as measured; what has not answered yet counts as forecast. Null before the first answer. */
  get measuredRound(): number | null {
    const isMeasured = this.#devices.some(({ roundTime }) => roundTime !== undefined);
    if (!isMeasured) return null;
    return sumOf(this.#devices.map((device) => device.roundTime ?? this.forecastOf(device) ?? 0));
  }
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function seconds(milliseconds: number): string {
  return `${Number((milliseconds / 1_000).toPrecision(2))} s`;
}
