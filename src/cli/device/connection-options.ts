import { Option, type Command } from 'commander';
import { parities, type Parity } from '../../collect/driver.ts';
import type { Keys } from '../../collect/commissioning.ts';
import { GatewayError } from '../../model/errors.ts';
import { integer } from '../program.ts';
import { numbers, someOf } from '../ranges.ts';

/** A connection that need not be configured, by options; a driver's name then stands where its id would. */
export type ConnectionOptions = {
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly baud?: readonly number[];
  readonly parity?: readonly Parity[];
  readonly transport?: string;
  readonly timeout?: string;
  readonly with?: readonly string[];
  /** Keys of the device, `key=value`. */
  readonly device?: readonly string[];
};

const FASTEST = 4_000_000; // baud, of the quickest adapters

/** Adds the options that name a connection which need not be configured. `several`: bauds and parities are lists. */
export function takesConnection(
  command: Command,
  several: 'one setting' | 'several settings' = 'one setting',
): Command {
  const many = several === 'several settings';
  if (!many) {
    command.option('--device <key=value...>', 'keys of a device that is not configured, e.g. physical=17 client=32');
  }
  return command
    .option('--host <address>', 'without a configuration: the device or its gateway, e.g. 192.0.2.10')
    .option('--port <number>', 'its TCP port (default: the usual one of the protocol)', integer(1, 65_535))
    .option('--path <file>', 'without a configuration: the serial port, e.g. /dev/serial/by-id/…')
    .option(many ? '--baud <list>' : '--baud <number>', many ? 'bauds to try' : 'its baud', numbers(50, FASTEST))
    .addOption(
      new Option(
        many ? '--parity <list>' : '--parity <name>',
        many ? `parities to try, of ${parities.join(', ')}` : `its parity: ${parities.join(', ')}`,
      ).argParser(someOf(parities)),
    )
    .option('--transport <name>', 'how the bytes travel (default: tcp with --host, serial with --path)')
    .option('--timeout <duration>', 'longest wait for an answer, e.g. 500ms')
    .option('--with <key=value...>', 'any other key of the connection, as a configuration has it');
}

/** Says at the end of a help how a connection is named without a configuration. */
export const WITHOUT_CONFIGURATION = `
Without a configuration, name the driver and give the connection as options: --host, or --path of a serial port.`;

/**
 * Whether the options name a connection, so that the first word is a driver. Throws `usage` where they only change one:
 * those that are configured are taken as they are.
 */
export function isAdHoc(options: ConnectionOptions): boolean {
  const { host, path, with: others } = options;
  if (host !== undefined || path !== undefined || others !== undefined) return true;
  const stray = (['port', 'baud', 'parity', 'transport', 'timeout'] as const).find((key) => options[key] !== undefined);
  if (stray === undefined) return false;
  throw new GatewayError(
    'usage',
    `--${stray} needs --host or --path beside it: a configured connection is taken as it is`,
  );
}

/** The same options for a scan: its bauds and parities say what is tried on a connection that is configured. */
export function withoutRange(options: ConnectionOptions): ConnectionOptions {
  const { baud: _bauds, parity: _parities, ...others } = options;
  return options.host === undefined && options.path === undefined ? others : options;
}

/**
 * The keys of the connection as a configuration would write them; of several bauds and parities the first. Rejects with
 * `usage` what does not go together.
 */
export async function connectionKeys(options: ConnectionOptions): Promise<Keys> {
  refuseContradictions(options);
  const { transport = usualTransport(options), host, port, path, baud, parity, timeout, with: others = [] } = options;
  const named = { transport, host, port, path, baud: baud?.[0], parity: parity?.[0], timeout };
  const present = Object.entries(named).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), ...(await keysIn('--with', others)) };
}

/** The keys that an option names as `key=value`. Rejects with `usage` where one is written otherwise. */
export async function keysIn(option: '--with' | '--device', texts: readonly string[]): Promise<Keys> {
  return Object.fromEntries(await Promise.all(texts.map((text) => keyAndValue(option, text))));
}

function usualTransport({ host, path }: ConnectionOptions): string | undefined {
  if (path !== undefined) return 'serial';
  return host === undefined ? undefined : 'tcp';
}

function refuseContradictions({ host, port, path }: ConnectionOptions): void {
  if (host !== undefined && path !== undefined) {
    throw new GatewayError('usage', '--host and --path are two connections: name one of them');
  }
  if (port !== undefined && path !== undefined)
    throw new GatewayError('usage', '--port is of a --host, not of a --path');
}

async function keyAndValue(option: string, text: string): Promise<readonly [string, unknown]> {
  const [, key, value] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new GatewayError('usage', `${option} ${text}: write key=value, e.g. stopBits=2`);
  }
  const { parse } = await import('yaml');
  return [key, parse(value)];
}

const OPTIONS: readonly string[] = ['host', 'port', 'path', 'baud', 'parity', 'transport', 'timeout'];

/** The options that name the connection with these keys. */
export function optionsFor({ driver: _driver, ...keys }: Keys): readonly string[] {
  const usual = 'path' in keys ? 'serial' : 'tcp';
  return Object.entries(keys)
    .filter(([key, value]) => !(key === 'transport' && value === usual))
    .map(([key, value]) => (OPTIONS.includes(key) ? `--${key} ${String(value)}` : `--with ${key}=${String(value)}`));
}
