import type { Pending } from './client.ts';
import type { Message } from './framing.ts';
import { areAlike, codeOf, fitOf, functions } from './pdu.ts';
import type { Fit, Question } from './pdu.ts';
import { probeFor } from './probe.ts';

/** What a frame turned out to be: an answer to what is asked now, to what was asked at some time before, or to nothing. */
export type Verdict =
  | { readonly kind: 'answer' }
  | { readonly kind: 'late'; readonly askedAt: number }
  | { readonly kind: 'stray' };

/** Asked so many times in a row, for the first time at `askedAt`, and not known to be answered. */
type Debt = {
  readonly question: Question;
  readonly count: number;
  readonly askedAt: number;
  /** Somebody was answered who may have been this one. */
  readonly isDoubtful: boolean;
};

type Unit = {
  /** In the order in which they were asked, and will be answered. */
  readonly debts: readonly Debt[];
  /** Probes without an answer since the last one. */
  readonly unanswered: number;
  /** Whether its last answer was an exception, which fits all questions of its function. */
  readonly isRefusing: boolean;
  /** What the unit answered before, of different lengths, the latest first. */
  readonly landmarks: readonly Question[];
};

const UNKNOWN: Unit = { debts: [], unanswered: 0, isRefusing: false, landmarks: [] };
const LANDMARKS = 3;

// A unit that answers no probe at all for so long owes nothing any more: no device is that late.
const HOPELESS_PROBES = 8;
const HOPELESS_AFTER = 600_000; // milliseconds

/**
 * The answers that the units of a line still owe. Frames on a line bear no numbers: a late answer fits every later
 * question of its unit, function and length. So as long as a unit owes one, it is asked for something small of another
 * length first, a probe. Units answer in turn: once the probe is answered, no answer to an earlier question can come.
 */
export class OwedAnswers {
  readonly #units = new Map<number, Unit>();
  #questions: readonly Question[] = [];

  /** All that may still be answered. */
  get questions(): readonly Question[] {
    return this.#questions;
  }

  /** Whether no late answer could be taken for the one to this question, and the unit has answered since it was late. */
  mayAsk(question: Question): boolean {
    const { debts, isRefusing } = this.#unit(question.unit);
    // Where every probe is refused, nothing tells which of them: the data of the question will.
    return debts.every((debt) => (debt.isDoubtful || isRefusing) && !areAlike(debt.question, question));
  }

  /** What to ask the unit before `question`. */
  probeFor(question: Question): Question {
    const { debts, landmarks, unanswered } = this.#unit(question.unit);
    return probeFor(question, { owed: debts.map((debt) => debt.question), landmarks, unanswered });
  }

  /** Says what a frame is, while `current` is asked, and settles what it settles. */
  judge(frame: Message, current: Pending | undefined): Verdict {
    const unit = this.#unit(frame.unit);
    const fit = current === undefined ? undefined : fitOf(frame, current.question);
    const first = unit.debts.findIndex((debt) => fitOf(frame, debt.question) !== undefined);
    const debt = unit.debts[first];
    if (debt === undefined) return current === undefined ? { kind: 'stray' } : this.#judgeFit(fit, current);
    const left = debt.count > 1 ? [{ ...debt, count: debt.count - 1 }] : [];
    const debts = [...left, ...unit.debts.slice(first + 1)];
    if (current === undefined || !isTaken(fit, current)) {
      this.#set(frame.unit, { ...unit, debts });
      return { kind: 'late', askedAt: debt.askedAt };
    }
    // It answers the debt or the question: which of the two stays open.
    const doubtful = { question: current.question, count: 1, askedAt: current.askedAt, isDoubtful: true };
    this.#set(frame.unit, { ...unit, debts: [...debts, doubtful], unanswered: 0, isRefusing: fit === 'exception' });
    return { kind: 'answer' };
  }

  /** Of a frame that answers no debt: when it answers the question, the debts before it are settled. */
  #judgeFit(fit: Fit | undefined, { question }: Pending): Verdict {
    if (fit === undefined) return { kind: 'stray' };
    const { debts, landmarks: known } = this.#unit(question.unit);
    const landmarks = fit === 'data' ? remembered(known, question) : known;
    if (debts.length > 0 || landmarks !== known) this.#set(question.unit, { ...UNKNOWN, landmarks });
    return { kind: 'answer' };
  }

  /** To be told of each question that was sent and not answered, at `now`. */
  owe({ question, askedAt, isProbe }: Pending, now: number): void {
    const unit = this.#unit(question.unit);
    const unanswered = unit.unanswered + (isProbe ? 1 : 0);
    const debts = joined(unit.debts, { question, count: 1, askedAt, isDoubtful: false });
    const isHopeless = unanswered >= HOPELESS_PROBES && now - (debts[0]?.askedAt ?? now) >= HOPELESS_AFTER;
    const { landmarks } = unit;
    this.#set(
      question.unit,
      isHopeless ? { ...UNKNOWN, landmarks } : { debts, unanswered, isRefusing: false, landmarks },
    );
  }

  #unit(unit: number): Unit {
    return this.#units.get(unit) ?? UNKNOWN;
  }

  #set(number: number, unit: Unit): void {
    const before = this.#units.get(number);
    this.#units.set(number, unit);
    if (unit.debts.length === 0 && (before === undefined || before.debts.length === 0)) return;
    this.#questions = [...this.#units.values()].flatMap(({ debts }) => debts.map(({ question }) => question));
  }
}

/** Whether a frame that a debt explains too counts as the answer to the question: where no value is made of it. */
function isTaken(fit: Fit | undefined, current: Pending): boolean {
  return fit === 'exception' || (fit === 'data' && current.isProbe);
}

function joined(debts: readonly Debt[], debt: Debt): readonly Debt[] {
  const last = debts.at(-1);
  const isRepeated = last !== undefined && !last.isDoubtful && last.question.pdu.equals(debt.question.pdu);
  return isRepeated ? [...debts.slice(0, -1), { ...last, count: last.count + 1 }] : [...debts, debt];
}

function remembered(landmarks: readonly Question[], question: Question): readonly Question[] {
  if (landmarks[0] === question || codeOf(question) > functions.readInputs) return landmarks;
  return [question, ...landmarks.filter((known) => !areAlike(known, question))].slice(0, LANDMARKS);
}
