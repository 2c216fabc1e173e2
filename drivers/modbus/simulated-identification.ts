import { functions } from './pdu.ts';

// Device identification, MODBUS Application Protocol 1.1b3, 6.21: the far end's part.

const READ_IDENTIFICATION = 14;
const BASIC = 1;
const INDIVIDUAL = 4;
const ILLEGAL_FUNCTION = 1;
const ILLEGAL_ADDRESS = 2;
const ILLEGAL_VALUE = 3;
const CONFORMITY_BASIC = 0x81; // basic objects, by stream and one by one

/** The answer's PDU, or the code of an exception. All objects fit one answer. */
export function identificationAnswer(
  request: Buffer,
  identity: { readonly vendor: string; readonly model: string } | undefined,
): Buffer | number {
  if (identity === undefined || request.readUInt8(1) !== READ_IDENTIFICATION) return ILLEGAL_FUNCTION;
  if (request.length !== 4) return ILLEGAL_VALUE;
  const [category, first] = [request.readUInt8(2), request.readUInt8(3)];
  if (category !== BASIC && category !== INDIVIDUAL) return ILLEGAL_VALUE;
  const objects = [identity.vendor, identity.model, 'simulated'].map((text, id) => ({ id, text: Buffer.from(text) }));
  const wanted = objects.filter(({ id }) => (category === INDIVIDUAL ? id === first : id >= first));
  if (wanted.length === 0) return ILLEGAL_ADDRESS;
  const head = [functions.encapsulated, READ_IDENTIFICATION, category, CONFORMITY_BASIC, 0, 0, wanted.length];
  return Buffer.concat([Buffer.from(head), ...wanted.flatMap(({ id, text }) => [Buffer.of(id, text.length), text])]);
}
