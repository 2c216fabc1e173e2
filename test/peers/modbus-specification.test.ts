import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bitDecoder } from '../../drivers/modbus/decode.ts';
import { Transactions } from '../../drivers/modbus/frame.ts';
import { holdPort } from '../support/modbus-wire.ts';
import { describeWith, sharedFixture } from '../support/peers.ts';

type Example = {
  readonly name: string;
  readonly meaning: { readonly bits?: number[]; readonly registers?: number[]; readonly exception?: number };
  readonly tcp: { readonly request: string; readonly response: string };
  readonly rtu: { readonly request: string; readonly response: string };
};

describeWith('fixtures', 'examples of the specification', () => {
  const file = readFileSync(sharedFixture('modbus/spec_examples.json'), 'utf8');
  const { examples } = JSON.parse(file) as { examples: readonly Example[] };
  const reading = examples.filter(({ name }) => name.includes('read'));

  test('hold reads of bits, of registers, and a refused one', () => expect(reading.length).toBe(3));

  test.each(reading)('$name', ({ meaning, tcp, rtu }) => {
    const transaction = Number.parseInt(tcp.request.slice(0, 4), 16);
    const held = holdPort(new Transactions(transaction - 1));
    held.port.write(Buffer.from(rtu.request, 'hex'));
    held.port.received(Buffer.from(tcp.response, 'hex'));
    expect(held).toMatchObject({
      sent: [tcp.request.toLowerCase()],
      delivered: [rtu.response.toLowerCase()],
      oddities: [],
    });
    const answer = Buffer.from(held.delivered[0] ?? '', 'hex');
    if (meaning.exception === undefined) expect(meaningOf(answer.subarray(3, -2), meaning)).toEqual(meaning);
    else expect(answer.readUInt8(2)).toBe(meaning.exception);
  });
});

function meaningOf(data: Buffer, { bits, registers }: Example['meaning']): object {
  if (bits !== undefined) return { bits: bits.map((_, index) => Number(bitDecoder.decode(data, index))) };
  return { registers: registers?.map((_, index) => data.readUInt16BE(index * 2)) };
}
