import type { Command } from 'commander';
import { isRejectedByName, storedCertificates, type StoredCertificate } from '../../wire/opcua-certificates.ts';
import { pkiFolder, pkiSides } from '../../wire/opcua-pki.ts';
import { contextOf, examples, type Context } from '../context.ts';
import { configurationOf } from '../daemon.ts';
import { printable } from '../format.ts';
import { table, type Column } from '../table.ts';
import { day, storedDocument, validityNote } from './facts.ts';

export function registerCertificates(opcua: Command): void {
  opcua
    .command('certificates')
    .description('list our own certificates, and those that are trusted or were rejected')
    .action(async (_options: unknown, command: Command) => listCertificates(contextOf(command)))
    .addHelpText(
      'after',
      examples(
        'weir opcua certificates',
        'weir opcua certificates --json | jq -r \'.[] | select(.store == "own").file\'',
      ),
    );
}

type Row = StoredCertificate & { readonly side: string; readonly now: number };

const columns: readonly Column<Row>[] = [
  { title: 'as', cell: ({ side }) => side },
  { title: 'store', cell: (row) => (isRejectedByName(row) ? 'rejected by name' : row.store) },
  { title: 'SHA-1', cell: ({ thumbprint }) => thumbprint.slice(0, 16) },
  { title: 'until', cell: (row) => `${day(row.validTo)}${validityNote(row, row.now)}` },
  { title: 'subject', cell: ({ subject }) => printable(subject) },
  { title: 'application', cell: ({ applicationUri = '' }) => printable(applicationUri) },
];

async function listCertificates(context: Context): Promise<void> {
  const { journal } = await configurationOf(context);
  const now = context.clock.wall();
  const sides = await Promise.all(
    pkiSides.map(async (side) =>
      (await storedCertificates(pkiFolder(journal.path, side))).map((each) => ({ ...each, side, now })),
    ),
  );
  const rows = sides.flat();
  const listed = rows.map(({ side, now: _now, ...certificate }) => ({ as: side, ...storedDocument(certificate) }));
  const none = 'There are none yet: our own is made at the first connection.';
  await context.output.result(listed, () => (rows.length === 0 ? none : table(columns, rows)));
}
