import type { Parity, ScanRange, ScanSettings } from '../../src/collect/driver.ts';
import type { ConnectionSettings, SerialSettings } from './connection-schema.ts';
import { formatOf } from './transport.ts';

// By how often they are met.
const BAUDS = [9_600, 19_200, 38_400, 115_200, 57_600, 4_800, 2_400, 1_200] as const;
const PARITIES = ['even', 'none', 'odd'] as const satisfies readonly Parity[];

const LETTERS = { even: 'E', none: 'N', odd: 'O' } as const satisfies Record<Parity, string>;

/** A line may run at any baud with any parity: all that `range` means, the connection's own first. A network has only its own. */
export function scanSettings(
  connection: ConnectionSettings,
  range: ScanRange,
): readonly ScanSettings<ConnectionSettings>[] {
  if (connection.transport !== 'serial') return [{ name: connection.transport, settings: connection, changed: {} }];
  const { allSettings = false } = range;
  const bauds = range.bauds ?? ownFirst(connection.baud, allSettings ? BAUDS : []);
  const parities = range.parities ?? ownFirst(connection.parity, allSettings ? PARITIES : []);
  const variants = bauds.flatMap((baud) => parities.map((parity) => variant(connection, baud, parity)));
  return variants.toSorted((a, b) => Number(isOther(a)) - Number(isOther(b)));
}

function isOther({ changed }: ScanSettings<ConnectionSettings>): boolean {
  return Object.keys(changed).length > 0;
}

function ownFirst<T>(own: T, usual: readonly T[]): readonly T[] {
  return [own, ...usual.filter((other) => other !== own)];
}

function variant(connection: SerialSettings, baud: number, parity: Parity): ScanSettings<ConnectionSettings> {
  const { dataBits, stopBits } = formatOf({ ...connection, baud, parity });
  return {
    name: `${baud} ${dataBits}${LETTERS[parity]}${stopBits}`,
    settings: { ...connection, baud, parity },
    changed: {
      ...(baud !== connection.baud && { baud }),
      ...(parity !== connection.parity && { parity }),
    },
  };
}
