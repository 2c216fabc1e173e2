import { expect, test } from 'vitest';
import { decodeAssociationRequest, decodeAssociationResponse } from '../../../drivers/dlms/association.ts';
import { decodeRequest, decodeResponse } from '../../../drivers/dlms/apdu.ts';
import { decodeNotification } from '../../../drivers/dlms/notification.ts';
import { GatewayError } from '../../../src/model/errors.ts';
import { mutateTelegrams, type MutatedForm } from '../../support/dlms-mutations.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

const MILLION = 1_000_000;

test.each([
  ['hdlc', 500_000],
  ['mbus, encrypted', 250_000],
  ['hdlc, encrypted', 250_000],
] as const satisfies readonly (readonly [MutatedForm, number])[])(
  'of a million mangled telegrams none says what was not sent: %s',
  (form, count) => {
    const { untouched, heard, wrong } = mutateTelegrams(form, count, 7);
    expect(wrong).toEqual([]);
    expect(heard).toBeGreaterThanOrEqual(untouched);
  },
  300_000,
);

// One of each service, from the standard's rules.
const APDUS = [
  '601da109060760857405080101be10040e01000000065f1f0400001e1dffff',
  '6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e1d04c80007',
  'c001c1000100002b0100ff0200',
  'c401c100020312000109060100010800ff060000139102020f00161e',
  'c402c101000000010004070102030405060708',
  'c403c102000600001391010b',
  'c501c100',
  'c701c000010009111000000001aabbccddeeff00112233445566',
  '0f000000010c07ea0b1e01120000ffffc400020309060100010800ff060000139102020f00161e',
].map((hex) => Buffer.from(hex, 'hex'));

const DECODERS = [
  decodeAssociationRequest,
  decodeAssociationResponse,
  decodeRequest,
  decodeResponse,
  decodeNotification,
] as const;

test('a million mangled APDUs are understood or refused, and nothing else', () => {
  const random = randomNumbers(11);
  const failures: string[] = [];
  for (let round = 0; round < MILLION; round++) {
    const apdu = Buffer.from(APDUS[random.below(APDUS.length)] ?? []);
    for (let count = 1 + random.below(3); count > 0; count--)
      apdu.writeUInt8(random.below(256), random.below(apdu.length));
    const cut = random.below(4) === 0 ? apdu.subarray(0, random.below(apdu.length)) : apdu;
    const decode = DECODERS[random.below(DECODERS.length)];
    try {
      decode?.(cut);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.code !== 'answer-malformed') failures.push(cut.toString('hex'));
    }
  }
  expect(failures).toEqual([]);
}, 300_000);
