import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Range } from '../model/ranges.ts';
import { isFull, journalFault } from './fault.ts';
import type { ReadLimit, SealedBatch, Stretch } from './journal.ts';
import type { Answers, Call, Fault, FromWorker, Opened, Opening, ToWorker } from './messages.ts';
import { Store } from './store.ts';

// Every call into SQLite blocks, and a memory card can take half a second for an fsync: so the journal has this thread.

type AnchorCall = Extract<Call, { name: 'anchor' }>;
type AnsweredAtOnce = Exclude<Call, AnchorCall>;

/** Takes the messages of the main thread in order. All appends that wait become one transaction: one fsync for all. */
class JournalWorker {
  readonly #port: MessagePort;
  readonly #path: string;
  readonly #store: Store;
  #waiting: SealedBatch[] = [];
  /** Like an append, an anchor waits for room: without it nothing that is recorded later has a time. */
  readonly #anchoring: { readonly id: number; readonly call: AnchorCall }[] = [];
  #now: number;
  /** The disk refused what waits: nothing is written until the main thread says that it is time to try again. */
  #blocked = false;
  /** The main thread knows that the disk is full. */
  #full = false;

  constructor(port: MessagePort, { time, ...settings }: Opening) {
    this.#port = port;
    this.#path = settings.path;
    this.#now = time.wall;
    this.#store = new Store(settings, time);
    const { epoch, last, lastKnown, points, anchors, quarantine } = this.#store;
    this.#post({ type: 'opened', epoch, last, lastKnown, points, anchors, quarantine });
  }

  /** Takes `message` and all that have arrived behind it. */
  receive(message: ToWorker): void {
    for (let next: ToWorker | undefined = message; next !== undefined; next = this.#nextMessage()) {
      if ('now' in next) this.#now = next.now;
      this.#take(next);
    }
    this.#unlessBlocked(() => this.#commit());
    this.#tellEvictions();
    this.#tellDisk();
  }

  #nextMessage(): ToWorker | undefined {
    return receiveMessageOnPort(this.#port)?.message;
  }

  #take(message: ToWorker): void {
    switch (message.type) {
      case 'append':
        this.#waiting.push(message.batch);
        return;
      case 'acknowledged':
        return this.#store.acknowledge(message.destination, message.range);
      case 'announced':
        return this.#store.announce(message.gap);
      case 'corrected':
        return this.#store.corrected(message.correction);
      case 'settle':
        return this.#unlessBlocked(() => this.#store.settle());
      case 'tend':
        return this.#unlessBlocked(() => this.#tend(message.aged));
      case 'retry':
        return this.#write(() => this.#finish());
      case 'call':
        return this.#takeCall(message.id, message.call);
    }
  }

  #takeCall(id: number, call: Call): void {
    if (call.name === 'anchor') this.#anchoring.push({ id, call });
    // A call sees what was appended before it.
    this.#unlessBlocked(() => this.#commit());
    if (call.name !== 'anchor') this.#answer(id, call);
  }

  #commit(): void {
    while (this.#waiting.length > 0) {
      const group = this.#store.shortage === undefined ? this.#waiting : this.#waiting.slice(0, 1);
      const first = this.#store.append(group, this.#now);
      this.#waiting = this.#waiting.slice(group.length);
      const bodies = group.map(({ body }) => body);
      this.#post({ type: 'committed', first, bodies }, bodies);
    }
    for (let next = this.#anchoring[0]; next !== undefined; next = this.#anchoring[0]) {
      const { id, call } = next;
      const answer = this.#store.anchor(call, call.sent);
      this.#anchoring.shift();
      this.#post({ type: 'answer', id, answer });
    }
  }

  #tend(aged: boolean): void {
    if (this.#store.tend(this.#now, aged)) this.#post({ type: 'more' });
  }

  /** Everything that waits becomes durable. */
  #finish(): void {
    this.#commit();
    this.#store.recover();
  }

  #unlessBlocked(work: () => void): void {
    if (!this.#blocked) this.#write(work);
  }

  #write(work: () => void): void {
    try {
      work();
      this.#blocked = false;
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#blocked = true;
    }
  }

  #answer(id: number, call: AnsweredAtOnce): void {
    try {
      const { answer, bodies = [] } = this.#perform(call);
      this.#tellEvictions();
      this.#post({ type: 'answer', id, answer }, bodies);
    } catch (error) {
      const fault = this.#fault(error);
      if (fault.code === 'journal-failed' || fault.code === 'journal-corrupt') throw error;
      this.#post({ type: 'refusal', id, fault });
    }
    if (call.name === 'close') this.#port.close();
  }

  #perform(call: AnsweredAtOnce): { answer: Answers[AnsweredAtOnce['name']]; bodies?: Uint8Array[] } {
    const store = this.#store;
    switch (call.name) {
      case 'intern':
        return { answer: store.intern(call.definitions) };
      case 'read':
        return this.#read(call.range, call.limit);
      case 'history':
        return { answer: store.history(call.query, this.#now) };
      case 'destinations':
        return { answer: store.assign(call.names, this.#now) };
      case 'rewind':
        return { answer: store.rewind(call.destination, call.span, this.#now) };
      case 'gaps':
        return { answer: store.gaps(call.destination) };
      case 'corrections':
        return { answer: store.corrections(call.destination) };
      case 'status':
        return { answer: store.status() };
      case 'close':
        return { answer: this.#close() };
    }
  }

  #read(range: Range, limit: ReadLimit): { answer: Stretch; bodies: Uint8Array[] } {
    const stretch = this.#store.read(range, limit, this.#now);
    const batches = stretch.batches.map((batch) => ({ ...batch, body: ownBuffer(batch.body) }));
    return { answer: { ...stretch, batches }, bodies: batches.map(({ body }) => body) };
  }

  #close(): undefined {
    try {
      this.#finish();
    } finally {
      this.#store[Symbol.dispose]();
    }
  }

  #tellDisk(): void {
    const { shortage } = this.#store;
    const full = shortage !== undefined;
    if (full === this.#full) return;
    this.#full = full;
    this.#post(full ? { type: 'full', fault: this.#fault(shortage) } : { type: 'recovered' });
  }

  #tellEvictions(): void {
    const evictions = this.#store.takeEvictions();
    if (evictions.length > 0) this.#post({ type: 'evicted', evictions });
  }

  #fault(error: unknown): Fault {
    const { code, message } = journalFault(error, this.#path);
    return { code, message };
  }

  /** Posts `message`; the buffers of `bodies`, which are in it, are given away and not copied. */
  #post(message: FromWorker | Opened, bodies: readonly Uint8Array[] = []): void {
    this.#port.postMessage(
      message,
      bodies.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer),
    );
  }
}

/** The bytes in a buffer of exactly their size, which can be given away. */
function ownBuffer(body: Uint8Array): Uint8Array {
  return body.byteLength === body.buffer.byteLength ? body : new Uint8Array(body);
}

function serve(port: MessagePort, opening: Opening): void {
  // Whatever happens is told, and ends the thread: a journal that is silent would be worse than one that failed.
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      const { code, message } = journalFault(error, opening.path);
      // What has arrived behind it must not be taken: nobody knows whether the last commit is there, so that it would be
      // made twice.
      port.removeAllListeners('message');
      port.postMessage({ type: 'failed', fault: { code, message } } satisfies FromWorker);
      port.close();
    }
  };
  guarded(() => {
    const worker = new JournalWorker(port, opening);
    port.on('message', (message: ToWorker) => guarded(() => worker.receive(message)));
  });
}

if (parentPort !== null) serve(parentPort, workerData);
