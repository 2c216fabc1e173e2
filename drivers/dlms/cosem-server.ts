import { timingSafeEqual } from 'node:crypto';
import { decodeRequest, encodeResponse, type Attribute, type Request, type Response, type Result } from './apdu.ts';
import {
  contexts,
  decodeAssociationRequest,
  encodeAssociationResponse,
  encodeReleaseResponse,
  mechanisms,
  tags as associationTags,
  type AssociationRequest,
  type AssociationResponse,
} from './association.ts';
import { encodeData } from './data.ts';
import { conformance, decodeInitiateRequest, encodeInitiateResponse, type Initiate } from './initiate.ts';
import { heldBy, type PlayedObject } from './played-object.ts';
import { encodeLength } from './reader.ts';
import { AUTHENTICATION_FAILURE, AUTHENTICATION_REQUIRED } from './results.ts';
import type { SecureChannel } from './secure-channel.ts';

export type ServerSettings = {
  readonly objects: readonly PlayedObject[];
  /** Longest APDU that it sends. */
  readonly maxPdu: number;
  /** How a client has to prove who it is. */
  readonly access:
    | { readonly kind: 'none' }
    | { readonly kind: 'lls'; readonly password: Buffer }
    | { readonly kind: 'hls5-gmac'; readonly challenge: () => Buffer };
  /** With it, everything is protected. */
  readonly channel?: SecureChannel;
  readonly seconds: () => number;
  /** Long answers go in general blocks, to clients that know them. */
  readonly generalBlocks?: boolean;
};

const OFFERED =
  conformance['block-transfer-get'] |
  conformance['multiple-references'] |
  conformance.get |
  conformance.set |
  conformance['selective-access'] |
  conformance.action;

// IEC 62056-53, 8.6.
const EXCEPTION = Buffer.of(0xd8, 1, 2); // service not allowed, service not supported
const SUCCESS = 0;
const DENIED = 3;
const UNDEFINED = 4;
const NO_LONG_GET = 16;
const ASSOCIATION_CLASS = 15;

const BLOCK_OVERHEAD = 16; // bytes of a block that are not its data, and of its protection

