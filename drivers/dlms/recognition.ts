import type { Recognition } from '../../src/collect/driver.ts';
import { decodeControl, encodeControl } from './hdlc-control.ts';
import { clientAddress, encodeFrame, serverAddress } from './hdlc-frame.ts';
import { HdlcFramer } from './hdlc-framer.ts';
import { MbusTelegrams } from './mbus-telegrams.ts';
import { HdlcTelegrams, type Telegrams } from './telegrams.ts';

// Milliseconds: HAN ports send every ten seconds at the latest; who is asked answers within one.
const PUSH_PATIENCE = 12_000;
const ANSWER_PATIENCE = 1_500;

const PUBLIC_CLIENT = 16;
const MANAGEMENT = 1; // the logical device that every meter has

// By how often they are met.
const PUSH_LINES = [
  { baud: 2_400, parity: 'even' },
  { baud: 2_400, parity: 'none' },
  { baud: 115_200, parity: 'none' },
] as const;

const ASK_BAUDS = [9_600, 115_200, 19_200] as const;

// What an APDU that a meter sends by itself begins with: data-notification, general-glo- and general-ded-ciphering.
const NOTIFICATIONS: readonly number[] = [0x0f, 0xdb, 0xdc];

/** A telegram in HDLC or M-Bus frames, or the answer to SNRM (IEC 62056-46, 6.4.3). */
export const recognitions: readonly Recognition[] = [
  ...PUSH_LINES.map(({ baud, parity }): Recognition => ({
    line: { baud, parity, dataBits: 8, stopBits: 1 },
    patience: PUSH_PATIENCE,
    recognise: (heard) => {
      const framing = framingOf(Buffer.from(heard));
      if (framing === undefined) return undefined;
      const keys = { mode: 'push', framing };
      return {
        summary: `a meter that pushes DLMS in ${framing === 'hdlc' ? 'HDLC' : 'M-Bus'} frames`,
        serial: { transport: 'serial', baud, parity, ...keys },
        network: { transport: 'tcp', ...keys },
        device: {},
      };
    },
  })),
  ...ASK_BAUDS.map((baud): Recognition => {
    const ends = { destination: serverAddress(MANAGEMENT, 0, 1), source: clientAddress(PUBLIC_CLIENT) };
    const control = encodeControl({ kind: 'SNRM', final: true });
    return {
      line: { baud, parity: 'none', dataBits: 8, stopBits: 1 },
      patience: ANSWER_PATIENCE,
      question: encodeFrame({ ...ends, control, segmented: false, information: Buffer.alloc(0) }),
      recognise: (heard) =>
        isAnswered(Buffer.from(heard))
          ? {
              summary: 'a meter that is asked in DLMS over HDLC',
              serial: { transport: 'serial', baud, framing: 'hdlc' },
              network: { transport: 'tcp', framing: 'hdlc' },
              device: {},
            }
          : undefined,
    };
  }),
];

function framingOf(heard: Buffer): 'hdlc' | 'mbus' | undefined {
  if (isPushed(new HdlcTelegrams(), heard)) return 'hdlc';
  return isPushed(new MbusTelegrams(), heard) ? 'mbus' : undefined;
}

function isPushed(telegrams: Telegrams, heard: Buffer): boolean {
  return telegrams.push(heard).some((piece) => piece.kind === 'apdu' && NOTIFICATIONS.includes(piece.apdu[0] ?? 0));
}

/** A meter that knows us agrees, one that does not refuses: both are there. */
function isAnswered(heard: Buffer): boolean {
  return new HdlcFramer().push(heard).some((piece) => {
    if (piece.kind !== 'frame' || !piece.frame.destination.equals(clientAddress(PUBLIC_CLIENT))) return false;
    const kind = decodeControl(piece.frame.control)?.kind;
    return kind === 'UA' || kind === 'DM';
  });
}
