import type { Worker } from 'node:worker_threads';
import { withDeadline } from '../model/clock.ts';
import { asGatewayError, GatewayError } from '../model/errors.ts';
import type { PointDefinition } from '../model/point.ts';
import type { Range } from '../model/ranges.ts';
import type { PointNumber } from '../model/reading.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';
import { isDoubtful } from './clock-state.ts';
import type { Anchor, ClockState, CommittedBatch, CorrectionRecord, DestinationState, Epoch } from './journal.ts';
import type {
  GapRecord,
  HistoryPage,
  HistoryQuery,
  Journal,
  JournalStatus,
  ReadLimit,
  SealedBatch,
  Stretch,
} from './journal.ts';
import type { Evictions } from './ledger.ts';
import type { Answers, Call, Fault, FromWorker, Opened, ToWorker } from './messages.ts';
import type { JournalOptions } from './open.ts';
import { Outlet } from './outlet.ts';
import type { Quarantine } from './quarantine.ts';
import { RecentBatches } from './recent-batches.ts';

/** What the client asks the worker for by itself, and how many milliseconds later. */
const delays = {
  settle: 5_000, // at most what was acknowledged in this time is sent again after a crash
  tend: 60_000,
  retry: 1_000,
} as const;

const CLOSE_WITHIN = 10_000;

// A clock that is wrong by years would make retention drop everything; what is too old can wait for a day.
const LONG_JUMP = 86_400_000; // milliseconds
const PROBATION = 86_400_000;

// A second and more of the highest rate; a forwarder that is further behind reads from the disk.
const RECENT_BYTES = 2 * 1_048_576;

/** Someone who waits for the worker. Methods, so that each may expect its own kind of answer. */
interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** The journal as the main thread sees it: passes everything on to the worker, and keeps at hand what is live. */
export class JournalClient implements Journal, AsyncDisposable {
  readonly gateway: string;
  readonly epoch: Epoch;
  readonly points: Map<PointNumber, PointDefinition>;
  readonly anchors: Map<number, Anchor>;
  readonly #worker: Worker;
  readonly #options: JournalOptions;
  readonly #recent: RecentBatches;
  readonly #outlet: Outlet;
  readonly #correctionListeners = new Set<(destination: string) => void>();
  readonly #gapListeners = new Set<(destination: string) => void>();
  /** In the order in which they were sent, which is that of the answers. */
  readonly #appending: { readonly batch: SealedBatch; readonly waiting: Waiting }[] = [];
  readonly #calls = new Map<number, Waiting>();
  readonly #timers = new Map<keyof typeof delays, () => void>();
  /** Since when the clock says what it says, monotonic milliseconds; before it has jumped. */
  #trustedFrom: number;
  #callsMade = 0;
  #fullSince: number | undefined;
  /** Why there is no more use in asking; also once it is closed. */
  #failure: GatewayError | undefined;
  #closing: Promise<void> | undefined;

  constructor(worker: Worker, opened: Opened, options: JournalOptions) {
    this.#worker = worker;
    this.#options = options;
    this.gateway = options.gateway;
    this.epoch = opened.epoch;
    this.points = new Map(opened.points);
    this.anchors = new Map(opened.anchors.map((anchor) => [anchor.number, anchor]));
    const { last, lastKnown } = opened;
    this.#recent = new RecentBatches(RECENT_BYTES, last);
    const isOpen = !isDoubtful(this.#anchor.state);
    this.#outlet = new Outlet({ last, isOpen, read: (range, limit) => this.read(range, limit) });
    this.#trustedFrom = this.#trustAfter(lastKnown === 0 ? 0 : this.#now - lastKnown);
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => this.#fail(asGatewayError(error, 'journal-failed')));
    worker.on('exit', () => this.#fail(new GatewayError('journal-failed', `the journal in ${options.path} has ended`)));
    if (opened.quarantine !== undefined) this.#tellDamage(opened.quarantine);
    this.#tend();
  }

  get last(): number {
    return this.#outlet.last;
  }

  async intern(definitions: readonly PointDefinition[]): Promise<readonly PointNumber[]> {
    const numbers = await this.#call<'intern'>({ name: 'intern', definitions });
    for (const [index, definition] of definitions.entries()) {
      const number = numbers[index];
      if (number !== undefined) this.points.set(number, definition);
    }
    return numbers;
  }

  async anchor(offset: number, state: ClockState): Promise<Anchor> {
    const sent = this.#outlet.mayBeOut;
    const { anchor, anchors, uncorrected } = await this.#call<'anchor'>({ name: 'anchor', offset, state, sent });
    this.#trustedFrom = Math.max(this.#trustedFrom, this.#trustAfter(offset - this.#anchor.offset));
    for (const each of anchors) this.anchors.set(each.number, each);
    for (const destination of uncorrected) for (const listener of this.#correctionListeners) listener(destination);
    return anchor;
  }

  release(): Promise<void> {
    return this.#outlet.open();
  }

  append(batch: SealedBatch): Promise<CommittedBatch> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const { buffer } = batch.body;
      this.#post({ type: 'append', batch, now: this.#now }, buffer instanceof ArrayBuffer ? [buffer] : []);
      this.#appending.push({ batch, waiting: { resolve, reject } });
    });
  }

