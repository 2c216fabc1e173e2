import type { DriverContext } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { ConnectionSettings } from './connection-schema.ts';
import { clientAddress, serverAddress } from './hdlc-frame.ts';
import { HdlcLine } from './hdlc-line.ts';
import { HdlcLink } from './hdlc-link.ts';
import { DEFAULTS } from './hdlc-parameters.ts';
import type { Link, Patience } from './link.ts';
import { OpticalHead } from './optical-head.ts';
import type { DeviceSettings } from './schema.ts';
import { openWire } from './transport.ts';
import { WrapperLine, WrapperLink } from './wrapper-link.ts';

/** Whom a link leads to. `client` is whom the meter takes us for. */
export type Party = Pick<DeviceSettings, 'server' | 'physical' | 'addressBytes' | 'client' | 'frameBytes'> & {
  readonly name: string;
};

/** An open wire to meters. */
export type Way = {
  readonly open: boolean;
  /** As what the meter signed on, where the way begins with that and it has. */
  readonly identification?: () => string | undefined;
  /** `patience` other than the connection's is for who only looks whether anybody is there: then nobody signs on. */
  linkTo(party: Party, patience?: Patience): Link;
  /** Has the meter listen to HDLC, where a line begins with that; done by the links otherwise. */
  signOn?(name: string, signal: AbortSignal): Promise<void>;
  /** How APDUs travel. */
  readonly framing: 'hdlc' | 'wrapper';
  [Symbol.asyncDispose](): Promise<void>;
};

/** Whether a line begins with a sign-on. */
export function isModeE(
  settings: ConnectionSettings,
): settings is Extract<ConnectionSettings, { transport: 'serial' }> & { readonly opening: 'mode-e' } {
  return settings.transport === 'serial' && settings.opening === 'mode-e';
}

/** Opens the wire; throws `connection-failed`, `port-missing`, or the signal's reason. */
export async function openWay(settings: ConnectionSettings, context: DriverContext, signal: AbortSignal): Promise<Way> {
  if (isModeE(settings)) {
    const head = await OpticalHead.open(settings, context, signal);
    return hdlcWay(head.line, settings, {
      identification: () => head.identification,
      signOn: (name, aborted) => head.signOn(name, aborted),
      [Symbol.asyncDispose]: () => head[Symbol.asyncDispose](),
    });
  }
  const wire = await openWire(settings, context.clock, signal);
  const { timeout } = settings;
  const dispose = (): Promise<void> => Promise.resolve(wire[Symbol.asyncDispose]());
  if (settings.transport === 'udp' || settings.framing !== 'hdlc') {
    const line = new WrapperLine(wire, settings.transport === 'tcp', context);
    return {
      framing: 'wrapper',
      get open() {
        return line.open;
      },
      linkTo: ({ client, server, name }, patience) =>
        new WrapperLink(line, { client, server }, { timeout: patience?.timeout ?? timeout, name }),
      [Symbol.asyncDispose]: dispose,
    };
  }
  return hdlcWay(new HdlcLine(wire, context), settings, { [Symbol.asyncDispose]: dispose });
}

function hdlcWay(
  line: HdlcLine,
  settings: Patience,
  more: Pick<Way, 'identification' | 'signOn' | typeof Symbol.asyncDispose>,
): Way {
  return {
    ...more,
    framing: 'hdlc',
    get open() {
      return line.open;
    },
    linkTo: (party, patience) => {
      const { timeout, retries } = patience ?? settings;
      const proposal = { ...DEFAULTS, transmitBytes: party.frameBytes, receiveBytes: party.frameBytes };
      const isGreeted = patience === undefined && more.signOn !== undefined;
      const signOn = isGreeted ? (signal: AbortSignal) => more.signOn?.(party.name, signal) : undefined;
      return new HdlcLink(line, endsOf(party), { timeout, retries, proposal, name: party.name, signOn });
    },
  };
}

const HIGHEST = { 1: 0x7f, 2: 0x7f, 4: 0x3fff } as const;

/** HDLC addresses of a party; throws `configuration-invalid` where they do not fit. */
export function endsOf({ server, physical, addressBytes, client, name }: Omit<Party, 'frameBytes'>): {
  readonly client: Buffer;
  readonly server: Buffer;
} {
  const bytes = addressBytes ?? (physical === undefined ? 1 : 4);
  const refuse = (what: string): GatewayError => new GatewayError('configuration-invalid', `${name}: ${what}`);
  if (client > HIGHEST[1]) throw refuse(`client ${client} is above ${HIGHEST[1]} (HDLC has one byte for it)`);
  if (server > HIGHEST[bytes]) throw refuse(`server ${server} does not fit into an address of ${bytes} bytes`);
  if (bytes === 1 && physical !== undefined) throw refuse('an address of one byte has no room for `physical`');
  if (physical !== undefined && physical > HIGHEST[bytes]) {
    throw refuse(`physical ${physical} does not fit into an address of ${bytes} bytes`);
  }
  return { client: clientAddress(client), server: serverAddress(server, physical ?? 0, bytes) };
}
