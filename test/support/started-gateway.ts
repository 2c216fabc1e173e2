import { join } from 'node:path';
import { loadConfiguration } from '../../src/config/load.ts';
import type { Driver } from '../../src/collect/driver.ts';
import { connectControl } from '../../src/control/client.ts';
import type { GatewayControl } from '../../src/control/control.ts';
import { startGateway } from '../../src/gateway.ts';
import { systemClock, type Clock } from '../../src/model/clock.ts';
import type { EventName, Report } from '../../src/ops/events.ts';
import type { Told } from './collecting.ts';
import { writeFiles } from './configuration-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type StartedGateway = AsyncDisposable & {
  /** Where its configuration is, and its journal. */
  readonly folder: string;
  readonly control: GatewayControl;
  readonly told: readonly Told[];
  /** Resolves once `event` has been told. */
  readonly untilTold: (event: EventName) => Promise<Told>;
};

type Surroundings = {
  /** What the machine says of the time; the system's if not given. */
  readonly clock?: Clock;
  /** Where it is, with the journal of an earlier one; a folder of its own if not given. */
  readonly folder?: string;
};

/** A whole gateway in this process, over the driver `scripted`; `sections` are those of weir.yaml besides the general ones. */
export async function startedGateway(
  driver: Driver,
  sections: object,
  { clock = systemClock, folder }: Surroundings = {},
): Promise<StartedGateway> {
  await using stack = new AsyncDisposableStack();
  const path = folder ?? stack.use(await temporaryFolder()).path;
  const general = { gateway: { id: 'test' }, journal: { path: join(path, 'journal'), commit: '20ms' } };
  await writeFiles(path, { 'weir.yaml': JSON.stringify({ ...general, ...sections }) }); // JSON is YAML
  const drivers = { scripted: () => Promise.resolve({ ...driver, name: 'scripted' }) };
  const configuration = await loadConfiguration(join(path, 'weir.yaml'), drivers);
  const told: Told[] = [];
  const counters = new Map<EventName, number>();
  const waiting = new Set<() => void>();
  const report: Report = (event, fields) => {
    told.push({ event, fields });
    counters.set(event, (counters.get(event) ?? 0) + 1);
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const environment = { clock, version: '0.0.0', report, counters, drivers };
  stack.use(await startGateway(configuration, environment));
  const control = await connectControl(configuration.control.socket, systemClock);
  const resources = stack.move();
  return {
    folder: path,
    control,
    told,
    untilTold: async (event) => {
      for (;;) {
        const found = told.find((each) => each.event === event);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
