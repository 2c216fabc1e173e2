import type { DestinationSettings } from '../config/configuration.ts';
import type { Journal } from '../journal/journal.ts';
import { type Clock, withDeadline } from '../model/clock.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { clipRanges, subtractRange, type Range } from '../model/ranges.ts';
import type { PointNumber } from '../model/reading.ts';
import type { Report } from '../ops/events.ts';
import { BacklogLane } from './backlog-lane.ts';
import { catalogueOf, type Catalogue } from './catalogue.ts';
import { Composer } from './composer.ts';
import type { Uplink } from './destination.ts';
import type { DataEncoder, Format, GatewayIdentity, MessageLimits } from './format.ts';
import type { LaneContext } from './lane.ts';
import { LiveLane } from './live-lane.ts';
import { Outbox } from './outbox.ts';
import { packetOverhead } from './packet-size.ts';
import { Probation } from './probation.ts';
import type { Progress } from './progress.ts';
import { topicOf } from './topic.ts';
import { Window, type Lane, type Pass } from './window.ts';

const MOST_READINGS = 1000; // a message; a broker's work is per message, and the centre's patience ends somewhere
const SMALL_TAIL = 2000; // readings; what so short an absence left behind is as good as live
const LONGEST_FAREWELL = 2000; // milliseconds for the acknowledgements that are still out

export type SessionContext = {
  readonly settings: DestinationSettings;
  readonly identity: GatewayIdentity;
  readonly format: Format;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly report: Report;
  readonly progress: Progress;
  /** Numbers of the points that there are today: configured, or described by a device. */
  readonly points: () => readonly PointNumber[];
  /** Told of each delivered data message. */
  readonly delivered: () => void;
};

/** Behind what the live lane begins: the newest reading, or the little that a short absence has left. */
function liveStart({ pending, suspicion }: Progress, last: number): number {
  const tail = pending.at(-1)?.after ?? last;
  if (last - tail > SMALL_TAIL) return last;
  return Math.max(tail, ...suspicion.unclear.map(({ upto }) => upto));
}

function noFarewell(): Error {
  return new GatewayError('destination-lost', 'no acknowledgement before the end');
}

/** One connection's worth of delivery: what is unacknowledged when it ends is still pending in `progress`. */
export class Session {
  readonly #context: SessionContext;
  readonly #uplink: Uplink;
  readonly #window: Window;
  readonly #probation: Probation;
  readonly #outbox: Outbox;
  readonly #live: LiveLane;
  readonly #backlog: BacklogLane;
  #catalogue: Catalogue | undefined;
  #pointsKnown = -1;
  /** To be sent once another message has been taken. */
  #held: Range | undefined;
  #taken = false;
  #ended: { readonly reason: unknown } | undefined;

