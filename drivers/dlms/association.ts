import { encodeLength, malformed, Reader } from './reader.ts';

// IEC 62056-53, 7.2 and 8.4: the association control service, in BER.

export const tags = {
  request: 0x60,
  response: 0x61,
  releaseRequest: 0x62,
  releaseResponse: 0x63,
  context: 0xa1,
  result: 0xa2,
  diagnostic: 0xa3,
  respondingTitle: 0xa4,
  callingTitle: 0xa6,
  requirements: { request: 0x8a, response: 0x88 },
  mechanism: { request: 0x8b, response: 0x89 },
  authentication: { request: 0xac, response: 0xaa },
  information: 0xbe,
} as const;

const OBJECT_IDENTIFIER = 0x06;
const OCTET_STRING = 0x04;
const INTEGER = 0x02;
const CHARACTERS = 0x80;

// { joint-iso-ccitt(2) country(16) country-name(756) identified-organisation(5) DLMS-UA(8) }
const DLMS_UA = Buffer.of(0x60, 0x85, 0x74, 0x05, 0x08);
const CONTEXT_NAME = 1;
const MECHANISM_NAME = 2;

/** What the parties talk with. */
export const contexts = { ln: 1, sn: 2, 'ln-ciphered': 3, 'sn-ciphered': 4 } as const;

/** How the parties prove who they are. */
export const mechanisms = { none: 0, low: 1, gmac: 5 } as const;

export type AssociationRequest = {
  readonly context: number;
  /** System title of the client. */
  readonly title?: Buffer;
  readonly mechanism?: number;
  /** Password or challenge. */
  readonly authentication?: Buffer;
  /** The InitiateRequest, protected where the context is ciphered. */
  readonly information: Buffer;
};

export type AssociationResponse = {
  readonly context: number;
  /** 0 accepted, 1 rejected for good, 2 rejected for now. */
  readonly result: number;
  readonly diagnostic: { readonly source: 'user' | 'provider'; readonly code: number };
  /** System title of the server. */
  readonly title?: Buffer;
  readonly mechanism?: number;
  /** Challenge of the server. */
  readonly authentication?: Buffer;
  readonly information?: Buffer;
};

export function encodeAssociationRequest(request: AssociationRequest): Buffer {
  const { context, title, mechanism, authentication, information } = request;
  return tagged(tags.request, [
    tagged(tags.context, [identifier(CONTEXT_NAME, context)]),
    ...(title === undefined ? [] : [tagged(tags.callingTitle, [tagged(OCTET_STRING, [title])])]),
    ...authenticationFields('request', mechanism, authentication),
    tagged(tags.information, [tagged(OCTET_STRING, [information])]),
  ]);
}

export function encodeAssociationResponse(response: AssociationResponse): Buffer {
  const { context, result, diagnostic, title, mechanism, authentication, information } = response;
  const source = diagnostic.source === 'user' ? 0xa1 : 0xa2;
  return tagged(tags.response, [
    tagged(tags.context, [identifier(CONTEXT_NAME, context)]),
    tagged(tags.result, [Buffer.of(INTEGER, 1, result)]),
    tagged(tags.diagnostic, [tagged(source, [Buffer.of(INTEGER, 1, diagnostic.code)])]),
    ...(title === undefined ? [] : [tagged(tags.respondingTitle, [tagged(OCTET_STRING, [title])])]),
    ...authenticationFields('response', mechanism, authentication),
    ...(information === undefined ? [] : [tagged(tags.information, [tagged(OCTET_STRING, [information])])]),
  ]);
}

function authenticationFields(
  side: 'request' | 'response',
  mechanism: number | undefined,
  authentication: Buffer | undefined,
): readonly Buffer[] {
  if (mechanism === undefined || mechanism === mechanisms.none) return [];
  const unusedBits = 7; // of a BIT STRING that holds one bit: authentication
  return [
    Buffer.of(tags.requirements[side], 2, unusedBits, 0x80),
    tagged(tags.mechanism[side], [name(MECHANISM_NAME, mechanism)]),
    ...(authentication === undefined
      ? []
      : [tagged(tags.authentication[side], [tagged(CHARACTERS, [authentication])])]),
  ];
}

