import { withDeadline, type Clock } from '../../src/model/clock.ts';
import { GatewayError, messageOf } from '../../src/model/errors.ts';
import type { Library } from '../../src/wire/opcua-library.ts';
import type { Access, StackSession } from './access.ts';

/** A node, and what of it is asked for. */
export type ReadRequest = {
  readonly nodeId: string;
  /** Its value when absent. */
  readonly attribute?: Library.AttributeIds;
  readonly indexRange?: string | undefined;
};

/** The most that one request may ask, as the server says (Part 5, 6.3.11). */
export type OperationLimits = Readonly<Record<keyof typeof limitNodes, number>>;

// Of Server_ServerCapabilities_OperationLimits (Part 6, annex A).
const limitNodes = { read: 11_705, write: 11_707, browse: 11_710, items: 11_714, history: 12_165 } as const;

// Where a server names no limit, or a higher one: messages stay below what small servers can take.
const usualLimits: OperationLimits = { read: 1_000, write: 500, browse: 100, items: 1_000, history: 50 };

/** Refusals of a request that would have been granted had it asked for less. */
const tooMuch = ['BadTooManyOperations', 'BadRequestTooLarge', 'BadResponseTooLarge', 'BadEncodingLimitsExceeded'];

/** Refusals that say that the session is no more. */
const sessionEnds = ['BadSessionIdInvalid', 'BadSessionClosed', 'BadSessionNotActivated', 'BadSecureChannelClosed'];

/** What is asked of one server: each request has a deadline and a size that the server can take. */
export class Services {
  readonly library: typeof Library;
  readonly session: StackSession;
  readonly clock: Clock;
  readonly #connection: string;
  readonly #timeout: number;
  readonly #gone: Promise<never>;
  #limits: OperationLimits = usualLimits;

  constructor(
    access: Access,
    options: { readonly connection: string; readonly clock: Clock; readonly timeout: number },
  ) {
    this.library = access.library;
    this.session = access.session;
    this.clock = options.clock;
    this.#connection = options.connection;
    this.#timeout = options.timeout;
    this.#gone = access.lost.then((error) => Promise.reject(error));
    this.#gone.catch(() => undefined); // whoever asks meanwhile is told
  }

  get limits(): OperationLimits {
    return this.#limits;
  }

  /** Milliseconds within which an answer has to come. */
  get timeout(): number {
    return this.#timeout;
  }

  /**
   * The answer to a request. Rejects with `connection-lost`, `no-answer` after the timeout, `device-refused` named as the
   * server named it, or the signal's reason.
   */
  async ask<T>(what: string, request: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const late = (): Error => {
      const message = `connection ${this.#connection}: no answer to ${what} within ${this.#timeout} ms`;
      return new GatewayError('no-answer', message);
    };
    try {
      const answer = Promise.race([request(), this.#gone]);
      return await withDeadline(answer, { clock: this.clock, milliseconds: this.#timeout, late, signal });
    } catch (error) {
      if (signal.aborted || error instanceof GatewayError) throw error;
      throw this.fault(what, error);
    }
  }

  /** What an error of the stack means. */
  fault(what: string, error: unknown): GatewayError {
    const status = serviceStatus(error);
    const text = `connection ${this.#connection}: ${what}: ${status ?? messageOf(error)}`;
    const isEnd = status === undefined || sessionEnds.includes(status);
    return new GatewayError(isEnd ? 'connection-lost' : 'device-refused', text, { cause: error });
  }

  /** Values of nodes, in as many requests as it takes; each with a status of its own. Rejects as `ask` does. */
  async read(nodes: readonly ReadRequest[], signal: AbortSignal): Promise<readonly Library.DataValue[]> {
    const values: Library.DataValue[] = [];
    for (const part of portions(nodes, this.limits.read)) values.push(...(await this.#readPart(part, signal)));
    return values;
  }

  /** The value of one node, whatever its type; undefined where it has none. */
  async value(nodeId: string, signal: AbortSignal): Promise<unknown> {
    const [value] = await this.read([{ nodeId }], signal);
    return value?.statusCode.isGood() === true ? value.value.value : undefined;
  }

  /** Learns what the server can take at once; keeps to the usual where it does not say. */
  async learnLimits(signal: AbortSignal): Promise<void> {
    const names = keysOf(limitNodes);
    const values = await this.read(
      names.map((name) => ({ nodeId: `i=${limitNodes[name]}` })),
      signal,
    );
    const known = names.map((name, index) => {
      const limit: unknown = values[index]?.value.value;
      return [name, typeof limit === 'number' && limit > 0 ? Math.min(limit, usualLimits[name]) : usualLimits[name]];
    });
    this.#limits = { ...usualLimits, ...Object.fromEntries(known) };
  }

  async #readPart(nodes: readonly ReadRequest[], signal: AbortSignal): Promise<readonly Library.DataValue[]> {
    const { AttributeIds } = this.library;
    const toRead = nodes.map(({ nodeId, attribute = AttributeIds.Value, indexRange }) => ({
      nodeId,
      attributeId: attribute,
      ...(indexRange !== undefined && { indexRange: new this.library.NumericRange(indexRange) }),
    }));
    try {
      const values = await this.ask('a read', () => this.session.read(toRead), signal);
      if (values.length === nodes.length) return values;
      throw new GatewayError('answer-malformed', `asked for ${nodes.length} values, the server sent ${values.length}`);
    } catch (error) {
      if (nodes.length < 2 || !asksTooMuch(error)) throw error;
      const half = Math.ceil(nodes.length / 2);
      this.#limits = { ...this.#limits, read: half };
      return [
        ...(await this.#readPart(nodes.slice(0, half), signal)),
        ...(await this.#readPart(nodes.slice(half), signal)),
      ];
    }
  }
}

/** Whether the server would have answered a smaller request. */
function asksTooMuch(error: unknown): boolean {
  return error instanceof GatewayError && tooMuch.some((name) => error.message.endsWith(name));
}

/** `BadTooManyOperations` of the fault with which a server answered; undefined where it did not answer. */
export function serviceStatus(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const response: unknown = 'response' in error ? error.response : undefined;
  const header = propertyOf(response, 'responseHeader');
  const name = propertyOf(propertyOf(header, 'serviceResult'), 'name');
  return typeof name === 'string' ? name : /\b(Bad[A-Z][A-Za-z]+)\b/.exec(error.message)?.[1];
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Parts of at most `size`. */
export function portions<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, index) => list.slice(index * size, (index + 1) * size));
}

function keysOf<T extends object>(table: T): readonly (keyof T & string)[] {
  return Object.keys(table).filter((key): key is keyof T & string => key in table);
}
