import { describeException } from './exceptions.ts';
import { EXCEPTION_FLAG, functions } from './pdu.ts';

type Frame = { readonly unit: number; readonly pdu: Buffer };

/** What a frame says, for people: `unit 1: read holding 100, 2 registers`, `unit 1: exception 2 (no such address)`. */
export function explainFrame(direction: 'sent' | 'received', { unit, pdu }: Frame): string {
  return `unit ${unit}: ${direction === 'sent' ? explainRequest(pdu) : explainAnswer(pdu)}`;
}

type Explain = (pdu: Buffer) => string;

const reading =
  (table: string, unit: string): Explain =>
  (pdu) =>
    `read ${table} ${pdu.readUInt16BE(1)}, ${counted(pdu.readUInt16BE(3), unit)}`;

const masked: Explain = (pdu) => `mask holding ${pdu.readUInt16BE(1)}, AND ${word(pdu, 3)} OR ${word(pdu, 5)}`;
const switched: Explain = (pdu) => `write coil ${pdu.readUInt16BE(1)}: ${pdu.readUInt16BE(3) === 0 ? 'off' : 'on'}`;
const set: Explain = (pdu) => `write holding ${pdu.readUInt16BE(1)}: ${word(pdu, 3)}`;

const REQUESTS: ReadonlyMap<number, { readonly bytes: number; readonly explain: Explain }> = new Map([
  [functions.readCoils, { bytes: 5, explain: reading('coil', 'bit') }],
  [functions.readDiscretes, { bytes: 5, explain: reading('discrete', 'bit') }],
  [functions.readHoldings, { bytes: 5, explain: reading('holding', 'register') }],
  [functions.readInputs, { bytes: 5, explain: reading('input', 'register') }],
  [functions.writeCoil, { bytes: 5, explain: switched }],
  [functions.writeRegister, { bytes: 5, explain: set }],
  [
    functions.writeCoils,
    {
      bytes: 7,
      explain: (pdu) => `write coil ${pdu.readUInt16BE(1)}, ${counted(pdu.readUInt16BE(3), 'bit')}: ${hex(pdu, 6)}`,
    },
  ],
  [
    functions.writeRegisters,
    {
      bytes: 8,
      explain: (pdu) =>
        `write holding ${pdu.readUInt16BE(1)}, ${counted(pdu.readUInt16BE(3), 'register')}: ${hex(pdu, 6)}`,
    },
  ],
  [functions.reportServer, { bytes: 1, explain: () => 'report server id' }],
  [functions.maskRegister, { bytes: 7, explain: masked }],
  [
    functions.encapsulated,
    { bytes: 4, explain: (pdu) => `read identification, category ${pdu.readUInt8(2)} from object ${pdu.readUInt8(3)}` },
  ],
]);

function explainRequest(pdu: Buffer): string {
  const known = REQUESTS.get(pdu[0] ?? 0);
  return known === undefined || pdu.length < known.bytes ? unknown(pdu) : known.explain(pdu);
}

const written =
  (table: string, unit: string): Explain =>
  (pdu) =>
    `${table} ${pdu.readUInt16BE(1)}, ${counted(pdu.readUInt16BE(3), unit)} written`;
const data =
  (table: string): Explain =>
  (pdu) =>
    `${table}: ${hex(pdu, 2)}`;

const ANSWERS: ReadonlyMap<number, { readonly bytes: number; readonly explain: Explain }> = new Map([
  [functions.readCoils, { bytes: 3, explain: data('coils') }],
  [functions.readDiscretes, { bytes: 3, explain: data('discretes') }],
  [functions.readHoldings, { bytes: 4, explain: data('holdings') }],
  [functions.readInputs, { bytes: 4, explain: data('inputs') }],
  [functions.writeCoil, { bytes: 5, explain: (pdu) => `${switched(pdu)}, done` }],
  [functions.writeRegister, { bytes: 5, explain: (pdu) => `${set(pdu)}, done` }],
  [functions.writeCoils, { bytes: 5, explain: written('coil', 'bit') }],
  [functions.writeRegisters, { bytes: 5, explain: written('holding', 'register') }],
  [functions.reportServer, { bytes: 2, explain: (pdu) => `server id: ${hex(pdu, 2)}` }],
  [functions.maskRegister, { bytes: 7, explain: (pdu) => `${masked(pdu)}, done` }],
  [functions.encapsulated, { bytes: 7, explain: (pdu) => `identification, ${counted(pdu.readUInt8(6), 'object')}` }],
]);

function explainAnswer(pdu: Buffer): string {
  const code = pdu[0] ?? 0;
  if (code >= EXCEPTION_FLAG && pdu.length === 2) return describeException(pdu.readUInt8(1));
  const known = ANSWERS.get(code);
  return known === undefined || pdu.length < known.bytes ? unknown(pdu) : known.explain(pdu);
}

function unknown(pdu: Buffer): string {
  return `function ${pdu[0] ?? 'missing'}: ${hex(pdu, 1)}`;
}

/** From a position on in groups of one register: `000a 0102`. */
function hex(pdu: Buffer, from: number): string {
  return pdu.toString('hex', from).replace(/.{4}(?=.)/g, '$& ');
}

function word(pdu: Buffer, at: number): string {
  return pdu.toString('hex', at, at + 2);
}

function counted(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
