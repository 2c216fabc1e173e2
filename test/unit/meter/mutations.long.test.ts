import { expect, test } from 'vitest';
import { PushFramer } from '../../../drivers/iec62056/push-framer.ts';
import { dataMessage } from '../../../drivers/iec62056/messages.ts';
import { P1Framer } from '../../../drivers/p1/framer.ts';
import { parseTelegram } from '../../../drivers/p1/telegram.ts';
import { mutateTelegrams } from '../../support/mutated-telegrams.ts';
import { p1Telegram } from '../../support/p1-telegrams.ts';
import { listsIn } from '../../support/sml-captures.ts';
import { smlFile } from '../../support/sml-telegrams.ts';

const MANNER = { count: 1_000_000, seed: 20_261_130 };
const NOTHING_WRONG = { mutated: MANNER.count, wrong: [], missed: [] };

function smlUnderstood(pieces: readonly Buffer[]): readonly string[] {
  return listsIn(pieces).map((list) => JSON.stringify(list));
}

function p1Understood(pieces: readonly Buffer[]): readonly string[] {
  const framer = new P1Framer();
  return pieces
    .flatMap((piece) => framer.push(piece))
    .flatMap((piece) => {
      const telegram = piece.kind === 'telegram' ? parseTelegram(piece) : '';
      return typeof telegram === 'string' ? [] : JSON.stringify(telegram.sets);
    });
}

function readoutUnderstood(pieces: readonly Buffer[]): readonly string[] {
  const framer = new PushFramer();
  return pieces
    .flatMap((piece) => framer.push(piece))
    .flatMap((piece) => (piece.kind === 'readout' ? JSON.stringify(piece.sets) : []));
}

function readout(energy: string): Buffer {
  const lines = ['F.F(00000000)', 'C.1.0(00004711)', `1.8.0(${energy}*kWh)`, '1.6.0(02.468*kW)(1703100930)', '!', ''];
  return Buffer.concat([Buffer.from('/WIR5TEST\r\n'), dataMessage(lines.join('\r\n'))]);
}

test('of a million mutated files of SML none is taken for what nobody sent', () => {
  const files = [smlFile({ energy: 224_624_136n, power: -350 }), smlFile({ energy: 1n, power: 2 ** 30 })];
  expect(mutateTelegrams(files, smlUnderstood, MANNER)).toEqual(NOTHING_WRONG);
});

test('of a million mutated telegrams of P1 none is taken for what nobody sent', () => {
  const telegrams = [p1Telegram(), p1Telegram({ energy: '999999.999', power: '17.500' })];
  expect(mutateTelegrams(telegrams, p1Understood, MANNER)).toEqual(NOTHING_WRONG);
});

test('of a million mutated readouts of IEC 62056-21 none is taken for what nobody sent', () => {
  expect(mutateTelegrams([readout('001234.567'), readout('999999.999')], readoutUnderstood, MANNER)).toEqual(
    NOTHING_WRONG,
  );
});
