import type { ScanRange, ScanSettings } from '../../src/collect/driver.ts';
import type { ConnectionSettings } from './connection-schema.ts';

const BAUDS = [2_400, 300, 9_600, 4_800, 1_200, 600, 19_200, 38_400] as const; // by how often they are met

/** All bauds that `range` means, the connection's own first; parity is even by the standard. */
export function scanSettings(
  connection: ConnectionSettings,
  { bauds, allSettings = false }: ScanRange,
): readonly ScanSettings<ConnectionSettings>[] {
  const own = connection.baud;
  if (connection.transport !== 'serial') return [{ name: connection.transport, settings: connection, changed: {} }];
  const wanted = bauds ?? (allSettings ? BAUDS : [own]);
  const sorted = wanted.toSorted((a, b) => Number(a !== own) - Number(b !== own));
  return sorted.map((baud) => ({
    name: `${baud} 8E1`,
    settings: { ...connection, baud },
    changed: baud === own ? {} : { baud },
  }));
}
