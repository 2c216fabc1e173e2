import { BusCommissioning, scanBesidePolls } from '../../src/collect/bus-commissioning.ts';
import type { Commissioning } from '../../src/collect/commissioning.ts';
import { openDirectly } from '../../src/collect/direct.ts';
import type { Driver } from '../../src/collect/driver.ts';
import { Collecting, deviceSetup } from './collecting.ts';
import { FakeClock } from './fake-clock.ts';

/** What a technician can do to the played units. */
export type Opened = AsyncDisposable & { readonly commissioning: Commissioning; readonly clock: FakeClock };

export const target = (driver: Driver) => ({ id: 'bus', driver, settings: { baud: 9_600 } });

/** Between the polls of a collector that has the device `meter`, unit 1. */
export async function besidePolls(driver: Driver): Promise<Opened> {
  const clock = new FakeClock();
  const setup = { ...deviceSetup('meter', { address: { place: 0, type: 'uint16' } }), settings: { unit: 1 } };
  const collecting = new Collecting([setup], driver, clock);
  await clock.advance(1);
  const { collector } = collecting;
  const commissioning = new BusCommissioning(collector, scanBesidePolls(collector));
  return { commissioning, clock, [Symbol.asyncDispose]: () => collecting[Symbol.asyncDispose]() };
}

/** Over a connection of its own. */
export async function alone(driver: Driver): Promise<Opened> {
  const clock = new FakeClock();
  const direct = openDirectly(target(driver), { clock, observe: () => undefined });
  return { commissioning: direct.commissioning, clock, [Symbol.asyncDispose]: () => direct[Symbol.asyncDispose]() };
}
