import type { Journal } from '../journal/journal.ts';
import { GatewayError } from '../model/errors.ts';
import { countRanges, type Ranges } from '../model/ranges.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';
import type { Progress } from './progress.ts';

/** Has what a destination has lost sent to it once more: one request after the other. */
export class Rewinding {
  readonly #destination: string;
  readonly #journal: Pick<Journal, 'rewind'>;
  readonly #progress: Progress;
  #isAsking = false;

  constructor(destination: string, journal: Pick<Journal, 'rewind'>, progress: Progress) {
    this.#destination = destination;
    this.#journal = journal;
    this.#progress = progress;
  }

  /** As `Forwarder.rewind`; `send` is given what did not wait to be sent anyway. */
  async rewind(span: RewindSpan, send: (repeats: Ranges) => void): Promise<Rewound> {
    const { repeats } = this.#progress;
    if (this.#isAsking || repeats.length > 0) {
      const left = `${countRanges(repeats)} readings of the request before are still to be sent`;
      throw new GatewayError('rewind-busy', `${this.#destination}: ${left}`);
    }
    this.#isAsking = true;
    try {
      const rewound = await this.#journal.rewind(this.#destination, span);
      send(this.#progress.rewound(rewound.kept));
      if (rewound.kept.length > 0) return rewound;
      throw new GatewayError('rewind-gone', `${this.#destination}: the journal holds nothing of it any more`);
    } finally {
      this.#isAsking = false;
    }
  }
}
