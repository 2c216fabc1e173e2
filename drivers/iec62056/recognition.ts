import type { Recognition } from '../../src/collect/driver.ts';
import { FIRST_BAUD, findIdentification } from '../meter/identification.ts';
import { whoIsThere } from '../meter/sign-on.ts';
import { PushFramer } from './push-framer.ts';

// Milliseconds. A meter of mode D sends every few seconds; an asked one answers within 1.5 s, and is slow to say its name.
const PUSH_PATIENCE = 12_000;
const ANSWER_PATIENCE = 3_500;

const PUSH_LINE = { baud: 9_600, parity: 'even', dataBits: 7, stopBits: 1 } as const;
const ASKED_LINE = { baud: FIRST_BAUD, parity: 'even', dataBits: 7, stopBits: 1 } as const;

/** A readout that comes by itself, or the identification that a meter answers with. */
export const recognitions: readonly Recognition[] = [
  {
    line: PUSH_LINE,
    patience: PUSH_PATIENCE,
    recognise: (heard) => {
      const found = new PushFramer().push(Buffer.from(heard)).find((piece) => piece.kind === 'readout');
      // A P1 port writes no group F, a meter of mode D always.
      if (found?.kind !== 'readout' || !found.sets.some(({ address }) => address.includes('*'))) return undefined;
      return {
        summary: `a meter ${found.identification.text}, IEC 62056-21 mode D`,
        serial: { transport: 'serial', mode: 'D', baud: PUSH_LINE.baud },
        network: { transport: 'tcp', mode: 'D' },
        device: {},
      };
    },
  },
  {
    line: ASKED_LINE,
    patience: ANSWER_PATIENCE,
    question: whoIsThere(''),
    recognise: (heard) => {
      const identification = findIdentification(Buffer.from(heard))?.found;
      if (identification === undefined) return undefined;
      const { text: name, mode, speaksHdlc } = identification;
      const more = speaksHdlc ? '; the driver dlms reads it too, with `opening: mode-e`' : '';
      return {
        summary: `a meter ${name}, IEC 62056-21 mode ${mode}${more}`,
        serial: { transport: 'serial' },
        network: { transport: 'tcp' },
        device: {},
      };
    },
  },
];
