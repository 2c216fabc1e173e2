import type { Journal, SalvagedJournal } from '../journal/journal.ts';
import { unlessAborted, withDeadline } from '../model/clock.ts';
import type { CommandResult } from '../model/command.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { clipRanges, subtractRange, type Range, type Ranges } from '../model/ranges.ts';
import { AlarmLane } from './alarm-lane.ts';
import { BacklogLane } from './backlog-lane.ts';
import { Bell } from './bell.ts';
import { Composer, type Draft } from './composer.ts';
import type { Incoming, Uplink } from './destination.ts';
import type { MessageLimits } from './format.ts';
import { Introduction } from './introduction.ts';
import type { LaneContext } from './lane.ts';
import { LiveLane, liveStart } from './live-lane.ts';
import { Outbox, type OutboxContext } from './outbox.ts';
import { LAST_MOMENTS, Probation } from './probation.ts';
import type { Progress } from './progress.ts';
import { SalvageDeliveries, type Salvage } from './salvage-delivery.ts';
import type { SessionContext } from './session-context.ts';
import { Window, type Lane, type Pass, type Priority } from './window.ts';

const MOST_READINGS = 1000; // a message; a broker's work is per message, and the centre's patience ends somewhere
const LONGEST_FAREWELL = 2000; // milliseconds for the acknowledgements that are still out
const LAG = 2; // keep-alives that a connection must outlive what nobody acknowledges
const LONGEST_WAIT_FOR_HOST = 30_000; // milliseconds, where there is another broker to look for it

function noFarewell(): Error {
  return new GatewayError('destination-lost', 'no acknowledgement before the end');
}

/** Where a lane takes from, and hands to. */
type Origin = {
  readonly outbox: Outbox;
  readonly progress: Progress;
  readonly journal: Pick<Journal, 'anchors' | 'points'>;
  readonly salvaged?: SalvagedJournal;
};

type Lanes = { readonly live: LiveLane; readonly backlog: BacklogLane; readonly alarms: AlarmLane };

type Ended = {
  readonly reason: unknown;
  /** It is our wish: we take leave. */
  readonly orderly: boolean;
};

/** One connection's worth of delivery: what is unacknowledged when it ends is still pending in `progress`. */
export class Session {
  readonly #context: SessionContext;
  readonly #uplink: Uplink;
  readonly #window: Window;
  readonly #probation: Probation;
  readonly #outbox: Outbox;
  readonly #introduction: Introduction;
  readonly #host = new Bell();
  readonly #over = new AbortController();
  #lanes: Lanes | undefined;
  readonly #salvages = new SalvageDeliveries();
  #cancelHealth: () => void = () => undefined;
  readonly #telling = new Set<CommandResult>();
  /** To be sent once another message has been taken. */
  #held: Range | undefined;
  #taken = false;
  #ended: Ended | undefined;

