import type { CentreRequest } from '../model/command.ts';
import { GatewayError, messageOf } from '../model/errors.ts';
import { countRanges, showRanges } from '../model/ranges.ts';
import type { RewindSpan, Rewound } from '../model/rewind.ts';
import type { Outcome } from './targets.ts';

/** What a centre may ask of the gateway itself: of the destination that it is, and of no other. */
export interface OwnDestination {
  /** Puts what is stored of `span` among what the centre is still to get; rejects with `rewind-busy` or `rewind-gone`. */
  rewind(span: RewindSpan): Promise<Rewound>;
  /** Tells the centre once more what the points mean. */
  introduce(): void;
}

/** Does what was asked. Never rejects: what went wrong is the outcome. */
export async function serve(request: CentreRequest, own: OwnDestination): Promise<Outcome> {
  if (request.kind === 'catalogue') {
    own.introduce();
    return { status: 'done', reason: null, detail: 'it is published again', value: null };
  }
  try {
    const { kept, gone } = await own.rewind(request.span);
    const value = countRanges(kept);
    const lost = gone.length === 0 ? '' : `; ${showRanges(gone)} are gone, and announced as lost`;
    return { status: 'done', reason: null, detail: `${showRanges(kept)} are sent once more${lost}`, value };
  } catch (error) {
    const reason = (error instanceof GatewayError && reasons.get(error.code)) || 'failed';
    return { status: 'failed', reason, detail: messageOf(error), value: null };
  }
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['rewind-busy', 'busy'],
  ['rewind-gone', 'gone'],
]);
