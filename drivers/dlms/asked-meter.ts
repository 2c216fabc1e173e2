import type { DriverContext, DriverPoint } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Value } from '../../src/model/reading.ts';
import type { MeterContent } from '../meter/value.ts';
import type { Attribute, Result } from './apdu.ts';
import type { CosemClient } from './client.ts';
import { contentOf, type Scale } from './content.ts';
import { encodeLike } from './encode-like.ts';
import { scalerUnitOf } from './lists.ts';
import type { Link } from './link.ts';
import { isScaled, likelyPlaces, scalerPlace } from './objects.ts';
import { explainResult, reasonOf, saysOtherClass } from './results.ts';
import type { PointAddress } from './schema.ts';

export type Point = DriverPoint<PointAddress>;

/** Where a value is, and what it is multiplied by; learned once. */
type Known = { readonly place: Attribute; readonly scale: Scale | undefined };

// Milliseconds. Meters let go of whoever is silent for two minutes, and some say nothing about it.
const LONGEST_IDLE = 60_000;

// More would seldom fit into what a meter takes or answers at once.
const MOST_IN_LIST = 8;

/** What is known of a meter, whichever connection it is reached by. */
export type Memory = {
  readonly known: Map<string, Known>;
  /** Who it said it was. */
  name: string | undefined;
  takesLists: boolean;
};

export function blankMemory(): Memory {
  return { known: new Map(), name: undefined, takesLists: true };
}

/** A meter that is asked for its values. Its methods reject as links do. */
export class AskedMeter {
  readonly #link: Link;
  readonly #client: CosemClient;
  readonly #memory: Memory;
  readonly #context: DriverContext;
  readonly #id: string;
  #associated = false;
  #usedAt = Number.NEGATIVE_INFINITY;

  constructor(
    id: string,
    parts: { readonly link: Link; readonly client: CosemClient; readonly memory: Memory },
    context: DriverContext,
  ) {
    this.#id = id;
    this.#link = parts.link;
    this.#client = parts.client;
    this.#memory = parts.memory;
    this.#context = context;
  }

