import { GatewayError } from '../../../src/model/errors.ts';
import { Registers } from './registers.ts';
import type { AskRegisters, ReadingLimits, RegisterTable } from './registers.ts';

/** A model in a device: `address` is that of its first register after the head, `length` counts those that follow it. */
export type FoundModel = { readonly id: number; readonly address: number; readonly length: number };

export type Walk = {
  readonly registers: Registers;
  readonly models: readonly FoundModel[];
  /** Why the list may be incomplete; undefined where the end was marked as it should be. */
  readonly fault?: string;
};

const MARKER = Buffer.from('SunS');
const MARKER_WORDS = 2;
const HEAD_WORDS = 2;
const END_MODEL = 0xffff;

// SunSpec Information Model Specification: at 40000, 50000 or 0; some devices count from 1 and mean the register beside.
const BASES = [40_000, 50_000, 0, 39_999, 40_001, 49_999, 50_001, 1] as const;
const TABLES: readonly RegisterTable[] = ['holding', 'input'];

const MOST_MODELS = 250; // a battery of many strings and modules has some dozens
const ADDRESSES = 65_536;
const MOST_SILENCES = 3; // there are devices that keep silent where they should refuse

/**
 * Looks for the marker and follows the heads of the models to the end. Undefined where there is no marker. Rejects with
 * `no-answer` where the device is silent, or as the ask does.
 */
export async function walk(device: string, ask: AskRegisters, limits: ReadingLimits): Promise<Walk | undefined> {
  const marker = await findMarker(device, ask);
  if (marker === undefined) return undefined;
  const registers = new Registers(marker.table, device, ask, limits);
  return { registers, ...(await follow(registers, marker.address + MARKER_WORDS)) };
}

async function findMarker(
  device: string,
  ask: AskRegisters,
): Promise<{ readonly table: RegisterTable; readonly address: number } | undefined> {
  let silences = 0;
  let heard = false;
  for (const table of TABLES) {
    for (const address of BASES) {
      const answer = await ask(table, address, MARKER_WORDS);
      if (answer === 'silent') silences += 1;
      else heard = true;
      if (Buffer.isBuffer(answer) && answer.equals(MARKER)) return { table, address };
      if (silences === MOST_SILENCES) {
        if (heard) return undefined;
        throw new GatewayError('no-answer', `${device} does not answer`);
      }
    }
  }
  return undefined;
}

async function follow(registers: Registers, first: number): Promise<Omit<Walk, 'registers'>> {
  const models: FoundModel[] = [];
  for (let address = first; ;) {
    const head = await readHead(registers, address);
    if (head === undefined) return { models, fault: `no model and no end at ${registers.table} ${address}` };
    const { id, length } = head;
    if (id === END_MODEL) return { models };
    const end = address + HEAD_WORDS + length;
    if (id === 0 || end > ADDRESSES) {
      return { models, fault: `model ${id} at ${registers.table} ${address} claims ${length} registers` };
    }
    if (models.length === MOST_MODELS) return { models, fault: `more than ${MOST_MODELS} models` };
    models.push({ id, address: address + HEAD_WORDS, length });
    address = end;
  }
}

/** Undefined where the device has nothing; the mark of the end may be its last register, with no length behind it. */
async function readHead(
  registers: Registers,
  address: number,
): Promise<{ readonly id: number; readonly length: number } | undefined> {
  const sheet = await registers.read(address, Math.min(HEAD_WORDS, ADDRESSES - address));
  const id = sheet.bytes(0, 1)?.readUInt16BE(0);
  const length = sheet.bytes(1, 1)?.readUInt16BE(0);
  if (id === END_MODEL) return { id, length: 0 };
  return id === undefined || length === undefined ? undefined : { id, length };
}