  onCommit(listener: (batch: CommittedBatch) => void): () => void {
    return this.#outlet.listen(listener);
  }

  async read(range: Range, limit: ReadLimit): Promise<Stretch> {
    if (this.#failure !== undefined) throw this.#failure;
    return (
      this.#recent.read(range, this.#outlet.committed, limit) ?? this.#call<'read'>({ name: 'read', range, limit })
    );
  }

  history(query: HistoryQuery): Promise<HistoryPage> {
    return this.#call<'history'>({ name: 'history', query });
  }

  destinations(names: readonly string[]): Promise<readonly DestinationState[]> {
    return this.#call<'destinations'>({ name: 'destinations', names });
  }

  acknowledged(destination: string, range: Range): void {
    this.#post({ type: 'acknowledged', destination, range });
    this.#later('settle');
  }

  rewind(destination: string, span: RewindSpan): Promise<Rewound> {
    return this.#call<'rewind'>({ name: 'rewind', destination, span });
  }

  gaps(destination: string): Promise<readonly GapRecord[]> {
    return this.#call<'gaps'>({ name: 'gaps', destination });
  }

  onGap(listener: (destination: string) => void): () => void {
    this.#gapListeners.add(listener);
    return () => this.#gapListeners.delete(listener);
  }

  announced(_destination: string, gap: number): void {
    this.#post({ type: 'announced', gap });
    this.#later('settle');
  }

  corrections(destination: string): Promise<readonly CorrectionRecord[]> {
    return this.#call<'corrections'>({ name: 'corrections', destination });
  }

  onCorrection(listener: (destination: string) => void): () => void {
    this.#correctionListeners.add(listener);
    return () => this.#correctionListeners.delete(listener);
  }

  corrected(_destination: string, correction: number): void {
    this.#post({ type: 'corrected', correction });
    this.#later('settle');
  }

  status(): Promise<JournalStatus> {
    return this.#call<'status'>({ name: 'status' });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Why it failed everybody has been told who waited for it.
    if (this.#failure === undefined) await this.close();
    else await this.#worker.terminate();
  }

  async #close(): Promise<void> {
    const { clock, path } = this.#options;
    const late = (): Error => new GatewayError('journal-failed', `the journal in ${path} did not close in time`);
    try {
      if (this.#failure !== undefined) throw this.#failure;
      await withDeadline(this.#call<'close'>({ name: 'close' }), { clock, milliseconds: CLOSE_WITHIN, late });
    } finally {
      this.#fail(new GatewayError('journal-failed', `the journal in ${path} is closed`));
      await this.#worker.terminate();
    }
  }

  /** The newest one. */
  get #anchor(): Anchor {
    const anchor = [...this.anchors.values()].at(-1);
    if (anchor === undefined) throw new TypeError('a journal has an anchor from its opening on');
    return anchor;
  }

  /** Not what the host says, which may be 1970. */
  get #now(): number {
    return Math.round(this.#options.clock.monotonic() + this.#anchor.offset);
  }

  /** From when on a clock that has jumped by so many milliseconds is believed to tell what is too old to be kept. */
  #trustAfter(jump: number): number {
    return Math.abs(jump) > LONG_JUMP ? this.#options.clock.monotonic() + PROBATION : -Infinity;
  }

  #call<Name extends Call['name']>(call: Extract<Call, { name: Name }>): Promise<Answers[Name]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const id = this.#callsMade++;
      this.#calls.set(id, { resolve, reject });
      this.#post({ type: 'call', id, call, now: this.#now });
    });
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    if (this.#failure === undefined) this.#worker.postMessage(message, transfer);
  }

  #later(what: keyof typeof delays): void {
    if (this.#timers.has(what) || this.#failure !== undefined) return;
    const cancel = this.#options.clock.after(delays[what], () => {
      this.#timers.delete(what);
      if (what === 'tend') this.#tend();
      else this.#post({ type: what, now: this.#now });
      if (what === 'retry' && this.#fullSince !== undefined) this.#later('retry');
    });
    this.#timers.set(what, cancel);
  }

  #tend(): void {
    const aged = !isDoubtful(this.#anchor.state) && this.#options.clock.monotonic() >= this.#trustedFrom;
    this.#post({ type: 'tend', now: this.#now, aged });
    this.#later('tend');
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'committed':
        return this.#committed(message.first, message.bodies);
      case 'answer':
      case 'refusal':
        return this.#answered(message);
      case 'evicted':
        return this.#evicted(message.evictions);
      case 'more':
        return this.#tend();
      case 'full':
      case 'recovered':
      case 'failed':
        return this.#trouble(message);
    }
  }

  #trouble(message: Extract<FromWorker, { type: 'full' | 'recovered' | 'failed' }>): void {
    if (message.type === 'full') this.#full(message.fault);
    else if (message.type === 'recovered') this.#recovered();
    else this.#fail(errorOf(message.fault));
  }

  #committed(first: number, bodies: readonly Uint8Array[]): void {
    let next = first;
    for (const body of bodies) {
      const appended = this.#appending.shift();
      if (appended === undefined) throw new TypeError('the journal committed what nobody appended');
      const batch: CommittedBatch = { ...appended.batch, body, first: next };
      next += batch.count;
      this.#recent.add(batch);
      appended.waiting.resolve(batch);
      this.#outlet.take(batch);
    }
  }

  #answered(message: Extract<FromWorker, { type: 'answer' | 'refusal' }>): void {
    const waiting = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if (message.type === 'answer') waiting?.resolve(message.answer);
    else waiting?.reject(errorOf(message.fault));
  }

  #evicted(evictions: readonly Evictions[]): void {
    for (const { gone, gaps } of evictions) {
      this.#recent.remove(gone);
      for (const { destination, range, reason } of gaps) {
        this.#options.report('gap-written', { destination, ...range, reason });
        for (const listener of this.#gapListeners) listener(destination);
      }
    }
  }

  #tellDamage({ folder, facts: { why, epoch } }: Quarantine): void {
    this.#options.report('journal-damaged', { error: why, folder, former: epoch ?? 'unknown', epoch: this.epoch });
  }

  #full(fault: Fault): void {
    this.#fullSince = this.#options.clock.monotonic();
    this.#options.report('journal-full', { error: fault.message });
    this.#later('retry');
  }

  #recovered(): void {
    const since = this.#fullSince ?? 0;
    this.#fullSince = undefined;
    const seconds = Math.round((this.#options.clock.monotonic() - since) / 1_000);
    this.#options.report('journal-recovered', { seconds });
  }

  /** From now on everybody is refused, also who waits already. The first reason counts. */
  #fail(error: GatewayError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const cancel of this.#timers.values()) cancel();
    for (const { waiting } of this.#appending.splice(0)) waiting.reject(error);
    for (const waiting of this.#calls.values()) waiting.reject(error);
    this.#calls.clear();
  }
}

function errorOf({ code, message }: Fault): GatewayError {
  return new GatewayError(code, message);
}
