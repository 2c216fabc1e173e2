import { randomBytes } from 'node:crypto';
import { GatewayError } from '../../src/model/errors.ts';
import {
  decodeResponse,
  encodeRequest,
  tags,
  type Attribute,
  type Place,
  type Request,
  type Response,
  type Result,
} from './apdu.ts';
import {
  contexts,
  decodeAssociationResponse,
  encodeAssociationRequest,
  encodeReleaseRequest,
  tags as associationTags,
  mechanisms,
  type AssociationResponse,
} from './association.ts';
import { decodeData, takeData, type Data } from './data.ts';
import {
  conformance,
  decodeInitiateResponse,
  describeServiceError,
  encodeInitiateRequest,
  type Initiate,
} from './initiate.ts';
import type { Link } from './link.ts';
import { malformed, Reader } from './reader.ts';
import { AUTHENTICATION_FAILURE, AUTHENTICATION_REQUIRED, explainDiagnostic, explainException } from './results.ts';
import type { SecureChannel } from './secure-channel.ts';
import { ShortNames } from './short-names.ts';

/** How we prove who we are. */
export type Proof =
  | { readonly kind: 'none' }
  | { readonly kind: 'lls'; readonly password: Buffer }
  | { readonly kind: 'hls5-gmac' };

export type ClientSettings = {
  /** For messages. */
  readonly name: string;
  readonly proof: Proof;
  /** How the meter names its objects; absent: logical. */
  readonly naming?: 'logical' | 'short';
  /** With it everything is protected. */
  readonly channel?: SecureChannel;
  /** Long APDUs may go in general blocks; the link has to know them. */
  readonly generalBlocks?: boolean;
  /** Has the channel protect everything with a key for this association alone. */
  readonly dedicated?: boolean;
  /** A random challenge for the meter. */
  readonly challenge?: () => Buffer;
  /** The numbers of requests, which their answers repeat; absent: round and round. */
  readonly invoke?: () => number;
};

const PROPOSED =
  conformance['block-transfer-get'] |
  conformance['block-transfer-set'] |
  conformance['block-transfer-action'] |
  conformance['multiple-references'] |
  conformance.access |
  conformance.get |
  conformance.set |
  conformance['selective-access'] |
  conformance.action;

const PROPOSED_SHORT =
  conformance.read |
  conformance.write |
  conformance['unconfirmed-write'] |
  conformance['multiple-references'] |
  conformance['information-report'] |
  conformance['parameterized-access'];

const LONGEST_PDU = 0xffff;
const CHALLENGE_BYTES = 16;
const KEY_BYTES = 16; // of suite 0

// Green Book 4.4.2: the association object, and its method that takes the answer to a challenge.
const ASSOCIATION: Place = { classId: 15, name: '0-0:40.0.0', index: 1 };

// Confirmed, with high priority; the lowest four bits number the request.
const SERVICE_CLASS = 0xc0;
const NUMBERS = 16;

// 64 000 rows of a load profile; whoever sends more means no good.
const MOST_BYTES = 16 * 1_024 * 1_024;
const MOST_BLOCKS = 65_536; // which may be empty

/** IEC 62056-53: an association with one meter, by logical names. Rejects as its link does, and with `device-refused`. */
export class CosemClient {
  readonly #link: Link;
  readonly #settings: ClientSettings;
  #agreed: Initiate = { conformance: 0, maxPdu: LONGEST_PDU };
  readonly #shortNames: ShortNames;
  #number = 0;

  constructor(link: Link, settings: ClientSettings) {
    this.#link = link;
    this.#settings = settings;
    this.#shortNames = new ShortNames((apdu, take, signal) => link.exchange(apdu, take, signal));
  }

