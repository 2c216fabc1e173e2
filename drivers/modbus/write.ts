import type { PointWrite } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { Answer } from './client.ts';
import { describeException, exceptions } from './exceptions.ts';
import { NOTHING } from './framing.ts';
import * as pdus from './pdu.ts';
import type { Question } from './pdu.ts';
import { locate } from './plan.ts';
import { planWrites, sortTargets, type Target, type WriteStep } from './plan-writes.ts';
import type { Device, Points } from './session.ts';
import { unscale } from './unscale.ts';

/** How a request to write ended; `told`: all units of a line heard it, and none answers. */
type WriteAnswer = Answer | { readonly kind: 'told' };

/** Asks once: what is not known to have failed is never written a second time. */
export type AskOnce = (question: Question) => Promise<WriteAnswer>;

/** Functions that a device has refused to have, so that others are used in their place. */
export type Lacks = Set<'single' | 'several' | 'mask'>;

/**
 * Writes raw values to points of one device, one request after the other. Throws `usage` before anything is sent where
 * a value does not fit, `device-refused` with the device's exception, and `no-answer` where it is not known whether the
 * device did it, or will. What was written before that stays written.
 */
export async function writePoints(
  device: Device,
  writes: readonly PointWrite[],
  { ask, read, lacks }: WriteContext,
): Promise<void> {
  const own = writes.map(({ point, value }) => ({ point: ownPoint(device, point), value }));
  const raw = await unscale(device, own, read);
  const targets = raw.map(({ point, value }): Target => ({ field: locate(point, device.settings), value }));
  const writer = new Writer(device, ask, lacks);
  for (const step of planWrites(sortTargets(targets))) await writer.write(step);
}

export type WriteContext = {
  readonly ask: AskOnce;
  /** Reads scale factors. */
  readonly read: (points: Points) => Promise<readonly Reading[]>;
  readonly lacks: Lacks;
};

function ownPoint(device: Device, { number, id }: PointWrite['point']): Points[number] {
  const point = device.points.find((each) => each.number === number);
  if (point === undefined) throw new GatewayError('usage', `${id} is no point of ${device.id}`);
  return point;
}

class Writer {
  readonly #device: Device;
  readonly #ask: AskOnce;
  readonly #lacks: Lacks;

  constructor(device: Device, ask: AskOnce, lacks: Lacks) {
    this.#device = device;
    this.#ask = ask;
    this.#lacks = lacks;
  }

  write(step: WriteStep): Promise<void> {
    if (step.kind === 'coils') return this.#writeCoils(step.address, step.coils);
    if (step.kind === 'registers') return this.#writeRegisters(step.address, step.data);
    return this.#writeBits(step.address, step);
  }

  async #writeCoils(address: number, coils: readonly boolean[]): Promise<void> {
    const each = coils.map((on, index) => pdus.writeCoil(this.#unit, address + index, on));
    await this.#oneOrAll(each, pdus.writeCoils(this.#unit, address, coils), `coil ${address}`);
  }

  async #writeRegisters(address: number, data: Buffer): Promise<void> {
    const each = Array.from({ length: data.length / 2 }, (_, index) =>
      pdus.writeRegister(this.#unit, address + index, data.subarray(index * 2, index * 2 + 2)),
    );
    await this.#oneOrAll(each, pdus.writeRegisters(this.#unit, address, data), `holding ${address}`);
  }

  /** One by the function for one, several by the function for several; by the other where a device lacks it. */
  async #oneOrAll(each: readonly Question[], all: Question, place: string): Promise<void> {
    const usual = each.length === 1 ? 'single' : 'several';
    const other = usual === 'single' ? 'several' : 'single';
    const preferred = this.#lacks.has(usual) && !this.#lacks.has(other) ? other : usual;
    const done = await this.#tell(preferred === 'single' ? each : [all], place, preferred);
    if (!done) await this.#tell(preferred === 'single' ? [all] : each, place);
  }

  /** False when the device lacks the function, of which it had not been known before. */
  async #tell(questions: readonly Question[], place: string, lack?: 'single' | 'several'): Promise<boolean> {
    for (const question of questions) {
      const answer = await this.#ask(question);
      if (lack !== undefined && isUnknownFunction(answer) && !this.#lacks.has(lack)) {
        this.#lacks.add(lack);
        return false;
      }
      this.#check(answer, place);
    }
    return true;
  }

  async #writeBits(address: number, { bits, value }: { readonly bits: number; readonly value: number }): Promise<void> {
    const place = `holding ${address}`;
    if (bits === ALL_BITS) return this.#writeRegisters(address, word(value));
    if (!this.#lacks.has('mask')) {
      const mask = { and: ~bits & ALL_BITS, or: value };
      const answer = await this.#ask(pdus.maskRegister(this.#unit, address, mask));
      if (!isUnknownFunction(answer)) return void this.#check(answer, place);
      this.#lacks.add('mask');
    }
    // The device itself, or another master, may change the other bits between these two: there is no better way.
    const read = pdus.readQuestion(this.#unit, { table: 'holding', address, size: 1 });
    const now = (await this.#demand(read, place)).readUInt16BE(2);
    await this.#writeRegisters(address, word((now & ~bits) | value));
  }

  async #demand(question: Question, place: string): Promise<Buffer> {
    return this.#check(await this.#ask(question), place);
  }

  /** The PDU of a good answer; throws for all others. */
  #check(answer: WriteAnswer, place: string): Buffer {
    const where = `${this.#device.id}: ${place}`;
    if (answer.kind === 'answer') return answer.pdu;
    if (answer.kind === 'told') return NOTHING;
    if (answer.kind === 'failed') throw new GatewayError('no-answer', `${where}: ${answer.detail}; ${fateOf(answer)}`);
    const exception = describeException(answer.code);
    if (UNDECIDED.includes(answer.code)) throw new GatewayError('no-answer', `${where}: ${exception}; ${UNKNOWN_FATE}`);
    throw new GatewayError('device-refused', `${where}: the device answers ${exception}`);
  }

  get #unit(): number {
    return this.#device.settings.unit;
  }
}

const ALL_BITS = 0xffff;

// MODBUS Application Protocol 1.1b3, 7: a device that acknowledges is still at work; and a gateway that has no path, or
// heard nothing in time, does not know what became of a request that it passed on.
const UNDECIDED: readonly number[] = [exceptions.acknowledge, exceptions.noPath, exceptions.targetFailed];

const UNKNOWN_FATE = 'it may have been written all the same, or be written yet: read it before you write it again';

function fateOf({ unsent }: Extract<Answer, { kind: 'failed' }>): string {
  return unsent === true ? 'nothing was sent' : UNKNOWN_FATE;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value & ALL_BITS, 0);
  return bytes;
}

function isUnknownFunction(answer: WriteAnswer): boolean {
  return answer.kind === 'exception' && answer.code === exceptions.illegalFunction;
}
