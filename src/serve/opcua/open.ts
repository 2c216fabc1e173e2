import type { ServerSettings } from '../../config/configuration.ts';
import { isSelected } from '../../config/selection.ts';
import { withDeadline } from '../../model/clock.ts';
import { asGatewayError, GatewayError } from '../../model/errors.ts';
import { certificateFacts } from '../../wire/opcua-certificates.ts';
import { loadOpcua, type Library } from '../../wire/opcua-library.ts';
import { openPki, type Pki } from '../../wire/opcua-pki.ts';
import { LatestReadings } from '../latest.ts';
import type { ServeContext } from '../server.ts';
import { userManager } from './access.ts';
import { GatewayFolder } from './address-space.ts';
import { dataValueOf, notReadYet } from './data-values.ts';
import { HistoryReader } from './history.ts';
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

export type OpenContext = ServeContext & {
  /** Told of a client that is not let in. */
  readonly refused: (client: string, reason: string) => void;
};

const LONGEST_CLOSE = 5_000; // milliseconds

/** Listens at the endpoint. Rejects with `server-failed`, or as the PKI does. */
export async function openServer(
  settings: ServerSettings,
  context: OpenContext,
  signal: AbortSignal,
): Promise<OpenedServer> {
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
    const latest = new LatestReadings();
    stack.defer(context.listen((readings) => latest.take(readings)));
    const folder = offerPoints(ua, server, { settings, context, latest, signal });
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

type Offer = {
  readonly settings: ServerSettings;
  readonly context: OpenContext;
  readonly latest: LatestReadings;
  readonly signal: AbortSignal;
};

function offerPoints(ua: typeof Library, server: Library.OPCUAServer, offer: Offer): GatewayFolder {
  const { context, latest, settings, signal } = offer;
  const { clock } = context;
  const { addressSpace, historyServerCapabilities } = server.engine;
  if (addressSpace === null) throw new GatewayError('server-failed', 'it has no address space');
  historyServerCapabilities.accessHistoryDataCapability = true;
  const history = new HistoryReader(ua, context.journal, clock);
  const variables: Variables = {
    isOffered: (definition) => isSelected(settings.select, definition),
    offered: ({ number }) => latest.keep(number),
    read: ({ number, definition }) => {
      const reading = latest.of(number);
      const offset = clock.wall() - clock.monotonic();
      if (reading === undefined) return notReadYet(ua, clock.wall());
      return dataValueOf(ua, definition.type, { ...reading, receivedTime: reading.receivedTime + offset });
    },
    write: writer(ua, { server: settings.name, write: context.write }, signal),
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