  constructor(context: SessionContext, uplink: Uplink) {
    const { settings, journal, clock, progress } = context;
    this.#context = context;
    this.#uplink = uplink;
    this.#window = new Window(1, clock);
    this.#probation = new Probation(clock);
    uplink.onHeard(() => this.#probation.heard());
    this.#outbox = new Outbox({
      ...context,
      destination: settings.name,
      uplink,
      window: this.#window,
      probation: this.#probation,
      repair: (task) => this.#backlog.repair(task),
      delivered: () => this.#delivered(),
      failed: (error) => this.#end(error),
    });
    const after = liveStart(progress, journal.last);
    this.#backlog = new BacklogLane(this.#laneContext('backlog'), journal, settings.backlog);
    this.#live = new LiveLane(this.#laneContext('live'), journal, after, (range) => this.#backlog.add(range));
    const { tasks, unclear, held } = progress.suspicion;
    this.#held = held;
    for (const task of tasks) this.#backlog.repair(task);
    for (const range of unclear.reduce(subtractRange, clipRanges(progress.pending, { after: 0, upto: after }))) {
      this.#backlog.add(range);
    }
    this.#widen();
  }

  get inFlight(): number {
    return this.#window.inFlight;
  }

  /** Sequences of the backlog lane that are not acknowledged. */
  get behind(): number {
    return this.#backlog.waiting + this.#outbox.backlog;
  }

  /** Delivers until `signal` aborts, then takes leave in an orderly way. Rejects when the session ends otherwise. */
  async run(signal: AbortSignal): Promise<void> {
    const { journal, settings, format, identity, clock } = this.#context;
    const stop = (): void => this.#end(new GatewayError('destination-lost', 'the gateway stops'));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const stopGaps = journal.onGap((name) => name === settings.name && this.#outbox.announceGaps());
    this.#own(this.#uplink.closed.then((reason) => this.#end(reason)));
    this.#outbox.tell(format.status(identity, 'online', clock.wall()));
    this.#outbox.announceGaps();
    const lanes = [this.#live.run(), this.#backlog.run()];
    for (const lane of lanes) this.#own(lane);
    await Promise.allSettled(lanes);
    stopGaps();
    signal.removeEventListener('abort', stop);
    if (signal.aborted) return this.#takeLeave();
    const reason = this.#ended?.reason;
    if (reason instanceof GatewayError && reason.code === 'destination-lost') {
      this.#context.progress.suspicion.ended(this.#outbox.unacknowledged, this.#taken);
    }
    this.#probation.failed();
    throw reason;
  }

  #delivered(): void {
    this.#context.delivered();
    this.#widen();
    this.#taken = true;
    if (this.#held !== undefined) this.#backlog.repair({ range: this.#held, readings: 1 });
    this.#held = undefined;
  }

  /** One message at a time as long as one of them may be what ended an earlier connection. */
  #widen(): void {
    const { settings, progress } = this.#context;
    this.#window.widen(progress.suspicion.isOpen ? 1 : Math.min(settings.window, this.#uplink.limits.inFlight));
  }

  /** The first reason ends everything that this session does. */
  #end(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    const error = reason instanceof Error ? reason : new Error(messageOf(reason));
    this.#window.close(error);
    this.#live.close(error);
    this.#backlog.close(error);
  }

  #own(task: Promise<unknown>): void {
    task.catch((error: unknown) => this.#end(error));
  }

  /** Whether or not it hears of our leaving: what it has not acknowledged stays pending. */
  async #takeLeave(): Promise<void> {
    const { clock, format, identity } = this.#context;
    const farewell = async (): Promise<void> => {
      await this.#outbox.settled();
      await this.#uplink.publish(format.status(identity, 'stopped', clock.wall()));
      await this.#uplink.goodbye();
    };
    await withDeadline(farewell(), { clock, milliseconds: LONGEST_FAREWELL, late: noFarewell }).then(
      () => this.#probation.passed(),
      () => this.#probation.failed(),
    );
  }

  #laneContext(lane: Lane): LaneContext {
    const { journal, clock } = this.#context;
    const composer = new Composer({ lane, journal, clock, createEncoder: () => this.#createEncoder() });
    const limits = (pass: Pass): MessageLimits => ({
      readings: MOST_READINGS,
      bytes: Math.min(pass.bytes, this.#largestPayload(lane), this.#context.progress.suspicion.bytes),
    });
    return { clock, window: this.#window, composer, limits, send: (draft, pass) => this.#outbox.send(draft, pass) };
  }

  #largestPayload(lane: Lane): number {
    const { gateway, epoch } = this.#context.identity;
    const covers = `${Number.MAX_SAFE_INTEGER},${Number.MAX_SAFE_INTEGER}`;
    return this.#uplink.limits.packet - packetOverhead(topicOf(gateway, lane), { gateway, epoch, covers });
  }

  /** An encoder that knows all points of now; the destination is told of new ones first. */
  #createEncoder(): DataEncoder {
    const { journal, points, settings, format, identity } = this.#context;
    if (this.#catalogue === undefined || this.#pointsKnown !== journal.points.size) {
      this.#pointsKnown = journal.points.size;
      this.#catalogue = catalogueOf(journal.points, points(), settings.select);
      this.#outbox.tell(format.catalogue(identity, this.#catalogue.points));
    }
    return format.encoder(identity, this.#catalogue.lookup);
  }
}
