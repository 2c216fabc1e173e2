import type { ServerSettings } from '../../config/configuration.ts';
import type { HistoryPage } from '../../journal/journal.ts';
import { withDeadline, type Clock } from '../../model/clock.ts';
import { asGatewayError, GatewayError } from '../../model/errors.ts';
import type { PointNumber } from '../../model/reading.ts';
import type { SecretReference } from '../../model/secret.ts';
import { certificateFacts } from '../../wire/opcua-certificates.ts';
import { loadOpcua, type Library } from '../../wire/opcua-library.ts';
import { openPki, type Pki } from '../../wire/opcua-pki.ts';
import type { ServedDevice, ServedWrite, TimedReading } from '../server.ts';
import { userManager } from './access.ts';
import { GatewayFolder } from './address-space.ts';
import { dataValueOf, notReadYet } from './data-values.ts';
import { HistoryReader } from './history.ts';
import type { Beginning, HistoryOfPoint } from './messages.ts';
import { serverOptions } from './options.ts';
import type { Variables } from './variables.ts';
import { writer } from './writing.ts';

/** A server that listens. Disposing it ends all sessions. */
export type OpenedServer = AsyncDisposable & {
  readonly points: number;
  readonly sessions: number;
  readonly subscriptions: number;
  /** Takes over devices that have come, gone or described other points. */
  refresh(): void;
};

/** What the server asks, and whom it tells. */
export type OpenContext = Omit<Beginning, 'settings'> & {
  readonly clock: Clock;
  readonly readSecret: (reference: SecretReference) => Promise<string>;
  readonly devices: () => readonly ServedDevice[];
  readonly newest: (point: PointNumber) => TimedReading | undefined;
  readonly history: (asked: HistoryOfPoint) => Promise<HistoryPage>;
  readonly write: (write: ServedWrite) => Promise<void>;
  /** Told of a client that is not let in. */
  readonly refused: (client: string, reason: string) => void;
};

const LONGEST_CLOSE = 5_000; // milliseconds

/** Listens at the endpoint. Rejects with `server-failed`, or as the PKI does. */
export async function openServer(settings: ServerSettings, context: OpenContext): Promise<OpenedServer> {
  const ua = await loadOpcua();
  await using stack = new AsyncDisposableStack();
  const pki = stack.use(
    await openPki({ folder: context.folder, name: `weir-${context.gateway}`, clock: context.clock }),
  );
  decideAnew(pki, context);
  const users = userManager(ua, settings.users, context);
  const server = new ua.OPCUAServer({ ...serverOptions(ua, settings, { ...context, pki }), userManager: users });
  stack.defer(() => close(server, context));
  try {
    await server.initialize();
    const folder = offerPoints(ua, server, { settings, context });
    await server.start();
    const resources = stack.move();
    return {
      get points() {
        return folder.points;
      },
      get sessions() {
        return server.currentSessionCount;
      },
      get subscriptions() {
        return server.currentSubscriptionCount;
      },
      refresh: () => folder.offer(context.devices()),
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    throw asGatewayError(error, 'server-failed');
  }
}

type Offer = { readonly settings: ServerSettings; readonly context: OpenContext };

function offerPoints(ua: typeof Library, server: Library.OPCUAServer, { settings, context }: Offer): GatewayFolder {
  const { addressSpace, historyServerCapabilities } = server.engine;
  if (addressSpace === null) throw new GatewayError('server-failed', 'it has no address space');
  historyServerCapabilities.accessHistoryDataCapability = true;
  const history = new HistoryReader(ua, context.history, context.clock);
  const variables: Variables = {
    read: ({ number, definition }) => {
      const reading = context.newest(number);
      if (reading === undefined) return notReadYet(ua, context.clock.wall());
      return dataValueOf(ua, definition.type, reading);
    },
    write: writer(ua, { server: settings.name, write: context.write }),
    history: (point, details, continuation) => history.read(point, details, continuation),
  };
  const folder = new GatewayFolder(ua, addressSpace, context.gateway, variables);
  folder.offer(context.devices());
  return folder;
}

/**
 * Whom we trust is looked up anew for each client: a decision counts at once. Who is refused is told, with what is needed
 * to decide.
 */
function decideAnew({ manager }: Pki, { refused }: OpenContext): void {
  const check = manager.checkCertificate.bind(manager);
  const checkCertificate = async (certificate: Buffer | Buffer[]): Promise<Library.StatusCode> => {
    await manager.reloadCertificates();
    const status = await check(certificate);
    if (status.isNotGood()) {
      const { subject, thumbprint } = certificateFacts([certificate].flat()[0] ?? Buffer.alloc(0));
      refused(`${subject} (${thumbprint})`, `${status.name}; if it is to be trusted: weir opcua trust ${thumbprint}`);
    }
    return status;
  };
  Object.assign(manager, { checkCertificate });
}

function late(): Error {
  return new GatewayError('server-failed', 'it did not close in time');
}

/** A close can hang too. */
async function close(server: Library.OPCUAServer, { clock }: OpenContext): Promise<void> {
  await withDeadline(server.shutdown(0), { clock, milliseconds: LONGEST_CLOSE, late }).catch(() => undefined);
}
