import { expect, test } from 'vitest';
import { recognitions as iec62056 } from '../../../drivers/iec62056/recognition.ts';
import { recognitions as p1 } from '../../../drivers/p1/recognition.ts';
import { recognitions as sml } from '../../../drivers/sml/recognition.ts';
import { encodeTelegram } from '../../../drivers/p1/encode.ts';
import { p1Telegram } from '../../support/p1-telegrams.ts';
import { flipped, smlFile } from '../../support/sml-telegrams.ts';

const LISTENING = [...sml, ...p1, ...iec62056].filter(({ question }) => question === undefined);
const ASKING = iec62056.filter(({ question }) => question !== undefined);

function answer(text: string): unknown {
  return ASKING.map(({ recognise }) => recognise(Buffer.from(text))?.summary);
}

test.each([
  ['SML', smlFile({ energy: 1n, power: 2 }), ['a meter that sends SML, server 0a01574952000000002a']],
  ['DSMR 5', p1Telegram(), Array.from({ length: 2 }, () => 'a meter with a P1 port, /WIR5\\2TEST-METER')],
  ['mode D', encodeTelegram('WIR5', ['1-0:1.8.0*255(1.0*kWh)'], false), ['a meter WIR5, IEC 62056-21 mode D']],
  ['half a file', smlFile({ energy: 1n, power: 2 }).subarray(0, 80), []],
  ['a spoilt file', flipped(smlFile({ energy: 1n, power: 2 }), 40), []],
  ['a spoilt telegram', flipped(p1Telegram(), 60), []],
  ['noise', Buffer.from('fe1b00ff2f3f', 'hex'), []],
])('%s is told by what is heard', (_, heard, expected) => {
  expect(LISTENING.flatMap(({ recognise }) => recognise(heard)?.summary ?? [])).toEqual(expected);
});

test('a meter that answers is told by its identification, past our own echo', () => {
  expect(answer('/?!\r\n/LGZ5ZMD120\r\n')).toEqual(['a meter LGZ5ZMD120, IEC 62056-21 mode C']);
  expect(answer('/?!\r\n')).toEqual([undefined]);
  expect(answer('/LGZ5ZM')).toEqual([undefined]);
});
