import { clockStates, isBetter } from '../journal/clock-state.ts';
import type { ClockState } from '../journal/journal.ts';
import type { Range } from '../model/ranges.ts';
import { digest, isUnsure, unsureDigest } from './digest.ts';
import type { ReceivedReading } from './message.ts';

// The same identity must always carry the same content, so a digest of 32 bits is kept for every sequence delivered.
// Memory is bounded: what was longest untouched is forgotten first, and a repeat of it counts as unverified, never as right.

// Sequences, 1 KiB of digests: the newest of thousands of gateways fit beside each other.
const CHUNK = 256;

type Chunk = {
  readonly home: Map<number, Chunk>;
  readonly index: number;
  /** By sequence modulo CHUNK; 0 where nothing was delivered. */
  readonly digests: Uint32Array;
  /** By sequence modulo CHUNK, the place in `clockStates` of what a correction may still better; made when it is needed. */
  doubts: Uint8Array | undefined;
  /** Made before anything of its sequences was delivered, so that a 0 means "was not there" and not "is forgotten". */
  readonly whole: boolean;
};

/** The bound that all gateways share: the last `readings` sequences, about 4 bytes each, 5 where the time is not for sure. */
export class ContentMemory {
  readonly #mostChunks: number;
  /** Longest untouched first. */
  readonly #chunks = new Set<Chunk>();
  #newest: Chunk | undefined;

  constructor(readings: number) {
    this.#mostChunks = Math.max(1, Math.ceil(readings / CHUNK));
  }

  touch(chunk: Chunk): void {
    if (chunk === this.#newest) return;
    this.#newest = chunk;
    this.#chunks.delete(chunk);
    this.#chunks.add(chunk);
    for (const oldest of this.#chunks) {
      if (this.#chunks.size <= this.#mostChunks) return;
      this.#chunks.delete(oldest);
      oldest.home.delete(oldest.index);
    }
  }
}

/** How a repeat compares with the first delivery; `appeared`: that had no such reading. */
export type Verdict = 'same' | 'changed' | 'appeared' | 'unverified';

/** What one gateway delivered in one epoch. */
export class DeliveredContent {
  readonly #memory: ContentMemory;
  readonly #chunks = new Map<number, Chunk>();

  constructor(memory: ContentMemory) {
    this.#memory = memory;
  }

  /** Notes a first delivery; `untouched` answers whether nothing of a range was delivered before. */
  remember(reading: ReceivedReading, untouched: (range: Range) => boolean): void {
    const index = Math.floor(reading.seq / CHUNK);
    const chunk = this.#chunks.get(index) ?? this.#open(index, untouched);
    this.#memory.touch(chunk);
    chunk.digests[reading.seq % CHUNK] = digest(reading);
  }

  /** Holds a repeat against the first delivery. */
  compare(reading: ReceivedReading): Verdict {
    const chunk = this.#chunks.get(Math.floor(reading.seq / CHUNK));
    const known = chunk?.digests[reading.seq % CHUNK] ?? 0;
    if (known === 0) return chunk?.whole === true ? 'appeared' : 'unverified';
    if (isUnsure(known)) return known === unsureDigest(reading) ? 'same' : 'changed';
    // It was sent before the gateway knew the time for sure, and comes after what it sent then.
    if (reading.clock !== undefined) return 'unverified';
    return known === digest(reading) ? 'same' : 'changed';
  }

  /** Notes that no correction has reached a reading which is remembered. */
  doubt({ seq, clock = 'synchronised' }: ReceivedReading): void {
    const chunk = this.#chunks.get(Math.floor(seq / CHUNK));
    if (chunk === undefined || clock === 'synchronised') return;
    chunk.doubts ??= new Uint8Array(CHUNK);
    chunk.doubts[seq % CHUNK] = clockStates.indexOf(clock);
  }

  /** How many readings of `range` a correction to `clock` is the first to reach, as far as is remembered. */
  correct(range: Range, clock: ClockState): number {
    let count = 0;
    for (const chunk of this.#chunks.values()) {
      if (chunk.doubts === undefined) continue;
      for (const slot of slotsOf(chunk, range)) {
        if (!isBetter(clock, clockStates[chunk.doubts[slot] ?? 0] ?? 'synchronised')) continue;
        chunk.doubts[slot] = 0;
        count += 1;
      }
    }
    return count;
  }

  /** The sequences of `range` that are remembered as delivered. */
  remembered(range: Range): number[] {
    const sequences: number[] = [];
    for (const chunk of this.#chunks.values()) {
      for (const slot of slotsOf(chunk, range)) {
        if (chunk.digests[slot] !== 0) sequences.push(chunk.index * CHUNK + slot);
      }
    }
    return sequences;
  }

  #open(index: number, untouched: (range: Range) => boolean): Chunk {
    const base = index * CHUNK;
    const whole = untouched({ after: base - 1, upto: base + CHUNK - 1 });
    const chunk = { home: this.#chunks, index, digests: new Uint32Array(CHUNK), doubts: undefined, whole };
    this.#chunks.set(index, chunk);
    return chunk;
  }
}

/** The slots of a chunk whose sequences lie in `range`. */
function* slotsOf({ index }: Chunk, { after, upto }: Range): Generator<number> {
  const base = index * CHUNK;
  const end = Math.min(CHUNK, upto + 1 - base);
  for (let slot = Math.max(0, after + 1 - base); slot < end; slot += 1) yield slot;
}