function identifier(arc: number, id: number): Buffer {
  return tagged(OBJECT_IDENTIFIER, [name(arc, id)]);
}

function name(arc: number, id: number): Buffer {
  return Buffer.concat([DLMS_UA, Buffer.of(arc, id)]);
}

function tagged(tag: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(tag), encodeLength(content.length), content]);
}

/** Throws `answer-malformed`. */
export function decodeAssociationRequest(apdu: Buffer): AssociationRequest {
  const fields = fieldsOf(apdu, tags.request);
  const information = inner(fields, tags.information, OCTET_STRING);
  if (information === undefined) throw malformed('an association request without its content');
  return {
    context: contextOf(fields),
    information,
    ...optional('title', inner(fields, tags.callingTitle, OCTET_STRING)),
    ...optional('mechanism', mechanismOf(fields, 'request')),
    ...optional('authentication', inner(fields, tags.authentication.request, CHARACTERS)),
  };
}

/** Throws `answer-malformed`. */
export function decodeAssociationResponse(apdu: Buffer): AssociationResponse {
  const fields = fieldsOf(apdu, tags.response);
  const result = inner(fields, tags.result, INTEGER);
  if (result?.length !== 1) throw malformed('an association response without its result');
  return {
    context: contextOf(fields),
    result: result.readUInt8(),
    diagnostic: diagnosticOf(fields),
    ...optional('title', inner(fields, tags.respondingTitle, OCTET_STRING)),
    ...optional('mechanism', mechanismOf(fields, 'response')),
    ...optional('authentication', inner(fields, tags.authentication.response, CHARACTERS)),
    ...optional('information', inner(fields, tags.information, OCTET_STRING)),
  };
}

type Fields = ReadonlyMap<number, Buffer>;

function fieldsOf(apdu: Buffer, tag: number): Fields {
  const outer = new Reader(apdu);
  outer.expect(tag, 'APDU');
  const content = new Reader(outer.octets());
  outer.end();
  const fields = new Map<number, Buffer>();
  while (content.left > 0) fields.set(content.uint8(), content.octets());
  return fields;
}

/** The content of a field that holds one element with `tag`. */
function inner(fields: Fields, field: number, tag: number): Buffer | undefined {
  const bytes = fields.get(field);
  if (bytes === undefined) return undefined;
  const reader = new Reader(bytes);
  reader.expect(tag, 'element');
  const content = reader.octets();
  reader.end();
  return content;
}

function contextOf(fields: Fields): number {
  const oid = inner(fields, tags.context, OBJECT_IDENTIFIER);
  if (oid === undefined) throw malformed('an association without its context');
  return lastArc(oid, CONTEXT_NAME);
}

function mechanismOf(fields: Fields, side: 'request' | 'response'): number | undefined {
  const oid = fields.get(tags.mechanism[side]);
  return oid === undefined ? undefined : lastArc(oid, MECHANISM_NAME);
}

function lastArc(oid: Buffer, arc: number): number {
  const id = oid[oid.length - 1];
  if (id === undefined || !oid.equals(name(arc, id))) throw malformed(`the unknown name ${oid.toString('hex')}`);
  return id;
}

function diagnosticOf(fields: Fields): AssociationResponse['diagnostic'] {
  const user = new Reader(fields.get(tags.diagnostic) ?? Buffer.alloc(0));
  const source = user.uint8();
  const element = new Reader(user.octets());
  element.expect(INTEGER, 'element');
  const code = element.octets();
  return { source: source === 0xa1 ? 'user' : 'provider', code: code[code.length - 1] ?? 0 };
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): Partial<Record<Key, Value>> {
  const field: Partial<Record<Key, Value>> = {};
  if (value !== undefined) field[key] = value;
  return field;
}

/** 8.4.3: the association ends; 0 is the normal reason. */
export function encodeReleaseRequest(): Buffer {
  return tagged(tags.releaseRequest, [Buffer.of(0x80, 1, 0)]);
}

export function encodeReleaseResponse(information?: Buffer): Buffer {
  const content = information === undefined ? [] : [tagged(tags.information, [tagged(OCTET_STRING, [information])])];
  return tagged(tags.releaseResponse, [Buffer.of(0x80, 1, 0), ...content]);
}
