import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../../src/model/errors.ts';
import { findCertificate, moveCertificate } from '../../src/wire/opcua-certificates.ts';
import { pkiFolder } from '../../src/wire/opcua-pki.ts';
import { startPlant } from './opcua-server.ts';
import { openOpcua } from './opcua-session.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A server that nothing is known of but what somebody says of it. */
export type OtherServer = AsyncDisposable & {
  readonly endpoint: string;
  /** `Basic256Sha256/SignAndEncrypt`: each is tried. */
  readonly securities: readonly string[];
  readonly user: unknown;
  /** Nodes that hold one value each, as a configuration names them. */
  readonly nodes: readonly string[];
  /** One that changes by itself, every second or so. */
  readonly changing: string;
  /** One of which the server keeps history; undefined where it keeps none. */
  readonly historical: string | undefined;
  /** Where our keys are kept: a server that has to trust them must see the same at each run. */
  readonly folder: string;
};

/**
 * The server that the environment names (drivers/opcua/README.md, "Tried against"), or else one of our own which is
 * described in the same words.
 */
export async function otherServer(): Promise<OtherServer> {
  await using stack = new AsyncDisposableStack();
  const folder = process.env['WEIR_OPCUA_PKI'] ?? stack.use(await temporaryFolder()).path;
  const told = process.env['WEIR_OPCUA_ENDPOINT'] === undefined ? await ownServer(stack) : process.env;
  const user = await userOf(told, folder);
  const resources = stack.move();
  return {
    endpoint: told['WEIR_OPCUA_ENDPOINT'] ?? '',
    securities: words(told['WEIR_OPCUA_SECURITY'] ?? 'None/None'),
    user,
    nodes: words(told['WEIR_OPCUA_NODES'] ?? 'i=2258 i=2259 i=2267'), // time, state and service level of every server
    changing: told['WEIR_OPCUA_CHANGING'] ?? 'i=2258',
    historical: told['WEIR_OPCUA_HISTORY'],
    folder,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function ownServer(stack: AsyncDisposableStack): Promise<NodeJS.ProcessEnv> {
  const plant = stack.use(await startPlant());
  const now = Date.now();
  await plant.tell({ do: 'remember', from: now - 1_800_000, step: 1_000, count: 1_500 });
  return {
    WEIR_OPCUA_ENDPOINT: plant.endpoint,
    WEIR_OPCUA_SECURITY:
      'None/None Basic256Sha256/Sign Basic256Sha256/SignAndEncrypt Aes128_Sha256_RsaOaep/SignAndEncrypt Aes256_Sha256_RsaPss/SignAndEncrypt',
    WEIR_OPCUA_USER: 'weir',
    WEIR_OPCUA_PASSWORD: 'right',
    WEIR_OPCUA_NODES: 'nsu=urn:weir:plant;s=Double nsu=urn:weir:plant;s=Text nsu=urn:weir:plant;s=Int64Least i=2258',
    WEIR_OPCUA_HISTORY: 'nsu=urn:weir:plant;s=Historical',
  };
}

async function userOf(told: NodeJS.ProcessEnv, folder: string): Promise<unknown> {
  const { WEIR_OPCUA_USER: name, WEIR_OPCUA_PASSWORD: password } = told;
  const { WEIR_OPCUA_USER_CERTIFICATE: certificate, WEIR_OPCUA_USER_KEY: key } = told;
  if (certificate !== undefined) return { certificate, key: { file: key } };
  if (name === undefined) return 'none';
  const file = join(folder, 'password');
  await writeFile(file, password ?? '', { mode: 0o600 });
  return { name, password: { file } };
}

/** A session with points named `point-0` and so on. What the server shows is trusted, once it was refused. */
export async function openOther(
  { endpoint, folder, user }: OtherServer,
  security: string,
  nodes: readonly string[],
  keys: object = {},
) {
  const [policy, mode] = security.split('/');
  const allowInsecure = policy === 'None' ? { allowInsecure: 'a test of all channels' } : {};
  const points = Object.fromEntries(
    nodes.map((node, index) => [`point-${index}`, { node, type: 'string', sampling: '500ms', ...keys }]),
  );
  const open = () =>
    openOpcua({
      folder,
      connection: { endpoint, user, security: { policy, mode, ...allowInsecure }, publishing: '500ms', timeout: '30s' },
      points,
    });
  try {
    return await open();
  } catch (error) {
    const shown = /weir opcua trust ([0-9A-F]+)/.exec(error instanceof GatewayError ? error.message : '')?.[1];
    if (shown === undefined) throw error;
    const pki = pkiFolder(folder, 'client');
    await moveCertificate(pki, await findCertificate(pki, shown), 'trusted');
    return open();
  }
}

function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
