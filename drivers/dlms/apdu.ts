import { takeData, encodeData, type Data } from './data.ts';
import { formatName, nameBytes } from './logical-name.ts';
import { encodeLength, encodeOctets, malformed, Reader, uint16, uint32 } from './reader.ts';

// IEC 62056-53, 7 and 8: the services of the application layer with logical names, as A-XDR writes them.

/** Where a value or a method is: class, logical name as `1-0:1.8.0`, and the number of attribute or method. */
export type Place = { readonly classId: number; readonly name: string; readonly index: number };

/** An attribute, or the part of one that `selection` asks for. */
export type Attribute = Place & { readonly selection?: { readonly selector: number; readonly parameters: Data } };

/** A value, or why there is none: IEC 62056-53, data-access-result. */
export type Result = { readonly data: Data } | { readonly refusal: number };

/** `number` counts from 1. */
type Block = { readonly last: boolean; readonly number: number; readonly bytes: Buffer };

/** `invoke`: Invoke-Id-And-Priority, which an answer repeats. */
export type Request = { readonly invoke: number } & (
  | { readonly kind: 'get'; readonly attribute: Attribute }
  | { readonly kind: 'get-next'; readonly block: number }
  | { readonly kind: 'get-list'; readonly attributes: readonly Attribute[] }
  | { readonly kind: 'set'; readonly attribute: Attribute; readonly data: Data }
  | { readonly kind: 'set-first-block'; readonly attribute: Attribute; readonly block: Block }
  | { readonly kind: 'set-block'; readonly block: Block }
  | { readonly kind: 'action'; readonly method: Place; readonly parameters?: Data }
);

export type Response = { readonly invoke: number } & (
  | { readonly kind: 'get'; readonly result: Result }
  | { readonly kind: 'get-block'; readonly block: Block | { readonly number: number; readonly refusal: number } }
  | { readonly kind: 'get-list'; readonly results: readonly Result[] }
  | { readonly kind: 'set'; readonly refusal: number }
  | { readonly kind: 'set-block'; readonly block: number }
  | { readonly kind: 'set-last-block'; readonly refusal: number; readonly block: number }
  | { readonly kind: 'action'; readonly refusal: number; readonly result?: Result }
);

/** The first byte of an APDU. */
export const tags = {
  confirmedServiceError: 0x0e,
  dataNotification: 0x0f,
  getRequest: 0xc0,
  setRequest: 0xc1,
  actionRequest: 0xc3,
  getResponse: 0xc4,
  setResponse: 0xc5,
  actionResponse: 0xc7,
  exceptionResponse: 0xd8,
} as const;

const NORMAL = 1;
const GET_NEXT = 2;
const WITH_BLOCK = 2;
const GET_LIST = 3;
const SET_FIRST_BLOCK = 2;
const SET_BLOCK = 3;

export function encodeRequest(request: Request): Buffer {
  const { invoke } = request;
  switch (request.kind) {
    case 'get':
      return Buffer.concat([Buffer.of(tags.getRequest, NORMAL, invoke), encodeAttribute(request.attribute)]);
    case 'get-next':
      return Buffer.concat([Buffer.of(tags.getRequest, GET_NEXT, invoke), uint32(request.block)]);
    case 'get-list':
      return Buffer.concat([
        Buffer.of(tags.getRequest, GET_LIST, invoke),
        encodeLength(request.attributes.length),
        ...request.attributes.map(encodeAttribute),
      ]);
    case 'set':
      return Buffer.concat([
        Buffer.of(tags.setRequest, NORMAL, invoke),
        encodeAttribute(request.attribute),
        encodeData(request.data),
      ]);
    case 'set-first-block':
      return Buffer.concat([
        Buffer.of(tags.setRequest, SET_FIRST_BLOCK, invoke),
        encodeAttribute(request.attribute),
        encodeBlock(request.block),
      ]);
    case 'set-block':
      return Buffer.concat([Buffer.of(tags.setRequest, SET_BLOCK, invoke), encodeBlock(request.block)]);
    case 'action':
      return Buffer.concat([
        Buffer.of(tags.actionRequest, NORMAL, invoke),
        encodePlace(request.method),
        ...optional(request.parameters),
      ]);
  }
}

function optional(data: Data | undefined): readonly Buffer[] {
  return data === undefined ? [Buffer.of(0)] : [Buffer.of(1), encodeData(data)];
}

function encodePlace({ classId, name, index }: Place): Buffer {
  return Buffer.concat([uint16(classId), nameBytes(name), Buffer.of(index)]);
}

function encodeAttribute({ selection, ...place }: Attribute): Buffer {
  if (selection === undefined) return Buffer.concat([encodePlace(place), Buffer.of(0)]);
  return Buffer.concat([encodePlace(place), Buffer.of(1, selection.selector), encodeData(selection.parameters)]);
}

function encodeBlock({ last, number, bytes }: Block): Buffer {
  return Buffer.concat([Buffer.of(Number(last)), uint32(number), encodeOctets(bytes)]);
}

type Taker<T> = (reader: Reader, invoke: number) => T;

const requestTakers = new Map<number, readonly (Taker<Request> | undefined)[]>([
  [
    tags.getRequest,
    [
      (reader, invoke) => ({ kind: 'get', invoke, attribute: takeAttribute(reader) }),
      (reader, invoke) => ({ kind: 'get-next', invoke, block: reader.uint32() }),
      (reader, invoke) => ({ kind: 'get-list', invoke, attributes: takeList(reader, takeAttribute) }),
    ],
  ],
  [
    tags.setRequest,
    [
      (reader, invoke) => ({ kind: 'set', invoke, attribute: takeAttribute(reader), data: takeData(reader) }),
      (reader, invoke) => ({
        kind: 'set-first-block',
        invoke,
        attribute: takeAttribute(reader),
        block: takeBlock(reader),
      }),
      (reader, invoke) => ({ kind: 'set-block', invoke, block: takeBlock(reader) }),
    ],
  ],
  [
    tags.actionRequest,
    [
      (reader, invoke) => ({
        kind: 'action',
        invoke,
        method: takePlace(reader),
        ...(reader.uint8() !== 0 && { parameters: takeData(reader) }),
      }),
    ],
  ],
]);

