import { parseIdentification } from '../../drivers/meter/identification.ts';
import { PushFramer } from '../../drivers/iec62056/push-framer.ts';
import { parseQuantified, type DataSet } from '../../drivers/meter/data-lines.ts';
import { parseDecimal } from '../../src/model/decimal.ts';
import { capturesOf } from './captures.ts';
import { decimalText } from './decimal-text.ts';

type Expected = {
  readonly mode: string;
  readonly identification: string;
  readonly manufacturer: string;
  readonly baudChar: string;
  readonly baud: number;
  readonly bcc: { readonly bccOk: boolean } | null;
  readonly dataSets: readonly {
    readonly address: string;
    readonly values: readonly { readonly text: string; readonly number?: string; readonly unit?: string }[];
  }[];
};

export const d0Captures = capturesOf<Expected>('d0');

/** What is to be delivered: nothing where the block check is wrong. */
export function expectedReadouts({ identification, bcc, dataSets }: Expected): readonly object[] {
  if (bcc?.bccOk === false) return [];
  return [
    {
      identification,
      dataSets: dataSets.map(({ address, values }) => ({
        address,
        values: values.map(({ text, number, unit }) => ({ text, ...(number !== undefined && { number, unit }) })),
      })),
    },
  ];
}

/** The readouts in bytes that arrive in these chunks, in the words of the expectations. */
export function readoutsIn(chunks: readonly Buffer[]): readonly object[] {
  const framer = new PushFramer();
  return chunks
    .flatMap((chunk) => framer.push(chunk))
    .flatMap((piece) =>
      piece.kind === 'readout'
        ? [{ identification: `/${piece.identification.text}`, dataSets: piece.sets.map(dataSetOf) }]
        : [],
    );
}

export function identificationIn(bytes: Buffer) {
  return parseIdentification(bytes.toString('latin1'))?.identification;
}

function dataSetOf({ address, values }: DataSet): object {
  return {
    address,
    values: values.map((text) => {
      const quantified = parseQuantified(text);
      const decimal = quantified === undefined ? undefined : parseDecimal(quantified.number);
      return { text, ...(decimal !== undefined && { number: decimalText(decimal), unit: quantified?.unit }) };
    }),
  };
}
