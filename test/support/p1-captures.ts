import { KeptCounters } from '../../drivers/meter/kept-counters.ts';
import { parseQuantified, type DataSet } from '../../drivers/meter/data-lines.ts';
import { instantOf, parseTimeDigits } from '../../drivers/meter/time.ts';
import { CipherFramer } from '../../drivers/p1/cipher.ts';
import { P1Framer, type P1Piece } from '../../drivers/p1/framer.ts';
import { parseTelegram } from '../../drivers/p1/telegram.ts';
import { parseDecimal } from '../../src/model/decimal.ts';
import { capturesOf, type Capture } from './captures.ts';
import { decimalText } from './decimal-text.ts';

type ExpectedObject = {
  readonly obis: string;
  readonly values: readonly {
    readonly text: string;
    readonly number?: string;
    readonly unit?: string;
    readonly time?: string;
  }[];
};

type Expected = {
  readonly identification: string;
  readonly crcOk: boolean | null;
  readonly objects: readonly ExpectedObject[];
  readonly encryption?: { readonly key: string; readonly authenticationKey: string };
};

export const p1Captures = capturesOf<Expected>('p1');

/** What is to be delivered: nothing where the checksum is wrong. */
export function expectedTelegrams({ identification, crcOk, objects }: Expected): readonly object[] {
  if (crcOk === false) return [];
  return [
    {
      identification,
      objects: objects.map(({ obis, values }) => ({
        obis,
        values: values.map(({ text, number, unit, time }) => ({
          text,
          ...(number !== undefined && { number, unit }),
          ...(time !== undefined && { time: Date.parse(time) }),
        })),
      })),
    },
  ];
}

/** The telegrams in bytes that arrive in these chunks, in the words of the expectations. */
export function telegramsIn(chunks: readonly Buffer[], encryption?: Expected['encryption']): readonly object[] {
  if (encryption === undefined) {
    const framer = new P1Framer();
    return chunks.flatMap((chunk) => framer.push(chunk)).flatMap(telegramOf);
  }
  const key = Buffer.from(encryption.key, 'hex');
  const counters = new KeptCounters(undefined, { protocol: 'p1', device: 'meter' }, key, () => 0);
  const cipher = new CipherFramer(
    { key, authenticationKey: Buffer.from(encryption.authenticationKey, 'hex'), verify: true },
    (_meter, counter) => counters.admit(counter),
  );
  return chunks
    .flatMap((chunk) => cipher.push(chunk))
    .flatMap((piece) => (piece.kind === 'opened' ? new P1Framer().push(piece.text) : []))
    .flatMap(telegramOf);
}

export function telegramsOf({ bytes, expected }: Capture<Expected>): readonly object[] {
  return telegramsIn([bytes], expected.encryption);
}

function telegramOf(piece: P1Piece): readonly object[] {
  if (piece.kind !== 'telegram') return [];
  const telegram = parseTelegram(piece);
  if (typeof telegram === 'string') return [];
  return [{ identification: telegram.identification, objects: telegram.sets.map(objectOf) }];
}

function objectOf({ address, values }: DataSet): object {
  return { obis: address, values: values.map(valueOf) };
}

const MARKED = /^\d{12}[SW]$/;

function valueOf(text: string): object {
  const quantified = parseQuantified(text);
  const time = MARKED.test(text) ? parseTimeDigits(text) : undefined;
  return {
    text,
    ...(quantified !== undefined && { number: exact(quantified.number), unit: quantified.unit }),
    ...(time !== undefined && { time: instantOf(time, 'Europe/Amsterdam') }),
  };
}

function exact(number: string): string {
  const decimal = parseDecimal(number);
  return decimal === undefined ? '' : decimalText(decimal);
}
