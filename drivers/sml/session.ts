import type { DriverContext, DriverDevice, Pushed } from '../../src/collect/driver.ts';
import { clockDeviation } from '../meter/clock-deviation.ts';
import { MeterPoints } from '../meter/meter-points.ts';
import type { MeterAddress } from '../meter/point-schema.ts';
import { parseFile, type SmlList } from './file.ts';
import { SmlFramer, type Checksum, type SmlPiece } from './framer.ts';
import type { DeviceSettings } from './schema.ts';
import { SmlFault } from './tree.ts';
import { valuesOf, type Deviation } from './values.ts';

export type Device = DriverDevice<DeviceSettings, MeterAddress>;

type Listener = { readonly device: Device; readonly points: MeterPoints };

/** Understands what the meters on one line say. */
export class SmlEar {
  readonly #context: DriverContext;
  readonly #deviations: ReadonlySet<Deviation>;
  readonly #accepted: readonly Checksum[];
  readonly #framer: SmlFramer;
  readonly #listeners: readonly Listener[];

  constructor(devices: readonly Device[], deviations: readonly Deviation[], context: DriverContext) {
    this.#context = context;
    this.#deviations = new Set(deviations);
    this.#accepted = this.#deviations.has('kermit-checksum') ? ['x25', 'kermit'] : ['x25'];
    this.#framer = new SmlFramer(this.#accepted);
    this.#listeners = devices.map((device) => ({ device, points: new MeterPoints(device) }));
  }

  /** What was said in the bytes that arrived. */
  hear(bytes: Buffer): readonly Pushed[] {
    return this.#framer.push(bytes).flatMap((piece) => this.#heard(piece));
  }

  #heard(piece: SmlPiece): readonly Pushed[] {
    if (piece.kind === 'file') return this.#file(piece.messages, piece.raw);
    if (piece.kind === 'noise') {
      this.#show(piece.raw, 'noise');
      this.#context.observe('noise', undefined, `${piece.raw.length} bytes that are no SML`);
    } else {
      this.#show(piece.raw, `no file: ${piece.why}`);
      this.#context.observe(piece.isChecksum ? 'checksum-error' : 'malformed-frame', undefined, piece.why);
    }
    return [];
  }

  #file(messages: Buffer, raw: Buffer): readonly Pushed[] {
    try {
      const lists = parseFile(messages, this.#accepted);
      this.#show(raw, lists.map(describeList).join('; '));
      return lists.flatMap((list) => this.#list(list));
    } catch (error) {
      if (!(error instanceof SmlFault)) throw error;
      this.#show(raw, `no file: ${error.message}`);
      this.#context.observe('malformed-frame', undefined, error.message);
      return [];
    }
  }

  #list(list: SmlList): readonly Pushed[] {
    const { clock, observe } = this.#context;
    const server = list.server.toString('hex');
    const listener = this.#listeners.find(({ device: { settings } }) => (settings.server ?? server) === server);
    if (listener === undefined) {
      // Who listens for no meter at all, as a trace does, finds none foreign.
      if (this.#listeners.length > 0) {
        observe('foreign-frame', undefined, `server ${server} is none of the configured meters`);
      }
      return [];
    }
    const values = valuesOf(list, this.#deviations);
    const { time } = list;
    const isClock = time?.kind === 'instant' && time.seconds > 0;
    const deviation = isClock ? [clockDeviation(time.seconds * 1_000, clock.wall())] : [];
    return [listener.points.take([...values, ...deviation], clock.monotonic())];
  }

  #show(bytes: Buffer, meaning: string): void {
    this.#context.tap.listener?.({ direction: 'received', bytes, meaning });
  }
}

function describeList({ server, entries }: SmlList): string {
  return `server ${server.toString('hex')}: ${entries.length} values`;
}
