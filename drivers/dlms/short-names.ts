import { formatObis, obisOfBytes } from '../../src/model/obis.ts';
import type { Attribute, Result } from './apdu.ts';
import { isNumber, takeData, type Data } from './data.ts';
import { malformed, Reader, uint16 } from './reader.ts';

// IEC 62056-53, 7.5 and 8.6: the services with short names. An object has a base name, a number; its attributes follow
// eight apart.
const READ_REQUEST = 0x05;
const READ_RESPONSE = 0x0c;
const VARIABLE_NAME = 2;
const ATTRIBUTE_DISTANCE = 8;

// IEC 62056-62, association SN: where its list of all objects is.
const OBJECT_LIST = 0xfa08;

const UNDEFINED = 4; // data-access-error: object undefined

/** Sends an APDU, and makes of the answer what `take` makes of it. */
type Ask = (apdu: Buffer, take: (answer: Buffer) => Result | undefined, signal: AbortSignal) => Promise<Result>;

/** The attributes of a meter that knows them by numbers; which are whose, it is asked once. */
export class ShortNames {
  readonly #ask: Ask;
  #bases: ReadonlyMap<string, number> | undefined;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** The value of an attribute, or why there is none. */
  async get({ classId, name, index }: Attribute, signal: AbortSignal): Promise<Result> {
    this.#bases ??= await this.#list(signal);
    const base = this.#bases.get(`${classId} ${name}`);
    return base === undefined ? { refusal: UNDEFINED } : this.#read(base + (index - 1) * ATTRIBUTE_DISTANCE, signal);
  }

  async #list(signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const result = await this.#read(OBJECT_LIST, signal);
    const items = 'data' in result && 'items' in result.data ? result.data.items : [];
    return new Map(items.flatMap((item) => listed(item) ?? []));
  }

  #read(name: number, signal: AbortSignal): Promise<Result> {
    const request = Buffer.concat([Buffer.of(READ_REQUEST, 1, VARIABLE_NAME), uint16(name)]);
    return this.#ask(request, (answer) => (answer[0] === READ_RESPONSE ? takeOne(answer) : undefined), signal);
  }
}

function takeOne(answer: Buffer): Result {
  const reader = new Reader(answer);
  reader.expect(READ_RESPONSE, 'APDU');
  reader.expect(1, 'number of values');
  const choice = reader.uint8();
  if (choice > 1) throw malformed(`a read response of the unknown kind ${choice}`);
  const result = choice === 0 ? { data: takeData(reader) } : { refusal: reader.uint8() };
  reader.end();
  return result;
}

/** Base name, class, version and logical name. */
function listed(item: Data): readonly (readonly [key: string, base: number])[] | undefined {
  const [base, classId, , name] = 'items' in item ? item.items : [];
  const obis = name?.type === 'octets' ? obisOfBytes(name.bytes) : undefined;
  if (!isNumber(base) || !isNumber(classId) || obis === undefined) return undefined;
  // The number is a signed one in the list, and an unsigned one in requests.
  return [[`${classId.value} ${formatObis(obis)}`, Number(base.value) & 0xffff]];
}
