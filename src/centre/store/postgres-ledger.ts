import type { Clock } from '../../model/clock.ts';
import type { Range } from '../../model/ranges.ts';
import type { Correction, Gap, Identity } from '../message.ts';
import { checkTables, connectPostgres, type Connection } from './postgres-connection.ts';
import {
  SELECT_ACCOUNTS,
  SELECT_CORRECTIONS,
  SELECT_COVERAGE,
  SELECT_GAPS,
  SELECT_NEIGHBOURS,
} from './postgres-statements.ts';
import type { Neighbours, Span, StoredAccount, StoredLedger } from './store.ts';

/** Opens what centres have stored, to look at; changes nothing. Rejects with `store-failed`, or `usage` where nothing is. */
export async function openPostgresLedger(url: string, clock: Clock): Promise<StoredLedger> {
  await using release = new AsyncDisposableStack();
  const connection = release.use(await connectPostgres(url, clock));
  await checkTables(connection, url);
  const kept = release.move();
  return {
    accounts: () => readAccounts(connection),
    neighbours: async ({ gateway, epoch }, { after, upto }) => {
      const [row] = await connection.query<Neighbours>(SELECT_NEIGHBOURS, [gateway, epoch, after, upto]);
      return row ?? { before: null, behind: null };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type AccountRow = Identity & { readonly received: number; readonly conflicting: number } & {
  readonly [Key in keyof Span]: number | null;
};
type GapRow = Identity & Range & Pick<Gap, 'count' | 'reason'> & { readonly [Key in keyof Span]: number | null };
type CorrectionRow = Identity & Range & Omit<Correction, 'covers'>;

/** All accounts, as one moment of the database has them. */
export function readAccounts(connection: Connection): Promise<readonly StoredAccount[]> {
  return connection.transaction(() => selectAccounts(connection), 'ISOLATION LEVEL REPEATABLE READ READ ONLY');
}

async function selectAccounts(connection: Connection): Promise<readonly StoredAccount[]> {
  const accounts = await connection.query<AccountRow>(SELECT_ACCOUNTS);
  const delivered = byIdentity(await connection.query<Identity & Range>(SELECT_COVERAGE));
  const gaps = byIdentity(await connection.query<GapRow>(SELECT_GAPS));
  const corrections = byIdentity(await connection.query<CorrectionRow>(SELECT_CORRECTIONS));
  return accounts.map(({ gateway, epoch, received, conflicting, oldest, newest }) => ({
    gateway,
    epoch,
    received,
    conflicting,
    span: oldest === null || newest === null ? null : { oldest, newest },
    delivered: (delivered.get(keyOf({ gateway, epoch })) ?? []).map(({ after, upto }) => ({ after, upto })),
    gaps: (gaps.get(keyOf({ gateway, epoch })) ?? []).map(gapOf),
    corrections: (corrections.get(keyOf({ gateway, epoch })) ?? []).map(correctionOf),
  }));
}

function gapOf({ after, upto, count, oldest, newest, reason }: GapRow): Gap {
  return { covers: { after, upto }, count, from: oldest, to: newest, reason };
}

function correctionOf({ number, after, upto, shift, clock }: CorrectionRow): Correction {
  return { number, covers: { after, upto }, shift, clock };
}

function byIdentity<Row extends Identity>(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, keyOf);
}

function keyOf({ gateway, epoch }: Identity): string {
  return `${gateway}/${epoch}`;
}
