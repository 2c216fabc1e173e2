import { isDeepStrictEqual } from 'node:util';
import type {
  DiscoveredPoint,
  DriverContext,
  DriverDevice,
  DriverPoint,
  Identity,
  PointWrite,
  ScanRange,
  ScanStep,
  Session,
} from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { badReading, type Reading } from '../../src/model/reading.ts';
import type { Answer } from './client.ts';
import { describeException } from './exceptions.ts';
import { fieldsOf } from './factors.ts';
import type { Link } from './link.ts';
import type { Question } from './pdu.ts';
import { planReads, printBlock } from './plan.ts';
import type { Block, Lesson } from './plan.ts';
import { compileBlock, Round } from './round.ts';
import type { CompiledBlock } from './round.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';
import { scanUnits, unitsOf } from './scan.ts';
import { SilentBlocks } from './silence.ts';
import { discover, identify } from './survey.ts';
import { writePoints } from './write.ts';
import type { AskOnce, Lacks } from './write.ts';

export type Device = DriverDevice<DeviceSettings, PointAddress>;
export type Points = readonly DriverPoint<PointAddress>[];

type Plan = {
  readonly blocks: readonly CompiledBlock[];
  /** Which block a round begins with; moves on after a round that met nothing but silence. */
  first: number;
};

/** What was learned of a device since the session began, and the plans that follow from it. */
type Memory = {
  lessons: readonly Lesson[];
  plans: WeakMap<Points, Plan>;
  /** Rounds in a row in which it said nothing. */
  silentRounds: number;
  /** Functions for writing that it does not have. */
  readonly lacks: Lacks;
};

const LONGEST_SCAN_WAIT = 300; // milliseconds, on a line: units that are there take 100 at most as a rule

// A device that was silent is waited for only as long as answers take here; but one that became slow must come back too.
const ROUNDS_OF_A_WHOLE_WAIT = 4;

/** The requests that read these points; throws `configuration-invalid` where a point cannot be read from this device. */
export function planDevice(device: Device, points: Points, lessons: readonly Lesson[] = []): readonly Block[] {
  return planReads(fieldsOf(device, points), device.settings, lessons);
}

/** A Modbus server and the units behind it. */
export class ModbusSession implements Session {
  readonly #link: Link;
  readonly #context: DriverContext;
  readonly #memories = new Map<string, Memory>();
  readonly #silent = new SilentBlocks();

  constructor(link: Link, context: DriverContext) {
    this.#link = link;
    this.#context = context;
  }

