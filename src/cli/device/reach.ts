import { openDirectly } from '../../collect/direct.ts';
import type { DeviceSettings } from '../../config/configuration.ts';
import type { DriverContext } from '../../collect/driver.ts';
import type { Commissioning } from '../../collect/commissioning.ts';
import type { KeptQuery } from '../../control/control.ts';
import type { PointId } from '../../model/point.ts';
import type { ShownReading } from '../../model/status.ts';
import type { Context } from '../context.ts';
import { daemonIfRunning } from '../daemon.ts';
import { findDevice } from '../find.ts';
import type { NamedConnection } from './target.ts';

/** A connection that a command may use: the daemon's, where one runs that has it, else one of its own. */
export type Reached = AsyncDisposable & {
  readonly through: 'daemon' | 'command';
  readonly commissioning: Commissioning;
  /** Reads a configured device; `points` undefined means all. */
  readonly readDevice: (
    device: string,
    points: readonly PointId[] | undefined,
    signal: AbortSignal,
  ) => Promise<readonly ShownReading[]>;
  /** Hears devices that speak by themselves out until `signal` aborts; a daemon does so anyway. Rejects with `usage` for others. */
  readonly listen: (signal: AbortSignal) => Promise<void>;
  /** What a configured device has kept by itself, as `TechnicianControl.kept` does. */
  readonly kept: (device: string, query: KeptQuery, signal: AbortSignal) => AsyncIterable<readonly ShownReading[]>;
  /** Writes to configured points, as `TechnicianControl.write` does. */
  readonly write: (
    device: string,
    values: Readonly<Record<PointId, string | boolean>>,
    signal: AbortSignal,
  ) => Promise<readonly ShownReading[]>;
};

/**
 * Rejects where a daemon may run and not be asked: a line has one owner. A line of one's own is opened when it is needed;
 * what is odd on it is told, but to whom silence is an answer. `unconfigured`: devices that such a line has instead of
 * those that are configured on it.
 */
export async function reach(
  connection: NamedConnection,
  context: Context,
  oddities: 'told' | 'expected' = 'told',
  unconfigured: readonly DeviceSettings[] = [],
): Promise<Reached> {
  const { configuration, id } = connection;
  const daemon = configuration && (await daemonIfRunning(configuration.control.socket, context));
  if (daemon === undefined) return direct(connection, unconfigured, context, oddities === 'told');
  return {
    through: 'daemon',
    commissioning: daemon.commissioning(id),
    readDevice: (device, points, signal) => daemon.readDevice(device, points, signal),
    listen: () => Promise.resolve(),
    kept: (device, query, signal) => daemon.kept(device, query, signal),
    write: (device, values, signal) => daemon.write(device, values, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function direct(
  { id, driver, settings, configuration }: NamedConnection,
  unconfigured: readonly DeviceSettings[],
  { clock, output }: Context,
  tell: boolean,
): Reached {
  const configured = configuration?.devices.filter(({ connection }) => connection === id) ?? [];
  const devices = unconfigured.length > 0 ? unconfigured : configured;
  // What a device refuses is in the readings, with its reason.
  const observe: DriverContext['observe'] = (event, _device, detail) => {
    if (tell && event !== 'exception' && event !== 'split-read') output.note(`${event}: ${detail}`);
  };
  const opened = openDirectly(
    { id, driver, settings },
    { clock, observe, folder: configuration?.journal.path },
    devices,
  );
  return {
    through: 'command',
    commissioning: opened.commissioning,
    readDevice: (device, points, signal) => opened.readDevice(findDevice({ devices }, device), points, signal),
    listen: (signal) => opened.listen(signal),
    kept: (device, { points, ...span }, signal) =>
      opened.history(findDevice({ devices }, device), points, span, signal),
    write: (device, values, signal) => opened.write(findDevice({ devices }, device), values, signal),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
