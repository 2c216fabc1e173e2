import { describe, expect, test } from 'vitest';
import { d0Captures, readoutsIn } from '../../support/d0-captures.ts';
import { p1Captures, telegramsIn } from '../../support/p1-captures.ts';
import { listsIn, smlCaptures } from '../../support/sml-captures.ts';
import { torture } from '../../support/tortured-captures.ts';

const MANNER = { step: 1, head: 48 };

describe.skipIf(smlCaptures.length === 0)(
  'of captures that are split, cut and spoilt nothing wrong is understood:',
  () => {
    test.each(smlCaptures)('SML $name', (capture) => {
      expect(torture(capture, (chunks) => listsIn(chunks), MANNER)).toEqual([]);
    });

    test.each(p1Captures)('P1 $name', (capture) => {
      const data = (telegrams: readonly object[]): readonly unknown[] =>
        // Nothing vouches for an identification where there is no checksum.
        telegrams.map((telegram) => ('objects' in telegram ? telegram.objects : telegram));
      const head = capture.expected.crcOk === null ? capture.bytes.indexOf('\n') + 1 : MANNER.head;
      expect(
        torture(capture, (chunks, { encryption }) => data(telegramsIn(chunks, encryption)), { ...MANNER, head }),
      ).toEqual([]);
    });

    test.each(d0Captures)('IEC 62056-21 $name', (capture) => {
      const identificationLength = capture.bytes.indexOf('\n') + 1;
      const data = (readouts: readonly object[]): readonly unknown[] =>
        readouts.map((readout) => ('dataSets' in readout ? readout.dataSets : readout));
      // In mode D, as in P1 of old, no check vouches for the data: parity alone would show a bit that was turned.
      const head = capture.expected.bcc === null ? identificationLength : MANNER.head;
      expect(torture(capture, (chunks) => data(readoutsIn(chunks)), { ...MANNER, head })).toEqual([]);
    });
  },
);
