/** 16-bit transaction numbers of one session, over all of its wires. */
export class Transactions {
  #last: number;
  #issued = 0;

  /** Begins at random: an answer kept by a gateway for an earlier session must not fit by chance. */
  constructor(start = Math.floor(Math.random() * 2 ** 16)) {
    this.#last = start;
  }

  next(): number {
    this.#last = (this.#last + 1) & 0xffff;
    this.#issued += 1;
    return this.#last;
  }

  /** Whether this number was given out lately: the half of the circle behind us, the other half being ahead. */
  wasIssued(transaction: number): boolean {
    const age = (this.#last - transaction) & 0xffff;
    return age < Math.min(this.#issued, 2 ** 15);
  }
}