const responseTakers = new Map<number, readonly (Taker<Response> | undefined)[]>([
  [
    tags.getResponse,
    [
      (reader, invoke) => ({ kind: 'get', invoke, result: takeResult(reader) }),
      (reader, invoke) => ({ kind: 'get-block', invoke, block: takeGetBlock(reader) }),
      (reader, invoke) => ({ kind: 'get-list', invoke, results: takeList(reader, takeResult) }),
    ],
  ],
  [
    tags.setResponse,
    [
      (reader, invoke) => ({ kind: 'set', invoke, refusal: reader.uint8() }),
      (reader, invoke) => ({ kind: 'set-block', invoke, block: reader.uint32() }),
      (reader, invoke) => ({ kind: 'set-last-block', invoke, refusal: reader.uint8(), block: reader.uint32() }),
    ],
  ],
  [
    tags.actionResponse,
    [
      (reader, invoke) => ({
        kind: 'action',
        invoke,
        refusal: reader.uint8(),
        ...(reader.uint8() !== 0 && { result: takeResult(reader) }),
      }),
    ],
  ],
]);

/** A request of a client, for who plays the server. Throws `answer-malformed`. */
export function decodeRequest(apdu: Buffer): Request {
  return decode(apdu, requestTakers, 'request');
}

/** The answer of a server. Throws `answer-malformed`. */
export function decodeResponse(apdu: Buffer): Response {
  return decode(apdu, responseTakers, 'response');
}

function decode<T>(apdu: Buffer, takers: ReadonlyMap<number, readonly (Taker<T> | undefined)[]>, what: string): T {
  const reader = new Reader(apdu);
  const tag = reader.uint8();
  const choice = reader.uint8();
  const take = takers.get(tag)?.[choice - 1];
  if (take === undefined) throw malformed(`a ${what} of the unknown kind ${tag} ${choice}`);
  const taken = take(reader, reader.uint8());
  reader.end();
  return taken;
}

function takePlace(reader: Reader): Place {
  return { classId: reader.uint16(), name: formatName(reader.take(6)), index: reader.uint8() };
}

function takeAttribute(reader: Reader): Attribute {
  const place = takePlace(reader);
  if (reader.uint8() === 0) return place;
  return { ...place, selection: { selector: reader.uint8(), parameters: takeData(reader) } };
}

function takeBlock(reader: Reader): Block {
  return { last: reader.uint8() !== 0, number: reader.uint32(), bytes: reader.octets() };
}

function takeGetBlock(reader: Reader): Block | { readonly number: number; readonly refusal: number } {
  const last = reader.uint8() !== 0;
  const number = reader.uint32();
  return reader.uint8() === 0 ? { last, number, bytes: reader.octets() } : { number, refusal: reader.uint8() };
}

function takeResult(reader: Reader): Result {
  const choice = reader.uint8();
  if (choice > 1) throw malformed(`a result of the unknown kind ${choice}`);
  return choice === 0 ? { data: takeData(reader) } : { refusal: reader.uint8() };
}

/** A list whose number of items stands before it, each of at least one byte. */
function takeList<T>(reader: Reader, take: (reader: Reader) => T): readonly T[] {
  const count = reader.length();
  if (count > reader.left) throw malformed(`${count} items in ${reader.left} bytes`);
  return Array.from({ length: count }, () => take(reader));
}

export function encodeResponse(response: Response): Buffer {
  const { invoke } = response;
  switch (response.kind) {
    case 'get':
      return Buffer.concat([Buffer.of(tags.getResponse, NORMAL, invoke), encodeResult(response.result)]);
    case 'get-block':
      return Buffer.concat([Buffer.of(tags.getResponse, WITH_BLOCK, invoke), encodeGetBlock(response.block)]);
    case 'get-list':
      return Buffer.concat([
        Buffer.of(tags.getResponse, GET_LIST, invoke),
        encodeLength(response.results.length),
        ...response.results.map(encodeResult),
      ]);
    case 'set':
      return Buffer.of(tags.setResponse, NORMAL, invoke, response.refusal);
    case 'set-block':
      return Buffer.concat([Buffer.of(tags.setResponse, WITH_BLOCK, invoke), uint32(response.block)]);
    case 'set-last-block':
      return Buffer.concat([Buffer.of(tags.setResponse, 3, invoke, response.refusal), uint32(response.block)]);
    case 'action':
      return Buffer.concat([
        Buffer.of(tags.actionResponse, NORMAL, invoke, response.refusal),
        ...(response.result === undefined ? [Buffer.of(0)] : [Buffer.of(1), encodeResult(response.result)]),
      ]);
  }
}

function encodeResult(result: Result): Buffer {
  return 'data' in result ? Buffer.concat([Buffer.of(0), encodeData(result.data)]) : Buffer.of(1, result.refusal);
}

function encodeGetBlock(block: Block | { readonly number: number; readonly refusal: number }): Buffer {
  if ('refusal' in block) return Buffer.concat([Buffer.of(1), uint32(block.number), Buffer.of(1, block.refusal)]);
  return Buffer.concat([Buffer.of(Number(block.last)), uint32(block.number), Buffer.of(0), encodeOctets(block.bytes)]);
}
