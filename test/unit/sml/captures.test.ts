import { expect, test } from 'vitest';
import { acceptedLists, listsIn, smlCaptures } from '../../support/sml-captures.ts';
import { describeWith } from '../../support/peers.ts';

describeWith('fixtures', 'captures of real meters', () => {
  test.each(smlCaptures)('$name decodes to exactly what is expected', ({ bytes, expected }) => {
    const wanted = acceptedLists(expected).map((list) => ({
      ...list,
      entries: list.entries.map(({ obis, type, raw, scaler, unit, value, status, valTime }) => ({
        obis,
        type,
        value,
        ...(raw !== undefined && { raw }),
        ...(scaler !== undefined && { scaler }),
        ...(unit !== undefined && { unit }),
        ...(status !== undefined && { status }),
        ...(valTime !== undefined && { valTime }),
      })),
    }));
    expect(listsIn([bytes])).toEqual(wanted);
  });
});
