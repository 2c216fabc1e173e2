import type { DriverContext, Pushed } from '../../src/collect/driver.ts';
import { MeterPoints } from '../meter/meter-points.ts';
import { withoutParity } from '../meter/seven-bits.ts';
import { localZone } from '../meter/time.ts';
import { PushFramer, type PushPiece } from './push-framer.ts';
import type { Device } from './session.ts';
import { ReadoutReader } from './values.ts';

/** Understands what a meter of mode D says by itself. */
export class PushEar {
  readonly #context: DriverContext;
  readonly #framer = new PushFramer();
  readonly #points: MeterPoints | undefined;
  readonly #reader: ReadoutReader;
  readonly #softwareParity: boolean;

  constructor(device: Device | undefined, softwareParity: boolean, context: DriverContext) {
    this.#context = context;
    this.#points = device === undefined ? undefined : new MeterPoints(device);
    this.#reader = new ReadoutReader(device?.settings.timezone ?? localZone());
    this.#softwareParity = softwareParity;
  }

  /** What was said in the bytes that arrived. */
  hear(bytes: Buffer): readonly Pushed[] {
    return this.#framer
      .push(this.#softwareParity ? withoutParity(bytes) : bytes)
      .flatMap((piece) => this.#heard(piece));
  }

  #heard(piece: PushPiece): readonly Pushed[] {
    const { clock, observe, tap } = this.#context;
    const show = (meaning: string): void => tap.listener?.({ direction: 'received', bytes: piece.raw, meaning });
    if (piece.kind === 'noise') {
      show('noise');
      observe('noise', undefined, `${piece.raw.length} bytes that are no readout`);
      return [];
    }
    if (piece.kind === 'broken') {
      show(`no readout: ${piece.why}`);
      observe(piece.isChecksum ? 'checksum-error' : 'malformed-frame', undefined, piece.why);
      return [];
    }
    show(`${piece.identification.text}: ${piece.sets.length} data sets`);
    if (this.#points === undefined) return [];
    return [this.#points.take(this.#reader.values(piece.sets, clock.wall()), clock.monotonic())];
  }
}
