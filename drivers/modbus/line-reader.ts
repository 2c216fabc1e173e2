import type { Found, Framing } from './framing.ts';
import { NOTHING } from './framing.ts';
import { measureAnswers } from './pdu.ts';
import type { Question } from './pdu.ts';

const MOST_BEFORE_ECHO = 1_024; // bytes: a few late frames may be on the line before the echo

export type Expected = {
  /** What is asked now. */
  readonly asked: Question | undefined;
  /** What was asked before, and may still be answered. */
  readonly owed: readonly Question[];
};

/** `isOld`: it was on the line before the question, so it is no answer to it. */
export type Piece = Found & { readonly isOld: boolean };

/** Cuts what arrives on a line into pieces, and takes out what the adapter echoes. */
export class LineReader {
  readonly #framing: Framing;
  #rest = NOTHING;
  #echo: Buffer | undefined;

  constructor(framing: Framing) {
    this.#framing = framing;
  }

  /** What is sent comes back first, byte by byte; what does not is never taken for an answer. */
  expectEcho(sent: Buffer): void {
    this.#echo = sent;
  }

  get awaitsEcho(): boolean {
    return this.#echo !== undefined;
  }

  push(bytes: Buffer, expected: Expected): readonly Piece[] {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const echo = this.#echo;
    if (echo === undefined) return this.#cut(all, expected);
    const at = all.indexOf(echo);
    if (at < 0) {
      this.#rest = all.subarray(-MOST_BEFORE_ECHO);
      return [];
    }
    this.#echo = undefined;
    const old = this.#cutOld(all.subarray(0, at), expected.owed);
    return [...old, ...this.#cut(all.subarray(at + echo.length), expected)];
  }

  /** Throws away what is unfinished; answers with it. */
  drop(owed: readonly Question[]): readonly Piece[] {
    this.#echo = undefined;
    return this.#cutOld(this.#rest, owed);
  }

  #cut(bytes: Buffer, { asked, owed }: Expected): readonly Piece[] {
    const { found, rest } = this.#framing.cut(bytes, measureAnswers(asked === undefined ? owed : [asked, ...owed]));
    this.#rest = rest;
    return found.map((piece) => ({ ...piece, isOld: false }));
  }

  #cutOld(bytes: Buffer, owed: readonly Question[]): readonly Piece[] {
    const { found, rest } = this.#framing.cut(bytes, measureAnswers(owed));
    this.#rest = NOTHING;
    const pieces: readonly Found[] = rest.length === 0 ? found : [...found, { kind: 'noise', bytes: rest }];
    return pieces.map((piece) => ({ ...piece, isOld: true }));
  }
}