  async read(device: Device, points: Points, signal: AbortSignal): Promise<readonly Reading[]> {
    const memory = this.#memoryOf(device);
    const plan = planOf(memory, device, points);
    const round = this.#round(device, memory, signal);
    const blocks = rotated(plan);
    if (blocks.some((block) => this.#silent.has(block))) await this.#readAround(device, round, blocks);
    else await this.#readBlocks(device, round, blocks);
    // A device may be silent about one range only: the next round asks for another one first.
    if (round.silent) plan.first += 1;
    if (round.silent) memory.silentRounds += 1;
    else if (round.heard) memory.silentRounds = 0;
    return round.finish();
  }

  /** What is known to be silent comes last, and no more than one of it: a whole timeout is what it mostly costs. */
  async #readAround(device: Device, round: Round, blocks: readonly CompiledBlock[]): Promise<void> {
    const probe = this.#silent.due(blocks, this.#context.clock.monotonic());
    const skipped = blocks.filter((block) => this.#silent.has(block) && block !== probe);
    const spoken = blocks.filter((block) => !this.#silent.has(block));
    await this.#readBlocks(device, round, spoken);
    if (probe !== undefined) await this.#readBlock(device, round, probe);
    for (const block of skipped) round.skip(block);
  }

  async write(device: Device, writes: readonly PointWrite[], signal: AbortSignal): Promise<readonly Reading[]> {
    if (device.settings.unit === 0 && this.#link.hasBroadcast) return this.#broadcast(device, writes, signal);
    const ask: AskOnce = (question) => this.#link.exchange(device.id, question, { signal, once: true });
    const read = (points: Points): Promise<readonly Reading[]> => this.read(device, points, signal);
    await writePoints(device, writes, { ask, read, lacks: this.#memoryOf(device).lacks });
    const numbers = new Set(writes.map(({ point }) => point.number));
    const written = device.points.filter(({ number }) => numbers.has(number));
    return this.read(device, written, signal);
  }

  async #broadcast(device: Device, writes: readonly PointWrite[], signal: AbortSignal): Promise<readonly Reading[]> {
    const { lacks } = this.#memoryOf(device);
    const ask: AskOnce = async (question) => {
      await this.#link.broadcast(question, signal);
      return { kind: 'told' };
    };
    const read = (): never => {
      throw new GatewayError('usage', `${device.id}: nobody answers a broadcast, so that no scale factor can be read`);
    };
    await writePoints(device, writes, { ask, read, lacks });
    const now = this.#context.clock.monotonic();
    return writes.map(({ point }) => badReading(point.number, 'no-answer', now));
  }

  /** One after the other, or side by side where the link is that wide. */
  async #readBlocks(device: Device, round: Round, blocks: readonly CompiledBlock[]): Promise<void> {
    if (this.#link.width === 1) {
      for (const block of blocks) await this.#readBlock(device, round, block);
    } else await this.#readSideBySide(device, round, blocks);
  }

  async #readSideBySide(device: Device, round: Round, blocks: readonly CompiledBlock[]): Promise<void> {
    const waiting = [...blocks];
    const readNext = async (): Promise<void> => {
      const block = waiting.shift();
      if (block !== undefined) await this.#readBlock(device, round, block);
    };
    const readOn = async (lane: number): Promise<void> => {
      // After a failure one at a time is asked: the next one would take all others with it.
      while (waiting.length > 0) {
        if (round.disturbed && lane > 0) return;
        await readNext();
      }
    };
    // Whether the device is there at all shows at the first.
    await readNext();
    const lanes = await Promise.allSettled(Array.from({ length: this.#link.width }, (_, lane) => readOn(lane)));
    for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
  }

  async #readBlock(device: Device, round: Round, block: CompiledBlock): Promise<void> {
    const { clock } = this.#context;
    const began = clock.monotonic();
    const lessons = await round.read(block);
    if (lessons.length > 0) this.#learn(device, block, lessons);
    // A device that says nothing at all is for the collector to back off from.
    if (round.silent) return;
    if (round.unanswered.has(block)) this.#silent.unanswered(block, began, clock.monotonic());
    else this.#silent.answered(block);
  }

  #round(device: Device, { silentRounds }: Memory, signal: AbortSignal): Round {
    const round: Round = new Round({
      unit: device.settings.unit,
      now: () => this.#context.clock.monotonic(),
      ask: (block) => {
        const isSilent = silentRounds > 0 && !round.heard;
        const short = isSilent && silentRounds % ROUNDS_OF_A_WHOLE_WAIT > 0;
        return this.#link.exchange(device.id, block.question, {
          signal,
          short,
          once: isSilent || this.#silent.has(block),
        });
      },
      exception: (block, code) =>
        this.#context.observe('exception', device.id, `${describeException(code)} to ${printBlock(block)}`),
    });
    return round;
  }

  discover(device: Device, signal: AbortSignal): Promise<readonly DiscoveredPoint[]> {
    const ask = (question: Question): Promise<Answer> => this.#link.exchange(device.id, question, { signal });
    return discover(device, ask, this.#context.observe);
  }

  identify(device: Device, signal: AbortSignal): Promise<Identity> {
    const ask = (question: Question): Promise<Answer> =>
      this.#link.exchange(device.id, question, { signal, once: true });
    return identify(device, ask);
  }

  scan(range: ScanRange, signal: AbortSignal): AsyncIterable<ScanStep> {
    const { isLine } = this.#link;
    // Behind a gateway the wait is the gateway's: who asks on before it is over is answered for the unit before.
    const wait = isLine ? { longest: LONGEST_SCAN_WAIT } : {};
    const ask = (question: Question): Promise<Answer> =>
      this.#link.exchange(`unit ${question.unit}`, question, { signal, once: true, ...wait });
    return scanUnits(unitsOf(range, !isLine), ask);
  }

  #memoryOf(device: Device): Memory {
    const known = this.#memories.get(device.id);
    if (known !== undefined) return known;
    const memory: Memory = { lessons: [], plans: new WeakMap(), silentRounds: 0, lacks: new Set() };
    this.#memories.set(device.id, memory);
    return memory;
  }

  #learn(device: Device, block: Block, lessons: readonly Lesson[]): void {
    const memory = this.#memoryOf(device);
    const news = lessons.filter((lesson) => !memory.lessons.some((known) => isDeepStrictEqual(known, lesson)));
    if (news.length === 0) return;
    memory.lessons = [...memory.lessons, ...news];
    memory.plans = new WeakMap();
    this.#context.observe('split-read', device.id, `${printBlock(block)} is refused as a whole and read in parts now`);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#link[Symbol.asyncDispose]();
  }
}

/** Plans are made once for each array of points, and again when something was learned. */
function planOf(memory: Memory, device: Device, points: Points): Plan {
  const known = memory.plans.get(points);
  if (known !== undefined) return known;
  const plan = {
    blocks: planDevice(device, points, memory.lessons).map((block) => compileBlock(block, device.settings.unit)),
    first: 0,
  };
  memory.plans.set(points, plan);
  return plan;
}

function rotated({ blocks, first }: Plan): readonly CompiledBlock[] {
  const start = first % Math.max(blocks.length, 1);
  return start === 0 ? blocks : [...blocks.slice(start), ...blocks.slice(0, start)];
}
