import { expect, test } from 'vitest';
import { d0Captures, expectedReadouts, identificationIn, readoutsIn } from '../../support/d0-captures.ts';
import { describeWith } from '../../support/peers.ts';

describeWith('fixtures', 'captures of real meters', () => {
  test.each(d0Captures)('$name decodes to exactly what is expected', ({ bytes, expected }) => {
    expect(readoutsIn([bytes])).toEqual(expectedReadouts(expected));
  });

  test.each(d0Captures.filter(({ expected }) => expected.mode !== 'D'))(
    '$name says how to go on',
    ({ bytes, expected: { mode, manufacturer, baud, baudChar } }) =>
      expect(identificationIn(bytes)).toMatchObject({ mode, manufacturer, baud, baudCharacter: baudChar }),
  );

  test.each(d0Captures)('$name doubled, with noise around it, is the same', ({ bytes, expected }) => {
    const noise = Buffer.from('\u0000noise (1*kWh)\r\n!\u00ff', 'latin1');
    const wanted = expectedReadouts(expected);
    expect(readoutsIn([Buffer.concat([noise, bytes, noise, bytes, noise])])).toEqual([...wanted, ...wanted]);
  });
});
