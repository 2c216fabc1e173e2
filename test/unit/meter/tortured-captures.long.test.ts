import { expect, test } from 'vitest';
import { d0Captures, readoutsIn } from '../../support/d0-captures.ts';
import { p1Captures, telegramsIn } from '../../support/p1-captures.ts';
import { listsIn, smlCaptures } from '../../support/sml-captures.ts';
import { describeWith } from '../../support/peers.ts';
import { torture } from '../../support/tortured-captures.ts';

const MANNER = { step: 1, head: 48 };

/** Nothing vouches for an identification where there is no checksum. */
function withoutName(one: object): unknown {
  return { ...one, identification: '' };
}

describeWith('fixtures', 'of captures that are split, cut and spoilt nothing wrong is understood:', () => {
  test.each(smlCaptures)('SML $name', (capture) => {
    expect(torture(capture, (chunks) => listsIn(chunks), MANNER)).toEqual([]);
  });

  test.each(p1Captures)('P1 $name', (capture) => {
    const head = capture.expected.crcOk === null ? capture.bytes.indexOf('\n') + 1 : MANNER.head;
    expect(
      torture(capture, (chunks, { encryption }) => telegramsIn(chunks, encryption).map(withoutName), {
        ...MANNER,
        head,
      }),
    ).toEqual([]);
  });

  test.each(d0Captures)('IEC 62056-21 $name', (capture) => {
    const identificationLength = capture.bytes.indexOf('\n') + 1;
    // In mode D, as in P1 of old, no check vouches for the data: parity alone would show a bit that was turned.
    const head = capture.expected.bcc === null ? identificationLength : MANNER.head;
    expect(torture(capture, (chunks) => readoutsIn(chunks).map(withoutName), { ...MANNER, head })).toEqual([]);
  });
});
