import type { GatewayControl } from '../control/control.ts';
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

/** The daemon behind a socket. Rejects with `daemon-unreachable`. */
export async function daemonAt(socket: string, { clock }: Context): Promise<GatewayControl> {
  const { connectControl } = await import('../control/client.ts');
  return connectControl(socket, clock);
}

/** The daemon if it runs; undefined where it does not. Rejects where it may run and not be asked. */
export async function daemonIfRunning(socket: string, context: Context): Promise<GatewayControl | undefined> {
  const { isServed } = await import('../control/socket.ts');
  return (await isServed(socket)) ? daemonAt(socket, context) : undefined;
}
