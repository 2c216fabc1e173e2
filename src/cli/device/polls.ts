import type { DirectTarget } from '../../collect/direct-bus.ts';
import type { DeviceSettings } from '../../config/configuration.ts';

/** Points of a device that are polled together, and what that asks of its connection. Times in milliseconds. */
export type PlannedPoll = {
  readonly every: number;
  /** One line a request. */
  readonly requests: readonly string[];
  /** What one round of it takes on the bus. */
  readonly busTime: number;
};

/** The polls of a device, the most frequent first; none where its driver plans nothing, or the device describes itself. */
export function plannedPolls(
  { driver, settings }: Pick<DirectTarget, 'driver' | 'settings'>,
  device: DeviceSettings,
): readonly PlannedPoll[] {
  const points = device.points.map(({ definition, address, every }, number) => ({
    number,
    id: definition.id,
    address,
    every,
  }));
  const polls = [...Map.groupBy(points, ({ every }) => every)].flatMap(([every, group]) => {
    const plan = driver.plan?.(settings, { id: device.id, settings: device.settings, points }, group);
    return plan === undefined ? [] : [{ every, ...plan }];
  });
  return polls.toSorted((a, b) => a.every - b.every);
}