/** A meter of its own: answers the APDUs of one client, as an association goes. */
export class CosemServer {
  readonly #settings: ServerSettings;
  #agreed: Initiate | undefined;
  /** The challenge that the client must answer before it may ask for anything. */
  #challenge: Buffer | undefined;
  #clientChallenge: Buffer = Buffer.alloc(0);
  #isTrusted = false;
  /** What is left of an answer that goes out in blocks. */
  #rest: { bytes: Buffer; number: number } | undefined;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
  }

  /** The answer to an APDU. Throws `answer-malformed` where it is none. */
  async answer(apdu: Buffer): Promise<Buffer> {
    if (apdu[0] === associationTags.request) return this.#associate(decodeAssociationRequest(apdu));
    if (apdu[0] === associationTags.releaseRequest) {
      this.#isTrusted = false;
      return encodeReleaseResponse();
    }
    const { channel } = this.#settings;
    const isProtected = channel?.isProtected(apdu) === true;
    if (this.#agreed === undefined || (channel !== undefined && !isProtected)) return EXCEPTION;
    const plain = channel === undefined ? apdu : channel.unprotect(apdu);
    if (plain === undefined) return EXCEPTION;
    const request = decodeRequest(plain);
    const response = encodeResponse(await this.#respond(request));
    return channel === undefined ? response : channel.protect(response);
  }

  async #associate(request: AssociationRequest): Promise<Buffer> {
    const { channel, maxPdu } = this.#settings;
    this.#isTrusted = false;
    const fault = this.#faultOf(request);
    if (fault !== undefined) return encodeAssociationResponse({ ...this.#diagnosis(fault), result: 1 });
    channel?.begin();
    if (request.title !== undefined) channel?.meet(request.title);
    const initiate = channel === undefined ? request.information : channel.unprotect(request.information);
    if (initiate === undefined) return EXCEPTION;
    const proposed = decodeInitiateRequest(initiate);
    this.#agreed = { ...proposed, conformance: this.#offered & proposed.conformance };
    const answer = encodeInitiateResponse({ conformance: this.#agreed.conformance, maxPdu }, false);
    const information = (await channel?.protect(answer)) ?? answer;
    if (proposed.dedicatedKey !== undefined) channel?.dedicate(proposed.dedicatedKey);
    return encodeAssociationResponse({ ...this.#challengeTo(request), information });
  }

  /** Accepts a client, or has it prove first that it knows the keys. */
  #challengeTo({ authentication = Buffer.alloc(0) }: AssociationRequest): AssociationResponse {
    const { access, channel } = this.#settings;
    const title = channel === undefined ? {} : { title: channel.title };
    this.#challenge = access.kind === 'hls5-gmac' ? access.challenge() : undefined;
    this.#clientChallenge = authentication;
    this.#isTrusted = this.#challenge === undefined;
    if (this.#challenge === undefined) return { ...this.#diagnosis(0), ...title, result: 0 };
    const proof = { mechanism: mechanisms.gmac, authentication: this.#challenge };
    return { ...this.#diagnosis(AUTHENTICATION_REQUIRED), ...title, ...proof, result: 0 };
  }

  #diagnosis(code: number): Pick<AssociationResponse, 'context' | 'diagnostic'> {
    return { context: this.#context, diagnostic: { source: 'user', code } };
  }

  get #offered(): number {
    return OFFERED | (this.#settings.generalBlocks === true ? conformance['general-block-transfer'] : 0);
  }

  /** Bytes of the longest APDU that goes out whole; undefined where no general blocks were agreed upon. */
  get longestWhole(): number | undefined {
    const bits = this.#agreed?.conformance ?? 0;
    return (bits & conformance['general-block-transfer']) === 0 ? undefined : this.#longest;
  }

  get #context(): number {
    return this.#settings.channel === undefined ? contexts.ln : contexts['ln-ciphered'];
  }

  /** A diagnostic where the client does not come as it should. */
  #faultOf({ context, mechanism = mechanisms.none, authentication }: AssociationRequest): number | undefined {
    const { access } = this.#settings;
    if (context !== this.#context) return 2;
    const expected = { none: mechanisms.none, lls: mechanisms.low, 'hls5-gmac': mechanisms.gmac }[access.kind];
    if (mechanism !== expected) return access.kind === 'none' ? 11 : 12;
    if (access.kind !== 'lls') return undefined;
    return authentication !== undefined && isSame(authentication, access.password) ? undefined : AUTHENTICATION_FAILURE;
  }

  async #respond(request: Request): Promise<Response> {
    const { invoke } = request;
    if (request.kind === 'action') return this.#act(request);
    if (!this.#isTrusted) return { kind: 'get', invoke, result: { refusal: DENIED } };
    switch (request.kind) {
      case 'get':
        return this.#oneOrBlocks(invoke, { kind: 'get', invoke, result: this.#get(request.attribute) });
      case 'get-list': {
        const results = request.attributes.map((attribute) => this.#get(attribute));
        return this.#oneOrBlocks(invoke, { kind: 'get-list', invoke, results });
      }
      case 'get-next':
        return this.#nextBlock(invoke, request.block);
      case 'set':
        return { kind: 'set', invoke, refusal: this.#set(request.attribute, request.data) };
      case 'set-first-block':
      case 'set-block':
        return { kind: 'set', invoke, refusal: DENIED };
    }
  }

  async #act(request: Extract<Request, { kind: 'action' }>): Promise<Response> {
    const { invoke, method, parameters } = request;
    const { channel } = this.#settings;
    const proof = parameters?.type === 'octets' ? parameters.bytes : undefined;
    const challenge = this.#challenge;
    const isAnswer = method.classId === ASSOCIATION_CLASS && method.index === 1;
    if (!isAnswer || proof === undefined || channel === undefined || challenge === undefined) {
      return { kind: 'action', invoke, refusal: DENIED };
    }
    this.#challenge = undefined;
    this.#isTrusted = channel.accepts(proof, challenge);
    if (!this.#isTrusted) return { kind: 'action', invoke, refusal: DENIED };
    const bytes = await channel.answer(this.#clientChallenge);
    return { kind: 'action', invoke, refusal: SUCCESS, result: { data: { type: 'octets', bytes } } };
  }

  #get(attribute: Attribute): Result {
    const object = this.#find(attribute);
    const data = object === undefined ? undefined : heldBy(object, attribute, this.#settings.seconds());
    return data === undefined ? { refusal: UNDEFINED } : { data };
  }

  #set(attribute: Attribute, data: Parameters<NonNullable<PlayedObject['set']>>[1]): number {
    const object = this.#find(attribute);
    if (object === undefined) return UNDEFINED;
    return object.set?.(attribute.index, data) === true ? SUCCESS : DENIED;
  }

  #find({ classId, name }: Attribute): PlayedObject | undefined {
    return this.#settings.objects.find((object) => object.classId === classId && object.name === name);
  }

  /** IEC 62056-53, 7.4.1.8: what is too long goes out in blocks. */
  #oneOrBlocks(invoke: number, response: Extract<Response, { kind: 'get' | 'get-list' }>): Response {
    if (this.longestWhole !== undefined || encodeResponse(response).length <= this.#longest) return response;
    this.#rest = { bytes: contentOf(response), number: 0 };
    return this.#nextBlock(invoke, 0);
  }

  get #longest(): number {
    const { maxPdu } = this.#settings;
    const takes = this.#agreed?.maxPdu ?? 0;
    return takes === 0 ? maxPdu : Math.min(maxPdu, takes);
  }

  #nextBlock(invoke: number, acknowledged: number): Response {
    const rest = this.#rest;
    if (rest === undefined || acknowledged !== rest.number) {
      return { kind: 'get-block', invoke, block: { number: acknowledged, refusal: NO_LONG_GET } };
    }
    const bytes = rest.bytes.subarray(0, this.#longest - BLOCK_OVERHEAD);
    const number = rest.number + 1;
    const left = rest.bytes.subarray(bytes.length);
    this.#rest = left.length === 0 ? undefined : { bytes: left, number };
    return { kind: 'get-block', invoke, block: { last: left.length === 0, number, bytes } };
  }
}

/** What the blocks of a long answer make together. */
function contentOf(response: Extract<Response, { kind: 'get' | 'get-list' }>): Buffer {
  if (response.kind === 'get') return 'data' in response.result ? encodeData(response.result.data) : Buffer.alloc(0);
  const items = response.results.map((result) =>
    'data' in result ? Buffer.concat([Buffer.of(0), encodeData(result.data)]) : Buffer.of(1, result.refusal),
  );
  return Buffer.concat([encodeLength(items.length), ...items]);
}

function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