  /** Asks the meter for something; an association is made where there is none. */
  async use<T>(work: (client: CosemClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#associate(signal);
    try {
      const began = this.#context.clock.monotonic();
      const done = await work(this.#client);
      this.#usedAt = this.#context.clock.monotonic();
      this.#context.answered(this.#id, this.#usedAt - began);
      return done;
    } catch (error) {
      // What it still answers must not be taken for the answer to something else.
      if (!isRefusal(error)) this.#associated = false;
      throw error;
    }
  }

  /** Reads points as far as it gets: `take` is told of each. */
  async read(
    points: readonly Point[],
    take: (point: Point, content: MeterContent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const known = points.filter(({ address }) => this.#memory.known.has(keyOf(address)));
    for (const part of this.#parts(known)) await this.#readKnown(part, take, signal);
    for (const point of points) {
      if (!known.includes(point)) take(point, await this.#readNew(point.address, signal));
    }
  }

  /**
   * Sets an attribute to what makes its point show `value`. Rejects with `device-refused`, or with `write-refused` where
   * the meter cannot hold it.
   */
  async write({ address, id }: Point, value: Value, signal: AbortSignal): Promise<void> {
    if (!this.#memory.known.has(keyOf(address))) await this.#readNew(address, signal);
    const known = this.#memory.known.get(keyOf(address));
    if (known === undefined) throw new GatewayError('device-refused', `${id}: the meter does not let it be read`);
    const { place, scale } = known;
    const held = await this.use((client) => client.get(place, signal), signal);
    if (!('data' in held)) throw new GatewayError('device-refused', `${id}: ${explainResult(held.refusal)}`);
    const data = encodeLike(held.data, value, { scale, unit: address.unit });
    const refusal = await this.use((client) => client.set(place, data, signal), signal);
    if (refusal !== 0) throw new GatewayError('device-refused', `${id}: ${explainResult(refusal)}`);
  }

  async release(signal: AbortSignal): Promise<void> {
    if (!this.#associated) return;
    this.#associated = false;
    await this.#link.disconnect(signal);
  }

  async #associate(signal: AbortSignal): Promise<void> {
    const now = this.#context.clock.monotonic();
    if (this.#associated && now - this.#usedAt < LONGEST_IDLE) return;
    if (this.#associated) await this.release(signal);
    await this.#link.connect(signal);
    await this.#client.associate(signal);
    this.#associated = true;
    await this.#recognise(signal);
  }

  /** A meter that was put in the place of another has its own scalers. */
  async #recognise(signal: AbortSignal): Promise<void> {
    const result = await this.#client.get(LOGICAL_DEVICE_NAME, signal);
    const content = 'data' in result ? contentOf(result.data) : undefined;
    const name = content?.kind === 'text' ? content.text : undefined;
    if (name === this.#memory.name) return;
    this.#memory.known.clear();
    this.#memory.name = name;
    this.#memory.takesLists = true;
  }

  /** Points that are asked for together. */
  #parts(points: readonly Point[]): readonly (readonly Point[])[] {
    const size = this.#client.takesLists && this.#memory.takesLists ? MOST_IN_LIST : 1;
    return Array.from({ length: Math.ceil(points.length / size) }, (_, index) =>
      points.slice(index * size, (index + 1) * size),
    );
  }

  async #readKnown(
    points: readonly Point[],
    take: (point: Point, content: MeterContent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const known = points.map(({ address }) => this.#memory.known.get(keyOf(address)));
    const places = known.flatMap((each) => each?.place ?? []);
    const results = await this.#getAll(places, signal);
    for (const [index, point] of points.entries()) {
      const result = results[index];
      if (result !== undefined) take(point, contentOfResult(result, known[index]?.scale));
    }
  }

  async #getAll(places: readonly Attribute[], signal: AbortSignal): Promise<readonly Result[]> {
    const [only] = places;
    if (places.length > 1) {
      try {
        return await this.use((client) => client.getList(places, signal), signal);
      } catch (error) {
        // Some offer lists and then refuse them.
        if (!isRefusal(error)) throw error;
        this.#memory.takesLists = false;
      }
    }
    const results: Result[] = [];
    for (const place of places.length > 1 || only === undefined ? places : [only]) {
      results.push(await this.use((client) => client.get(place, signal), signal));
    }
    return results;
  }

  /** Finds out what the object is, and what its numbers are multiplied by. */
  async #readNew(address: PointAddress, signal: AbortSignal): Promise<MeterContent> {
    let refusal = 0;
    for (const place of likelyPlaces(address)) {
      const result = await this.use((client) => client.get(place, signal), signal);
      if ('data' in result) return this.#learn(address, place, result, signal);
      refusal = result.refusal;
      if (!saysOtherClass(refusal)) break;
    }
    return { kind: 'none', reason: reasonOf(refusal) };
  }

  async #learn(address: PointAddress, place: Attribute, result: Result, signal: AbortSignal): Promise<MeterContent> {
    const at = isScaled(place) ? scalerPlace(place.name, place.classId) : undefined;
    const told = at === undefined ? undefined : await this.use((client) => client.get(at, signal), signal);
    if (told !== undefined && 'refusal' in told) return { kind: 'none', reason: reasonOf(told.refusal) };
    const scale = told === undefined ? undefined : scalerUnitOf(told.data);
    // A number without its scaler may be wrong by any power of ten.
    if (told !== undefined && scale === undefined) return { kind: 'none', reason: 'malformed-answer' };
    this.#memory.known.set(keyOf(address), { place, scale });
    return contentOfResult(result, scale);
  }
}

/** What a meter is called: there is no other of this name. */
export const LOGICAL_DEVICE_NAME: Attribute = { classId: 1, name: '0-0:42.0.0', index: 2 };

function keyOf({ obis = '', object = 0, attribute = 0 }: PointAddress): string {
  return `${obis} ${object} ${attribute}`;
}

function contentOfResult(result: Result, scale: Scale | undefined): MeterContent {
  if ('refusal' in result) return { kind: 'none', reason: reasonOf(result.refusal) };
  return contentOf(result.data, scale) ?? { kind: 'none', reason: 'type-mismatch' };
}

/** Whether the meter answered, and said no. */
function isRefusal(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'device-refused';
}