  constructor(context: SessionContext, uplink: Uplink) {
    const { settings, delivery, clock } = context;
    this.#context = context;
    this.#uplink = uplink;
    this.#window = new Window(1, clock);
    this.#probation = new Probation(
      clock,
      delivery.acknowledgement === 'lagging' ? LAG * settings.keepAlive : LAST_MOMENTS,
    );
    uplink.onHeard(() => this.#probation.heard());
    uplink.onMessage((incoming) => this.#heard(incoming));
    this.#outbox = new Outbox({
      ...this.#outboxContext(),
      repair: (task) => this.#lanes?.backlog.repair(task),
    });
    const failed = (error: unknown): void => this.#end(error);
    this.#introduction = new Introduction({ ...context, uplink, outbox: this.#outbox, failed });
  }

  get inFlight(): number {
    return this.#window.inFlight;
  }

  /** No data message waits for its acknowledgement; when it ended, none did then. */
  get isIdle(): boolean {
    return this.#outbox.unacknowledged.length === 0;
  }

  /** Sequences of the backlog lane that are not acknowledged; undefined before the first is looked for. */
  get behind(): number | undefined {
    if (this.#lanes === undefined) return undefined;
    return this.#lanes.backlog.waiting + this.#outbox.backlog + this.#salvages.behind;
  }

  /** Connected, and silent until the one who must be there says so. */
  get isWaiting(): boolean {
    return this.#lanes === undefined && this.#context.speech.isWaiting;
  }

  /** Sends what was asked for once more, and tells of what is gone. */
  rewound(repeats: Ranges): void {
    if (this.#lanes === undefined) return; // they begin with all that is pending
    for (const range of repeats) this.#lanes.backlog.add(range);
    void this.#outbox.announceGaps();
  }

  /** Delivers what was salvaged of a damaged journal too. */
  salvage(salvage: Salvage): void {
    if (this.#lanes === undefined) return; // they begin with all that there are
    const { settings } = this.#context;
    this.#salvages.start(salvage, {
      ...this.#outboxContext(),
      order: settings.backlog,
      lane: (outbox, { salvaged, progress }) => {
        const journal = { anchors: salvaged.journal.anchors, points: this.#context.journal.points };
        return this.#laneContext('backlog', { outbox, progress, journal, salvaged });
      },
    });
  }

  /** Leaves it: it is delivered, or of no use. */
  withdraw(salvaged: SalvagedJournal): void {
    this.#salvages.withdraw(salvaged);
  }

  /** Makes the introduction once more. */
  introduce(): void {
    this.#introduction.repeat();
  }

  /** Ends it in good order; `run` then rejects with the reason. */
  leave(reason: GatewayError): void {
    this.#end(reason, true);
  }

  /** Delivers until `signal` aborts, then takes leave in an orderly way. Rejects when the session ends otherwise. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#end(new GatewayError('destination-lost', 'the gateway stops'), true);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    this.#own(this.#uplink.closed.then((reason) => this.#end(reason)));
    const stopListening = this.#listen();
    await this.#work().catch((error: unknown) => this.#end(error));
    stopListening();
    signal.removeEventListener('abort', stop);
    if (this.#ended?.orderly === true) await this.#takeLeave();
    if (signal.aborted) return;
    const reason = this.#ended?.reason;
    if (reason instanceof GatewayError && reason.code === 'destination-lost') {
      this.#context.progress.suspicion.ended(this.#outbox.unacknowledged, this.#taken);
      this.#salvages.lost(this.#taken);
    }
    this.#probation.failed();
    throw reason;
  }

  async #work(): Promise<void> {
    await this.#introduction.subscribe();
    await this.#hostPresent();
    if (this.#ended !== undefined) return;
    const lanes = this.#openLanes();
    void this.#outbox.announceGaps();
    this.#outbox.announceCorrections();
    this.#tellAnswers();
    this.#tellHealth();
    for (const salvage of this.#context.salvages.values()) this.salvage(salvage);
    const running = [lanes.live.run(), lanes.backlog.run(), lanes.alarms.run()];
    for (const lane of running) this.#own(lane);
    await Promise.allSettled(running);
  }

  /** Follows what happens in the gateway; returns the way to stop it. */
  #listen(): () => void {
    const { journal, settings, presence, speech, clock, answers } = this.#context;
    const stopGaps = journal.onGap((name) => {
      if (name === settings.name && this.#lanes !== undefined) void this.#outbox.announceGaps();
    });
    const stopCorrections = journal.onCorrection((name) => {
      if (name === settings.name && this.#lanes !== undefined) this.#outbox.announceCorrections();
    });
    const stopPresence = presence.onChange((device, isLost) => {
      if (this.#lanes !== undefined) this.#outbox.tell(speech.presence(device, isLost, clock.wall()));
    });
    answers.onMore(() => {
      if (this.#lanes !== undefined) this.#tellAnswers();
    });
    return () => {
      answers.onMore(() => undefined);
      this.#cancelHealth();
      stopGaps();
      stopCorrections();
      stopPresence();
      this.#introduction.close();
    };
  }

  async #hostPresent(): Promise<void> {
    const { speech, clock, settings } = this.#context;
    const giveUp = (): void => this.#end(hostAbsent('it does not say that it is there'), true);
    const cancel = settings.failover.length > 0 ? clock.after(LONGEST_WAIT_FOR_HOST, giveUp) : () => undefined;
    try {
      while (speech.isWaiting) await this.#host.heard();
    } finally {
      cancel();
    }
  }

  #heard(incoming: Incoming): void {
    const { speech, settings, command } = this.#context;
    for (const request of speech.understand(incoming)) {
      if (request.kind === 'introduction') this.#introduction.repeat();
      else if (request.kind === 'command') {
        command(request.command, { destination: settings.name, retained: request.retained });
      } else if (request.present) this.#host.ring();
      else if (this.#lanes !== undefined || settings.failover.length > 0) {
        this.#end(hostAbsent('it says that it is offline'), true);
      }
    }
  }

  /** Now, and again whenever its time has come. */
  #tellHealth(): void {
    const { health, speech, clock, settings } = this.#context;
    this.#cancelHealth = clock.after(settings.health, () => this.#tellHealth());
    this.#outbox.tell(speech.health(health(), clock.wall()));
  }

  /** Each until the far end has it: a session that ends before leaves it to the next. */
  #tellAnswers(): void {
    const { answers, speech } = this.#context;
    for (const result of answers.waiting) {
      if (this.#telling.has(result)) continue;
      this.#telling.add(result);
      const messages = speech.result(result);
      if (messages.length === 0) answers.told(result);
      else this.#outbox.tell(messages, () => answers.told(result));
    }
  }

  #openLanes(): Lanes {
    const { journal, settings, progress } = this.#context;
    const after = liveStart(progress, journal.last);
    const own = { outbox: this.#outbox, progress, journal };
    const backlog = new BacklogLane(this.#laneContext('backlog', own), { journal, order: settings.backlog, progress });
    const alarms = new AlarmLane(this.#laneContext('live', own));
    const live = new LiveLane(this.#laneContext('live', own), journal, after, {
      skipped: (range) => backlog.addRecent(range),
      urgent: (batch) => alarms.add(batch),
    });
    const { tasks, unclear, held } = progress.suspicion;
    this.#held = held;
    for (const task of tasks) backlog.repair(task);
    for (const range of unclear.reduce(subtractRange, clipRanges(progress.pending, { after: 0, upto: after }))) {
      backlog.add(range);
    }
    this.#lanes = { live, backlog, alarms };
    this.#widen();
    return this.#lanes;
  }

  #delivered(): void {
    this.#context.delivered();
    this.#widen();
    this.#taken = true;
    this.#salvages.delivered();
    if (this.#held !== undefined) this.#lanes?.backlog.repair({ range: this.#held, readings: 1 });
    this.#held = undefined;
  }

  /** One message at a time as long as one of them may be what ended an earlier connection. */
  #widen(): void {
    const { settings, progress } = this.#context;
    const isOpen = progress.suspicion.isOpen || this.#salvages.isSuspected;
    this.#window.widen(isOpen ? 1 : Math.min(settings.window, this.#uplink.limits.inFlight));
  }

  /** The first reason ends everything that this session does. */
  #end(reason: unknown, orderly = false): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason, orderly };
    const error = reason instanceof Error ? reason : new Error(messageOf(reason));
    this.#over.abort(error);
    this.#host.close(error);
    this.#window.close(error);
    this.#lanes?.live.close(error);
    this.#lanes?.backlog.close(error);
    this.#lanes?.alarms.close(error);
    this.#salvages.close(error);
  }

  #own(task: Promise<unknown>): void {
    task.catch((error: unknown) => this.#end(error));
  }

  /** Whether or not it hears of our leaving: what it has not acknowledged stays pending. */
  async #takeLeave(): Promise<void> {
    const { clock, speech } = this.#context;
    const farewell = async (): Promise<void> => {
      await Promise.all([this.#outbox.settled(), this.#salvages.settled()]);
      const words = this.#lanes === undefined ? [] : speech.farewell(clock.wall());
      for (const message of words) await this.#uplink.publish(message);
      await this.#uplink.goodbye(speech.leavesWithWill ? 'with-will' : undefined);
    };
    await withDeadline(farewell(), { clock, milliseconds: LONGEST_FAREWELL, late: noFarewell }).then(
      () => this.#probation.passed(),
      () => this.#probation.failed(),
    );
  }

  #outboxContext(): Omit<OutboxContext, 'repair'> {
    return {
      ...this.#context,
      destination: this.#context.settings.name,
      uplink: this.#uplink,
      window: this.#window,
      probation: this.#probation,
      delivered: () => this.#delivered(),
      failed: (error) => this.#end(error),
    };
  }

  #laneContext(lane: Lane, { outbox, progress, journal, salvaged }: Origin): LaneContext {
    const { clock, speech } = this.#context;
    const createEncoder = () => this.#introduction.encoder(lane, salvaged);
    const composer = new Composer({ lane, journal, clock, createEncoder });
    const limits = (pass: Pass): MessageLimits => ({
      readings: MOST_READINGS,
      bytes: Math.min(pass.bytes, this.#uplink.limits.packet - speech.overhead, progress.suspicion.bytes),
    });
    const open = (priority: Priority) => this.#context.gate.open(priority, this.#over.signal);
    const send = (draft: Draft, pass: Pass): void => {
      this.#context.gate.spent({ readings: draft.count, bytes: draft.bytes + draft.messages.length * speech.overhead });
      outbox.send(draft, pass);
    };
    const isHeld = (): boolean => this.#context.gate.held !== undefined;
    const lossesTold = (): Promise<void> => unlessAborted(outbox.announceGaps(), this.#over.signal);
    return { clock, window: this.#window, open, isHeld, composer, limits, lossesTold, send };
  }
}

function hostAbsent(why: string): GatewayError {
  return new GatewayError('host-absent', `the primary host application is not there: ${why}`);
}
