import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import type { BrokerSettings } from '../centre/receive.ts';
import { readSecret } from '../wire/secrets.ts';
import { GatewayError, messageOf } from '../model/errors.ts';

const CONNECT_WITHIN = 10_000; // milliseconds

/** How the command line names a broker. */
export type BrokerOptions = {
  readonly url: string;
  readonly clientId?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly allowInsecure?: string;
  readonly protocol?: BrokerSettings['protocol'];
};

export function withBrokerOptions(command: Command): Command {
  return command
    .option('--url <url>', 'the broker', 'mqtt://localhost:1883')
    .option('--client-id <id>', 'keep a session under this name, to get what was sent while the centre was away')
    .option('--user <name>', 'user name at the broker')
    .option('--password-file <file>', 'file with the password, readable for this user only')
    .option('--ca <file>', 'PEM file of the authorities that vouch for the broker, instead of those of the system')
    .option('--certificate <file>', 'PEM file of our certificate')
    .option('--key <file>', 'PEM file of its key, readable for this user only')
    .addOption(
      new Option('--protocol <version>', 'of MQTT (default: 5, or 3.1.1 where that is all)').choices(['5', '3.1.1']),
    )
    .option('--allow-insecure <reason>', "do not verify the broker's certificate, and say why");
}

/** Reads what the options refer to; `clientId` is for this run alone where the options name none. */
export async function brokerSettings(options: BrokerOptions, clientId: string): Promise<BrokerSettings> {
  checkUrl(options.url);
  const { user, passwordFile, ca, certificate, key, allowInsecure } = options;
  if (passwordFile !== undefined && user === undefined) throw new GatewayError('usage', '--password-file needs --user');
  if ((certificate === undefined) !== (key === undefined)) {
    throw new GatewayError('usage', '--certificate and --key belong together');
  }
  return {
    url: options.url,
    clientId: options.clientId ?? clientId,
    session: options.clientId !== undefined,
    user: user === undefined ? undefined : { name: user, password: await secret(passwordFile) },
    tls: {
      ca: await pem('--ca', ca),
      certificate: await pem('--certificate', certificate),
      key: await secret(key),
      verify: allowInsecure === undefined,
      minimum: '1.3',
    },
    protocol: options.protocol,
    timeout: CONNECT_WITHIN,
  };
}

// In words that do not repeat the url: it may hold a password.
function checkUrl(text: string): void {
  const url = URL.parse(text);
  if (url === null || !['mqtt:', 'mqtts:'].includes(url.protocol) || url.hostname === '') {
    throw new GatewayError('usage', '--url must be like mqtt://localhost:1883 or mqtts://broker.example:8883');
  }
  if (url.username !== '' || url.password !== '') {
    throw new GatewayError('usage', '--url carries a user or password: use --user and --password-file');
  }
}

async function secret(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : readSecret({ file });
}

async function pem(option: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new GatewayError('usage', `${option} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
