import { dateOf, withDeadline, type Clock } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import type { Library } from './opcua-library.ts';
import type { Pki } from './opcua-pki.ts';
import { traceCalls } from './opcua-trace.ts';
import type { FrameTap } from './trace.ts';

// Milliseconds of a goodbye to which the far end answers, before we hang up. A disposal takes twice that at most.
const FAREWELL = 900;

export type ClientSettings = {
  readonly connection: string;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly timeout: number;
  readonly sessionTimeout: number;
  /** Where calls are shown; absent: nowhere. */
  readonly tap?: FrameTap;
  /** What the channel is protected with; absent: nothing, as for asking what there is. */
  readonly channel?: {
    readonly mode: Library.MessageSecurityMode;
    readonly policy: Library.SecurityPolicy;
    readonly serverCertificate: Buffer | undefined;
  };
};

/**
 * A client of the stack for one connection, once: it never connects again by itself. Disposing it takes two seconds at
 * most, whatever the far end does.
 */
export class StackClient implements AsyncDisposable {
  readonly client: Library.OPCUAClient;
  /** Resolves, never rejects, when the connection is gone. */
  readonly lost: Promise<GatewayError>;
  readonly #clock: Clock;
  readonly #tap: FrameTap | undefined;
  #channel: Library.ClientSecureChannelLayer | undefined;
  #disposed: Promise<void> | undefined;

  constructor(library: typeof Library, pki: Pki, { connection, clock, timeout, ...settings }: ClientSettings) {
    this.#clock = clock;
    this.#tap = settings.tap;
    this.client = library.OPCUAClient.create({
      applicationName: 'Weir',
      applicationUri: pki.applicationUri,
      clientName: `weir ${connection} `,
      certificateFile: pki.certificateFile,
      privateKeyFile: pki.privateKeyFile,
      clientCertificateManager: pki.store,
      // With a single retry it would repair connections by itself, for ever: only the collector connects again.
      connectionStrategy: { maxRetry: 0, initialDelay: 10, maxDelay: 10 },
      endpointMustExist: false, // servers name hosts in their endpoints that only they know
      keepSessionAlive: false,
      transportTimeout: timeout,
      defaultTransactionTimeout: timeout,
      requestedSessionTimeout: settings.sessionTimeout,
      ...channelOptions(library, settings.channel),
    });
    this.client.on('secure_channel_created', (channel) => this.#keep(channel));
    this.lost = new Promise((resolve) => {
      const gone = (error?: unknown): void => {
        const why = error === undefined || error === null ? 'the far end closed it' : messageOf(error);
        resolve(new GatewayError('connection-lost', `connection ${connection}: ${why}`));
      };
      this.client.on('connection_lost', gone);
      this.client.on('close', gone);
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  #keep(channel: Library.ClientSecureChannelLayer): void {
    this.#channel = channel;
    if (this.#tap !== undefined) traceCalls(channel, this.#tap, this.#clock);
    let previous: Library.ChannelSecurityToken | undefined;
    // The stack judges the age of a token by the wall clock and asserts when that steps forward: its tokens are renewed
    // by timers, so that none need be taken for old until the one after it is there.
    channel.on('security_token_created', (token) => {
      if (previous !== undefined) previous.createdAt = dateOf(0);
      token.createdAt = dateOf(NEVER_OLD);
      previous = token;
    });
  }

  async #dispose(): Promise<void> {
    const farewell = this.client.disconnect().catch(() => undefined);
    if (await this.#endsInTime(farewell)) return;
    this.#channel?.forceConnectionBreak();
    await this.#endsInTime(farewell);
  }

  async #endsInTime(work: Promise<unknown>): Promise<boolean> {
    return withDeadline(work, { clock: this.#clock, milliseconds: FAREWELL, late }).then(
      () => true,
      () => false,
    );
  }
}

const NEVER_OLD = 8.64e15; // the latest time that there is

function late(): Error {
  return new Error('the far end does not say goodbye');
}

function channelOptions(
  { MessageSecurityMode, SecurityPolicy }: typeof Library,
  channel: ClientSettings['channel'],
): Partial<Library.OPCUAClientOptions> {
  if (channel === undefined) return { securityMode: MessageSecurityMode.None, securityPolicy: SecurityPolicy.None };
  const { mode, policy, serverCertificate } = channel;
  return {
    securityMode: mode,
    securityPolicy: policy,
    ...(serverCertificate !== undefined && { serverCertificate }),
  };
}
