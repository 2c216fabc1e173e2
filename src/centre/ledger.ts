import { isoTime } from '../model/clock.ts';
import { addRange } from '../model/ranges.ts';
import { Account, type AccountState, type Receipt } from './account.ts';
import { ContentMemory } from './content.ts';
import {
  rejection,
  type Conflict,
  type CorrectionMessage,
  type DataMessage,
  type GapMessage,
  type Identity,
  type Message,
  type Rejection,
  type RejectReason,
} from './message.ts';
import { gatewayReport, type CentreReport, type Presence } from './report.ts';

// What whoever may publish on the broker can make a centre remember is bounded.
const MAX_ACCOUNTS = 10_000;
const MAX_RANGES = 10_000;
const CONFLICTS_LISTED = 100;

export type LedgerSettings = {
  /** Readings whose content is kept, over all gateways, to verify repeats; 4 bytes each. */
  readonly remember: number;
  /** Whether the readings before the first that arrived are missing too: true where this is the first and only centre. */
  readonly fromStart: boolean;
};

/** What a message brought; `nothing`: no reading, and no gap record that is new. */
export type Entry =
  | ({ readonly kind: 'data'; readonly message: DataMessage } & Receipt)
  | { readonly kind: 'gap'; readonly message: GapMessage }
  | { readonly kind: 'correction'; readonly message: CorrectionMessage }
  | { readonly kind: 'nothing' }
  | Rejection;

/**
 * Proves that nothing is missing: keeps the union of the ranges covered for each gateway and epoch, de-duplicates by
 * identity, and holds every repeat against the first delivery.
 */
export class Ledger {
  readonly #settings: LedgerSettings;
  readonly #memory: ContentMemory;
  readonly #accounts = new Map<string, Account>();
  readonly #presences = new Map<string, Presence>();
  readonly #rejected = new Map<RejectReason, number>();
  readonly #conflicts: Conflict[] = [];

  /** Goes on from `states`, what an earlier run left behind. */
  constructor(settings: LedgerSettings, states: Iterable<AccountState> = []) {
    this.#settings = settings;
    this.#memory = new ContentMemory(settings.remember);
    for (const state of states) this.#accounts.set(keyOf(state), new Account(state, this.#memory));
  }

  /** Books what arrived at `now`, wall milliseconds. Constant memory in the number of messages. */
  book(message: Message | Rejection, now: number): Entry {
    const entry = this.#entry(message, now);
    if (entry.kind === 'rejected') this.#rejected.set(entry.reason, (this.#rejected.get(entry.reason) ?? 0) + 1);
    if (entry.kind === 'data') {
      const room = CONFLICTS_LISTED - this.#conflicts.length;
      this.#conflicts.push(...entry.conflicts.slice(0, room));
    }
    return entry;
  }

  /** Everything known at `now`, wall milliseconds. */
  report(now: number): CentreReport {
    const gateways = [...this.#accounts.values()].map((account) =>
      gatewayReport(account, this.#presences.get(account.identity.gateway) ?? UNKNOWN, { ...this.#settings, now }),
    );
    const sum = (key: 'received' | 'missing' | 'repeats' | 'conflicting'): number =>
      gateways.reduce((total, gateway) => total + gateway[key], 0);
    const rejected = this.#rejected.values().reduce((total, count) => total + count, 0);
    return {
      time: isoTime(now),
      complete: gateways.length > 0 && sum('missing') === 0 && sum('conflicting') === 0 && rejected === 0,
      received: sum('received'),
      missing: sum('missing'),
      repeats: sum('repeats'),
      conflicting: sum('conflicting'),
      rejected: { count: rejected, reasons: Object.fromEntries(this.#rejected) },
      conflicts: [...this.#conflicts],
      gateways,
      silent: this.#silent(),
    };
  }

  #entry(message: Message | Rejection, now: number): Entry {
    switch (message.kind) {
      case 'rejected':
        return message;
      case 'status':
        return this.#meet(message.gateway, { status: message.state });
      case 'health':
        return this.#meet(message.gateway, { audit: message.audit });
      case 'catalogue':
        return this.#meet(message.gateway, { points: message.points });
      case 'correction':
        return this.#correctionOf(message);
      case 'data':
      case 'gap':
        return this.#entryOf(message, now);
    }
  }

  #entryOf(message: DataMessage | GapMessage, now: number): Entry {
    const account = this.#account(message);
    if (account === undefined) return tooMany(message.gateway);
    if (addRange(account.covered, message.covers).length > MAX_RANGES) {
      return rejection('too-fragmented', `${message.gateway} has more than ${MAX_RANGES} holes`);
    }
    if (message.kind === 'data') return { kind: 'data', message, ...account.deliver(message, now) };
    if (Math.max(account.gaps.length, account.announced) >= MAX_RANGES) {
      return rejection('too-fragmented', `${message.gateway} has more than ${MAX_RANGES} gap records`);
    }
    return account.announce(message) ? { kind: 'gap', message } : { kind: 'nothing' };
  }

  #correctionOf(message: CorrectionMessage): Entry {
    const account = this.#account(message);
    if (account === undefined) return tooMany(message.gateway);
    if (account.corrections >= MAX_RANGES) {
      return rejection('too-fragmented', `${message.gateway} has more than ${MAX_RANGES} corrections of its clock`);
    }
    return account.correct(message) ? { kind: 'correction', message } : { kind: 'nothing' };
  }

  #account(identity: Identity): Account | undefined {
    const key = keyOf(identity);
    const known = this.#accounts.get(key);
    if (known !== undefined || this.#accounts.size >= MAX_ACCOUNTS) return known;
    const { gateway, epoch } = identity;
    const account = new Account({ gateway, epoch, delivered: [], gaps: [], received: 0 }, this.#memory);
    this.#accounts.set(key, account);
    return account;
  }

  #meet(gateway: string, news: Partial<Presence>): Entry {
    const known = this.#presences.get(gateway);
    if (known === undefined && this.#presences.size >= MAX_ACCOUNTS) return tooMany(gateway);
    this.#presences.set(gateway, { ...UNKNOWN, ...known, ...news });
    return { kind: 'nothing' };
  }

  #silent(): CentreReport['silent'] {
    const heard = new Set(this.#accounts.values().map((account) => account.identity.gateway));
    return [...this.#presences]
      .filter(([gateway]) => !heard.has(gateway))
      .map(([gateway, presence]) => ({ gateway, ...presence }));
  }
}

const UNKNOWN: Presence = { status: 'unknown', points: null, audit: null };

function keyOf({ gateway, epoch }: Identity): string {
  return `${gateway}/${epoch}`;
}

function tooMany(gateway: string): Rejection {
  return rejection('too-many-gateways', `${gateway}: more than ${MAX_ACCOUNTS} gateways and epochs`);
}
