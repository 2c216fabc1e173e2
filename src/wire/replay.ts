import type { RecordedFrame } from './trace-text.ts';

/** What came back, `after` milliseconds from the question. */
type Answer = { readonly bytes: Buffer; readonly after: number };

/** `ours` when it bears the number of the question, rather than that of another one. */
type RecordedAnswer = Answer & { readonly ours: boolean };

/** Every time that one question was asked, and how often it was replayed. */
type Occurrences = { readonly answers: RecordedAnswer[][]; replayed: number };

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * The questions of a recording and what was answered to each. The first `numbered` bytes of a frame only number it: a
 * question is known whatever its number, and its answers get that number. A question that was asked several times is
 * answered as it was each time, and then again from the first.
 */
export class Recording {
  readonly #numbered: number;
  readonly #known = new Map<string, Occurrences>();
  /** Lengths of the questions, longest first. */
  readonly #lengths: readonly number[];

  constructor(frames: readonly RecordedFrame[], numbered: number) {
    this.#numbered = numbered;
    const lengths = new Set<number>();
    let question: RecordedFrame | undefined;
    let answers: RecordedAnswer[] = [];
    for (const frame of frames) {
      if (frame.direction === 'sent') {
        question = frame;
        answers = [];
        this.#occurrencesOf(frame.bytes).answers.push(answers);
        lengths.add(frame.bytes.length);
      } else if (question !== undefined) {
        const ours = this.#numberOf(frame.bytes).equals(this.#numberOf(question.bytes));
        answers.push({ bytes: frame.bytes, after: (frame.seconds - question.seconds) * 1_000, ours });
      }
    }
    this.#lengths = [...lengths].toSorted((a, b) => b - a);
  }

  /** How many different questions it can answer. */
  get size(): number {
    return this.#known.size;
  }

  /**
   * The answers to the questions that `bytes` hold; `rest` may be the beginning of another one, and is to be given
   * again with what arrives next. What begins no question is left out, as a device leaves out what is not for it.
   */
  reply(bytes: Buffer): { readonly answers: readonly Answer[]; readonly rest: Buffer } {
    const answers: Answer[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      const question = this.#questionIn(rest);
      if (question !== undefined) {
        answers.push(...this.#nextAnswers(question));
        rest = rest.subarray(question.length);
      } else if (this.#beginsQuestion(rest)) break;
      else rest = rest.subarray(1);
    }
    return { answers, rest: rest.length === 0 ? NOTHING : rest };
  }

  #questionIn(bytes: Buffer): Buffer | undefined {
    const length = this.#lengths.find(
      (each) => each <= bytes.length && this.#known.has(this.#keyOf(bytes.subarray(0, each))),
    );
    return length === undefined ? undefined : bytes.subarray(0, length);
  }

  #beginsQuestion(bytes: Buffer): boolean {
    const begin = this.#keyOf(bytes);
    return this.#known.keys().some((key) => key.length > begin.length && key.startsWith(begin));
  }

  #nextAnswers(question: Buffer): readonly Answer[] {
    const occurrences = this.#occurrencesOf(question);
    const answers = occurrences.answers[occurrences.replayed % occurrences.answers.length] ?? [];
    occurrences.replayed += 1;
    return answers.map(({ bytes, after, ours }) => {
      const number = this.#numberOf(question);
      return { bytes: ours ? Buffer.concat([number, bytes.subarray(number.length)]) : bytes, after };
    });
  }

  #numberOf(frame: Buffer): Buffer {
    return frame.subarray(0, this.#numbered);
  }

  #occurrencesOf(question: Buffer): Occurrences {
    const key = this.#keyOf(question);
    const known = this.#known.get(key) ?? { answers: [], replayed: 0 };
    this.#known.set(key, known);
    return known;
  }

  #keyOf(bytes: Buffer): string {
    const number = Math.min(this.#numbered, bytes.length);
    return '00'.repeat(number) + bytes.toString('hex', number);
  }
}
