import type { ScanRange, ScanSettings } from '../../src/collect/driver.ts';

type Line = { readonly transport: string } | { readonly transport: 'serial'; readonly baud: number };

/**
 * All bauds that `range` means, the connection's own first, for lines whose format is known: `format`, e.g. `8E1`.
 * `usual` are those that are tried where all are meant. A network has only its own.
 */
export function scanBauds<Connection extends Line>(
  connection: Connection,
  { bauds, allSettings = false }: ScanRange,
  { usual, format }: { readonly usual: readonly number[]; readonly format: string },
): readonly ScanSettings<Connection>[] {
  if (connection.transport !== 'serial' || !('baud' in connection))
    return [{ name: connection.transport, settings: connection, changed: {} }];
  const own = connection.baud;
  const wanted = bauds ?? (allSettings ? usual : [own]);
  return wanted
    .toSorted((a, b) => Number(a !== own) - Number(b !== own))
    .map((baud) => ({
      name: `${baud} ${format}`,
      settings: { ...connection, baud },
      changed: baud === own ? {} : { baud },
    }));
}
