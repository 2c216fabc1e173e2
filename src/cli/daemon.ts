import { connectControl } from '../control/client.ts';
import type { GatewayControl } from '../control/control.ts';
import { isServed } from '../control/socket.ts';
import type { Configuration } from '../config/configuration.ts';
import type { LoadOptions } from '../config/load.ts';
import { drivers } from '../drivers.ts';
import type { Context } from './context.ts';

/**
 * The configuration of --config, checked. Rejects with a configuration error. Only the daemon needs the secrets: an
 * operator who asks for its socket may not read them.
 */
export async function configurationOf(
  { configurationFile }: Context,
  options: LoadOptions = { secrets: 'unchecked' },
): Promise<Configuration> {
  const { loadConfiguration } = await import('../config/load.ts');
  return loadConfiguration(configurationFile, drivers, options);
}

/** The daemon of this configuration. Rejects with `daemon-unreachable`. */
export async function daemonOf(context: Context): Promise<GatewayControl> {
  return connectControl((await configurationOf(context)).control.socket, context.clock);
}

/** The daemon if it runs; undefined where it does not. Rejects where it may run and not be asked. */
export async function daemonIfRunning(socket: string, { clock }: Context): Promise<GatewayControl | undefined> {
  return (await isServed(socket)) ? connectControl(socket, clock) : undefined;
}
