import type { DestinationSettings } from '../config/configuration.ts';
import type { Journal, SalvagedJournal } from '../journal/journal.ts';
import type { Clock } from '../model/clock.ts';
import { GatewayError } from '../model/errors.ts';
import type { PointNumber } from '../model/reading.ts';
import type { Report } from '../ops/events.ts';
import { catalogueOf, type Catalogue } from './catalogue.ts';
import type { Uplink } from './destination.ts';
import type { DataEncoder, FormatSession, KnownPoint } from './format.ts';
import type { Outbox } from './outbox.ts';
import type { Lane } from './window.ts';

// A centre that asks again and again must not keep us from delivering.
const SHORTEST_REPEAT = 1000; // milliseconds

export type IntroductionContext = {
  readonly settings: Pick<DestinationSettings, 'select' | 'name'>;
  readonly report: Report;
  readonly journal: Pick<Journal, 'points'>;
  readonly clock: Clock;
  /** Numbers of the points that there are today. */
  readonly points: () => readonly PointNumber[];
  readonly speech: FormatSession;
  readonly uplink: Pick<Uplink, 'subscribe'>;
  readonly outbox: Pick<Outbox, 'tell'>;
  /** Told of the error that ends the session. */
  readonly failed: (error: unknown) => void;
};

/** What a destination must be told before data, and again when points have been added or when it asks. */
export class Introduction {
  readonly #context: IntroductionContext;
  #catalogue: Catalogue | undefined;
  #pointsKnown = -1;
  readonly #filters = new Set<string>();
  #madeAt = -Infinity;
  #cancelRepeat: (() => void) | undefined;

  constructor(context: IntroductionContext) {
    this.#context = context;
  }

  /** Subscribes to what the format listens to; resolves once the far end has agreed. */
  async subscribe(): Promise<void> {
    const { speech, uplink, settings, report } = this.#context;
    const fresh = speech.filters(this.#current().points).filter((filter) => !this.#filters.has(filter));
    for (const filter of fresh) this.#filters.add(filter);
    try {
      await uplink.subscribe(fresh);
    } catch (error) {
      if (!speech.mayBeDeaf || !(error instanceof GatewayError) || error.code !== 'destination-refused') throw error;
      report('commands-unheard', { destination: settings.name, error: error.message });
    }
  }

  /**
   * An encoder that knows all points of now; the destination is told of new ones first. With `salvaged` it is for batches
   * of that journal.
   */
  encoder(lane: Lane, salvaged?: Pick<SalvagedJournal, 'epoch' | 'points'>): DataEncoder {
    const known = this.#catalogue;
    const catalogue = this.#current();
    if (catalogue !== known || this.#madeAt === -Infinity) this.#make();
    const { speech } = this.#context;
    if (salvaged === undefined) return speech.encoder(lane, catalogue.lookup);
    const { points, epoch } = salvaged;
    const lookup = (number: PointNumber): KnownPoint | null => {
      const now = points.get(number);
      return now === undefined ? null : catalogue.lookup(now);
    };
    return speech.encoder(lane, lookup, epoch);
  }

  /** Makes the introduction once more, soon if not at once. */
  repeat(): void {
    const { clock } = this.#context;
    const wait = this.#madeAt + SHORTEST_REPEAT - clock.monotonic();
    if (this.#madeAt === -Infinity || this.#cancelRepeat !== undefined) return;
    if (wait <= 0) this.#make();
    else this.#cancelRepeat = clock.after(wait, () => this.#make());
  }

  close(): void {
    this.#cancelRepeat?.();
  }

  #make(): void {
    const { speech, outbox, clock, failed } = this.#context;
    this.#cancelRepeat?.();
    this.#cancelRepeat = undefined;
    this.#madeAt = clock.monotonic();
    outbox.tell(speech.introduction(this.#current().points, clock.wall()));
    this.subscribe().catch(failed);
  }

  #current(): Catalogue {
    const { journal, points, settings } = this.#context;
    if (this.#catalogue === undefined || this.#pointsKnown !== journal.points.size) {
      this.#pointsKnown = journal.points.size;
      this.#catalogue = catalogueOf(journal.points, points(), settings.select);
    }
    return this.#catalogue;
  }
}
