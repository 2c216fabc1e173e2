import type { Report } from '../ops/events.ts';
import type { Driver, ReadPlan } from './driver.ts';
import type { ConnectionSetup, DeviceSetup, PolledPoint } from './setup.ts';

/** How one device's points of one period are read. */
type PlannedRead = { readonly device: string; readonly every: number; readonly plan: ReadPlan };

/** The reads of a connection, device by device and period by period; empty where the driver plans nothing. */
function planConnection(setup: ConnectionSetup, driver: Driver): readonly PlannedRead[] {
  return setup.devices.flatMap((device) =>
    [...periods(device)].flatMap(([every, points]) => {
      const plan = driver.plan?.(setup.settings, device, points);
      return plan === undefined ? [] : [{ device: device.id, every, plan }];
    }),
  );
}

function periods(device: DeviceSetup): ReadonlyMap<number, readonly PolledPoint[]> {
  return Map.groupBy(device.points, (point) => point.every);
}

/** Milliseconds that one round of everything takes on the bus; warns when the bus is asked for more than it can carry. */
export function forecastBusTime(setup: ConnectionSetup, driver: Driver, report: Report): number | undefined {
  const reads = planConnection(setup, driver);
  if (reads.length === 0) return undefined;
  const round = reads.reduce((sum, read) => sum + read.plan.busTime, 0);
  const load = reads.reduce((sum, read) => sum + read.plan.busTime / read.every, 0);
  if (load > 1) {
    const shortest = Math.min(...reads.map((read) => read.every));
    report('bus-overloaded', {
      connection: setup.id,
      needed: seconds(shortest * load),
      asked: seconds(shortest),
    });
  }
  return round;
}

function seconds(milliseconds: number): string {
  return `${Number((milliseconds / 1_000).toPrecision(2))} s`;
}
