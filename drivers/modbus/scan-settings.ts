import { parities, type ScanRange, type ScanSettings } from '../../src/collect/driver.ts';
import type { ConnectionSettings, SerialSettings } from './connection-schema.ts';
import { formatOf } from './transport.ts';

// Most meters leave their factory with one of the first two.
const BAUDS = [9_600, 19_200, 38_400, 115_200, 57_600, 4_800, 2_400, 1_200] as const;

/** All bauds and parities to be tried on a serial line, its own first; a network has only its own settings. */
export function scanSettings(
  settings: ConnectionSettings,
  range: ScanRange,
): readonly ScanSettings<ConnectionSettings>[] {
  if (settings.transport !== 'serial') return [{ name: settings.transport, settings, changed: {} }];
  const { baud, parity } = settings;
  const bauds = [...new Set(range.bauds ?? [baud, ...BAUDS])];
  const tried = [...new Set(range.parities ?? [parity, ...parities])];
  return bauds
    .flatMap((each) => tried.map((other) => ({ baud: each, parity: other })))
    .toSorted((a, b) => Number(isOwn(b, settings)) - Number(isOwn(a, settings)))
    .map((changed) => variant(settings, changed));
}

type Change = Pick<SerialSettings, 'baud' | 'parity'>;

function isOwn({ baud, parity }: Change, settings: SerialSettings): boolean {
  return baud === settings.baud && parity === settings.parity;
}

function variant(settings: SerialSettings, changed: Change): ScanSettings<ConnectionSettings> {
  const other = { ...settings, ...changed };
  const { baud, dataBits, parity, stopBits } = formatOf(other);
  return { name: `${baud} ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`, settings: other, changed };
}
