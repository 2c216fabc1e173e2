import { expect, test } from 'vitest';
import { expectedTelegrams, p1Captures, telegramsIn, telegramsOf } from '../../support/p1-captures.ts';
import { describeWith } from '../../support/peers.ts';

describeWith('fixtures', 'captures of real meters', () => {
  test.each(p1Captures)('$name decodes to exactly what is expected', (capture) => {
    expect(telegramsOf(capture)).toEqual(expectedTelegrams(capture.expected));
  });

  test.each(p1Captures)('$name doubled, with noise around it, is the same', ({ bytes, expected }) => {
    const noise = Buffer.from('\u0000noise (1*kWh)\r\n!\u00ff', 'latin1');
    const wanted = expectedTelegrams(expected);
    expect(telegramsIn([Buffer.concat([noise, bytes, noise])], expected.encryption)).toEqual(wanted);
    // An encrypted telegram counts once: its counter has been heard.
    const twice = expected.encryption === undefined ? [...wanted, ...wanted] : wanted;
    expect(telegramsIn([Buffer.concat([bytes, noise, bytes])], expected.encryption)).toEqual(twice);
  });
});
