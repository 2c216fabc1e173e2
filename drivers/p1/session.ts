import type { DriverContext, DriverDevice, Pushed } from '../../src/collect/driver.ts';
import { clockDeviation } from '../meter/clock-deviation.ts';
import { MeterPoints } from '../meter/meter-points.ts';
import type { MeterAddress } from '../meter/point-schema.ts';
import { KeptCounters } from '../meter/kept-counters.ts';
import { unverified } from '../meter/unverified.ts';
import { CipherFramer, type Admit, type CipherPiece, type Keys } from './cipher.ts';
import { P1Framer, type P1Piece } from './framer.ts';
import type { DeviceSettings } from './schema.ts';
import { parseTelegram, type Telegram } from './telegram.ts';
import { P1Reader } from './values.ts';

export type Device = DriverDevice<DeviceSettings, MeterAddress>;

const UNCHECKED = 'it lacks the checksum that those before it had';

/** Understands what the meter on a P1 port says. */
export class P1Ear {
  readonly #context: DriverContext;
  readonly #framer = new P1Framer();
  readonly #cipher: CipherFramer | undefined;
  readonly #counters = new Map<string, KeptCounters>();
  readonly #unverified: boolean;
  readonly #points: MeterPoints | undefined;
  readonly #reader: P1Reader;
  /** A meter that has once sent a checksum never leaves it out. */
  #checked = false;

  constructor(device: Device | undefined, keys: Keys | undefined, context: DriverContext) {
    this.#context = context;
    this.#cipher = keys === undefined ? undefined : new CipherFramer(keys, this.#admitter(keys));
    this.#unverified = keys?.verify === false;
    this.#points = device === undefined ? undefined : new MeterPoints(device);
    this.#reader = new P1Reader(device?.settings.timezone ?? 'UTC');
  }

  /** The counters of each meter are its own, and outlive us. */
  #admitter({ key }: Keys): Admit {
    const { state, clock } = this.#context;
    return (meter, counter) => {
      const owner = { protocol: 'p1', device: meter } as const;
      const known = this.#counters.get(meter) ?? new KeptCounters(state, owner, key, () => clock.monotonic());
      this.#counters.set(meter, known);
      return known.admit(counter);
    };
  }

  /** Remembers over a restart what was heard last. */
  async keep(): Promise<void> {
    await Promise.all([...this.#counters.values()].map((counters) => counters.keep()));
  }

  /** What was said in the bytes that arrived. */
  hear(bytes: Buffer): readonly Pushed[] {
    if (this.#cipher === undefined) return this.#framer.push(bytes).flatMap((piece) => this.#heard(piece));
    return this.#cipher.push(bytes).flatMap((piece) => this.#opened(piece));
  }

  #opened(piece: CipherPiece): readonly Pushed[] {
    if (piece.kind === 'noise') return this.#noise(piece.raw);
    if (piece.kind === 'refused') {
      this.#refused(piece.raw, piece.isReplay ? 'foreign-frame' : 'checksum-error', piece.why);
      return [];
    }
    this.#show(piece.raw, this.#unverified ? 'encrypted, its tag NOT VERIFIED' : 'encrypted, its tag is right');
    // Each holds one telegram: nothing of the one before may still wait.
    return new P1Framer().push(piece.text).flatMap((one) => this.#heard(one));
  }

  #heard(piece: P1Piece): readonly Pushed[] {
    if (piece.kind === 'noise') return this.#noise(piece.raw);
    if (piece.kind === 'broken') {
      this.#refused(piece.raw, piece.isChecksum ? 'checksum-error' : 'malformed-frame', piece.why);
      return [];
    }
    const telegram = this.#checked && !piece.checked ? UNCHECKED : parseTelegram(piece);
    if (typeof telegram !== 'string') return this.#telegram(telegram, piece);
    this.#refused(piece.raw, 'malformed-frame', telegram);
    return [];
  }

  #telegram(
    { identification, sets, malformed }: Telegram,
    { checked, raw }: Extract<P1Piece, { kind: 'telegram' }>,
  ): readonly Pushed[] {
    this.#checked ||= checked;
    this.#show(raw, `${identification}: ${sets.length} objects`);
    for (const line of malformed) {
      this.#context.observe('malformed-frame', undefined, `"${line}" is no object; the others are taken`);
    }
    if (this.#points === undefined) return [];
    const { clock } = this.#context;
    const { values, time } = this.#reader.values(sets);
    const deviation = time === undefined ? [] : [clockDeviation(time, clock.wall())];
    const pushed = this.#points.take([...values, ...deviation], clock.monotonic());
    return [this.#unverified ? { ...pushed, readings: pushed.readings.map(unverified) } : pushed];
  }

  #noise(raw: Buffer): readonly Pushed[] {
    this.#refused(raw, 'noise', `${raw.length} bytes that are no telegram`);
    return [];
  }

  #refused(raw: Buffer, event: Parameters<DriverContext['observe']>[0], why: string): void {
    this.#show(raw, event === 'noise' ? 'noise' : `no telegram: ${why}`);
    this.#context.observe(event, undefined, why);
  }

  #show(bytes: Buffer, meaning: string): void {
    this.#context.tap.listener?.({ direction: 'received', bytes, meaning });
  }
}
