import type { Table } from './address.ts';
import { HIGHEST_ADDRESS } from './address.ts';
import { areAlike, codeOf, functions, readQuestion } from './pdu.ts';
import type { Question } from './pdu.ts';

export type ProbeContext = {
  /** What the unit may still answer, in the order of asking. */
  readonly owed: readonly Question[];
  /** What it answered before. */
  readonly landmarks: readonly Question[];
  /** How many probes it left unanswered since its last answer. */
  readonly unanswered: number;
};

// A unit that is away misses any probe; one that keeps silent about this one must not be lost for ever.
const PROBES_OF_A_KIND = 4;

/**
 * A small read whose answer differs in length from all that the unit owes: a part of what `question` is about to ask, or
 * what the unit answered before, or the same place in another table.
 */
export function probeFor(question: Question, { owed, landmarks, unanswered }: ProbeContext): Question {
  const last = owed.at(-1);
  if (unanswered % PROBES_OF_A_KIND > 0 && last !== undefined) return last;
  const isNew = (probe: Question): boolean => !owed.some((debt) => areAlike(debt, probe));
  const { table, address } = placeOf(question);
  const own = smallestNew(question.unit, { table, address }, isNew);
  const other = smallestNew(question.unit, { table: OTHER_TABLE[table], address }, isNew);
  const known = landmarks.filter(isNew);
  // A longer read than the question may end where the device has nothing, and some are silent about that.
  const isPart = Number(own.answer.size) < Number(question.answer.size);
  const kinds = isPart ? [own, ...known, other] : [...known, own, other];
  return kinds[Math.floor(unanswered / PROBES_OF_A_KIND) % kinds.length] ?? own;
}

const OTHER_TABLE = {
  coil: 'holding',
  discrete: 'input',
  input: 'holding',
  holding: 'input',
} as const satisfies Record<Table, Table>;

type Place = { readonly table: Table; readonly address: number };

const PLACES: ReadonlyMap<number, Table> = new Map([
  [functions.readCoils, 'coil'],
  [functions.writeCoil, 'coil'],
  [functions.writeCoils, 'coil'],
  [functions.readDiscretes, 'discrete'],
  [functions.readInputs, 'input'],
  [functions.readHoldings, 'holding'],
  [functions.writeRegister, 'holding'],
  [functions.writeRegisters, 'holding'],
  [functions.maskRegister, 'holding'],
]);

function placeOf(question: Question): Place {
  const table = PLACES.get(codeOf(question));
  return table === undefined ? { table: 'holding', address: 0 } : { table, address: question.pdu.readUInt16BE(1) };
}

const MOST_SIZES = 125; // what one answer holds of registers, and far fewer than a unit can owe

function smallestNew(unit: number, { table, address }: Place, isNew: (probe: Question) => boolean): Question {
  // Bits come eight to a byte, and only bytes are counted in the answer.
  const step = table === 'coil' || table === 'discrete' ? 8 : 1;
  const read = (sizes: number): Question => {
    const size = 1 + (sizes - 1) * step;
    return readQuestion(unit, { table, address: Math.min(address, HIGHEST_ADDRESS + 1 - size), size });
  };
  for (let sizes = 1; sizes < MOST_SIZES; sizes++) {
    const probe = read(sizes);
    if (isNew(probe)) return probe;
  }
  return read(1);
}