  get #isShort(): boolean {
    return this.#settings.naming === 'short';
  }

  /** Whether the meter takes several attributes in one request. */
  get takesLists(): boolean {
    return !this.#isShort && (this.#agreed.conformance & conformance['multiple-references']) !== 0;
  }

  /** Bytes of the longest APDU that the meter takes. */
  get maxPdu(): number {
    return this.#agreed.maxPdu === 0 ? LONGEST_PDU : this.#agreed.maxPdu;
  }

  /** Associates; `access-refused` says why the meter does not want to. */
  async associate(signal: AbortSignal): Promise<void> {
    const { channel, proof } = this.#settings;
    const challenge = this.#settings.challenge?.() ?? randomBytes(CHALLENGE_BYTES);
    const dedicatedKey = this.#makeKey();
    const request = await this.#associationRequest(challenge, dedicatedKey);
    const response = await this.#link.exchange(
      request,
      (answer) => (answer[0] === associationTags.response ? decodeAssociationResponse(answer) : undefined),
      signal,
    );
    this.#requireAccepted(response);
    if (response.title !== undefined) channel?.meet(response.title);
    this.#agreed = this.#agreedIn(response);
    if (dedicatedKey !== undefined) channel?.dedicate(dedicatedKey);
    if (proof.kind === 'hls5-gmac') await this.#prove(response, challenge, signal);
  }

  /** A key for this association alone, where there is to be one. */
  #makeKey(): Buffer | undefined {
    const { channel, dedicated } = this.#settings;
    channel?.begin();
    return channel !== undefined && dedicated === true ? randomBytes(KEY_BYTES) : undefined;
  }

  async #associationRequest(challenge: Buffer, dedicatedKey: Buffer | undefined): Promise<Buffer> {
    const { channel, proof } = this.#settings;
    const initiate = encodeInitiateRequest({
      conformance: this.#proposed,
      maxPdu: LONGEST_PDU,
      ...(dedicatedKey !== undefined && { dedicatedKey }),
    });
    return encodeAssociationRequest({
      context: this.#context,
      ...(channel !== undefined && { title: channel.title }),
      ...authenticationBy(proof, challenge),
      information: (await channel?.protect(initiate)) ?? initiate,
    });
  }

  get #proposed(): number {
    if (this.#isShort) return PROPOSED_SHORT;
    return PROPOSED | (this.#settings.generalBlocks === true ? conformance['general-block-transfer'] : 0);
  }

  get #context(): number {
    if (this.#isShort) return contexts.sn;
    return this.#settings.channel === undefined ? contexts.ln : contexts['ln-ciphered'];
  }

  #requireAccepted({ result, diagnostic: { source, code } }: AssociationResponse): void {
    const isWanted = code === AUTHENTICATION_REQUIRED && this.#settings.proof.kind === 'hls5-gmac';
    if (result === 0 && (code === 0 || source === 'provider' || isWanted)) return;
    const why = code === AUTHENTICATION_FAILURE ? this.#wrongSecret() : explainDiagnostic(source, code);
    throw this.#locked(`refuses the association: ${why}`);
  }

  #wrongSecret(): string {
    const { kind } = this.#settings.proof;
    if (kind === 'lls') return 'the password is wrong';
    return kind === 'hls5-gmac' ? 'the keys are wrong' : 'it wants a password or keys';
  }

  #agreedIn({ information }: AssociationResponse): Initiate {
    const { channel } = this.#settings;
    const isProtected = information !== undefined && channel?.isProtected(information) === true;
    const plain = isProtected ? channel?.unprotect(information) : information;
    if (plain === undefined) throw malformed('an association without its content, or one that was heard before');
    return decodeInitiateResponse(plain);
  }

  /** HLS: each side answers the challenge of the other. */
  async #prove({ authentication }: AssociationResponse, challenge: Buffer, signal: AbortSignal): Promise<void> {
    const { channel } = this.#settings;
    if (authentication === undefined || channel === undefined) throw malformed('an association without a challenge');
    const answer = await channel.answer(authentication);
    const response = await this.request(
      { kind: 'action', method: ASSOCIATION, parameters: { type: 'octets', bytes: answer } },
      signal,
    );
    if (response.kind !== 'action') throw malformed(`${response.kind} in answer to an action`);
    const { result } = response;
    const proof =
      result !== undefined && 'data' in result && result.data.type === 'octets' ? result.data.bytes : undefined;
    if (response.refusal !== 0 || proof === undefined) {
      throw this.#locked('refuses the association: the keys are wrong');
    }
    if (!channel.accepts(proof, challenge)) {
      throw this.#locked(
        'has not proved that it knows the keys: it is another meter, or has another authentication key',
      );
    }
  }

  /** One request and its answer. */
  async request(request: Numberless, signal: AbortSignal): Promise<Response> {
    return this.#ask({ ...request, invoke: this.#nextNumber() }, signal);
  }

  async #ask(request: Request, signal: AbortSignal): Promise<Response> {
    const { channel } = this.#settings;
    const apdu = encodeRequest(request);
    const sent = channel === undefined ? apdu : await channel.protect(apdu);
    return this.#link.exchange(sent, (answer) => this.#answerTo(request, answer), signal);
  }

  /** Undefined where it answers what was asked before. */
  #answerTo(request: Request, answer: Buffer): Response | undefined {
    const { channel } = this.#settings;
    if (answer[0] === tags.exceptionResponse) throw this.#refused(`refuses a request: ${explainException(answer)}`);
    if (answer[0] === associationTags.response) return undefined;
    const plain = channel === undefined ? answer : channel.unprotect(answer);
    if (plain === undefined) return undefined;
    if (plain[0] === tags.confirmedServiceError) {
      throw this.#refused(`refuses a request: ${describeServiceError(plain)}`);
    }
    const response = decodeResponse(plain);
    return isAnswer(request, response) ? response : undefined;
  }

  #nextNumber(): number {
    const number = this.#settings.invoke?.() ?? (this.#number = (this.#number + 1) % NUMBERS);
    return SERVICE_CLASS | number;
  }

  /** The value of an attribute, or why there is none. */
  async get(attribute: Attribute, signal: AbortSignal): Promise<Result> {
    if (this.#isShort) return this.#shortNames.get(attribute, signal);
    const response = await this.request({ kind: 'get', attribute }, signal);
    if (response.kind === 'get') return response.result;
    const whole = await this.#blocks(response, signal);
    return Buffer.isBuffer(whole) ? { data: decodeData(whole) } : whole;
  }

  /** The same of several at once, in their order. */
  async getList(attributes: readonly Attribute[], signal: AbortSignal): Promise<readonly Result[]> {
    const response = await this.request({ kind: 'get-list', attributes }, signal);
    const results = response.kind === 'get-list' ? response.results : await this.#listInBlocks(response, signal);
    if (results.length !== attributes.length) {
      throw malformed(`${results.length} values in answer to ${attributes.length} attributes`);
    }
    return results;
  }

  async #listInBlocks(first: Response, signal: AbortSignal): Promise<readonly Result[]> {
    const whole = await this.#blocks(first, signal);
    if (!Buffer.isBuffer(whole)) throw this.#refused(`refuses a list of attributes (${whole.refusal})`);
    return takeResults(whole);
  }

  /** IEC 62056-53, 7.4.1.8: what does not fit into one APDU comes in blocks, each of which is asked for. */
  async #blocks(first: Response, signal: AbortSignal): Promise<Buffer | { readonly refusal: number }> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for (let response = first, number = 1; number <= MOST_BLOCKS; number += 1) {
      if (response.kind !== 'get-block') throw malformed(`${response.kind} in answer to a get`);
      const { block } = response;
      if (block.number !== number) throw malformed(`block ${block.number} instead of ${number}`);
      if ('refusal' in block) return { refusal: block.refusal };
      parts.push(block.bytes);
      bytes += block.bytes.length;
      if (block.last) return Buffer.concat(parts);
      if (bytes > MOST_BYTES) throw malformed(`an answer of more than ${MOST_BYTES} bytes`);
      // 7.4.1.8: all that belongs to one answer bears the number of its request.
      response = await this.#ask(
        { kind: 'get-next', invoke: SERVICE_CLASS | (first.invoke & (NUMBERS - 1)), block: number },
        signal,
      );
    }
    throw malformed(`an answer of more than ${MOST_BLOCKS} blocks`);
  }

  /** Sets an attribute; 0 where the meter did, else why not. */
  async set(attribute: Attribute, data: Data, signal: AbortSignal): Promise<number> {
    if (this.#isShort) throw this.#refused('is only read: by short names nothing is written');
    const response = await this.request({ kind: 'set', attribute, data }, signal);
    if (response.kind !== 'set') throw malformed(`${response.kind} in answer to a set`);
    return response.refusal;
  }

  async release(signal: AbortSignal): Promise<void> {
    await this.#link.exchange(
      encodeReleaseRequest(),
      (answer) => answer[0] === associationTags.releaseResponse || undefined,
      signal,
    );
  }

  #locked(why: string): GatewayError {
    return new GatewayError('access-refused', `${this.#settings.name} ${why}`);
  }

  #refused(why: string): GatewayError {
    return new GatewayError('device-refused', `${this.#settings.name} ${why}`);
  }
}

type Numberless = Request extends infer One ? (One extends Request ? Omit<One, 'invoke'> : never) : never;

function authenticationBy(
  proof: Proof,
  challenge: Buffer,
): { readonly mechanism: number; readonly authentication?: Buffer } {
  if (proof.kind === 'none') return { mechanism: mechanisms.none };
  if (proof.kind === 'lls') return { mechanism: mechanisms.low, authentication: proof.password };
  return { mechanism: mechanisms.gmac, authentication: challenge };
}

/** A meter may say twice what it said before: the number tells, or that of the block. */
function isAnswer(request: Request, response: Response): boolean {
  if (((request.invoke ^ response.invoke) & (NUMBERS - 1)) !== 0) return false;
  if (request.kind !== 'get-next') return true;
  return response.kind === 'get-block' && response.block.number > request.block;
}

function takeResults(bytes: Buffer): readonly Result[] {
  const reader = new Reader(bytes);
  const count = reader.length();
  if (count > reader.left) throw malformed(`${count} values in ${reader.left} bytes`);
  const results = Array.from({ length: count }, (): Result => {
    return reader.uint8() === 0 ? { data: takeData(reader) } : { refusal: reader.uint8() };
  });
  reader.end();
  return results;
}
