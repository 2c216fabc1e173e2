import type { DataSet } from '../meter/data-lines.ts';
import type { MeterValue } from '../meter/value.ts';

/** What the sub-meters behind a meter measure. */
export type Channels = {
  /** Name and quantity of a value of a sub-meter; nothing for other addresses. */
  readonly nameOf: (address: string) => Pick<MeterValue, 'name' | 'quantity'>;
};

// EN 13757-3, table of device types; DSMR tells them in `0-n:24.1.0`.
const MEASURED: Readonly<Record<number, string>> = {
  2: 'active-energy-import',
  3: 'gas-volume',
  4: 'heat-energy',
  6: 'hot-water-volume',
  7: 'water-volume',
  8: 'heat-cost-units',
  10: 'cooling-energy',
  11: 'cooling-energy',
  12: 'heat-energy',
};

const TYPE = /^0-(\d):24\.1\.0$/;
// The last value: DSMR 4 and later, Belgium where it is not converted for its temperature, DSMR 2.2 and 3.
const LAST_VALUE = /^0-(\d):24\.(?:2\.\d|3\.0)$/;
const OLD_GAS = '7-0:23.1.0';
const NUMBER = /^0-(\d):96\.1\.[01]$/;

const NOTHING = {};

/** The sub-meters that a telegram speaks of. */
export function channelsIn(sets: readonly DataSet[]): Channels {
  const quantities = new Map<string, string>();
  for (const { address, values } of sets) {
    const [, channel] = TYPE.exec(address) ?? [];
    const measured = MEASURED[Number(values[0] ?? '')];
    if (channel !== undefined && measured !== undefined) quantities.set(channel, measured);
  }
  return {
    nameOf: (address) => {
      if (!address.startsWith('0-'))
        return address === OLD_GAS ? { name: 'gas-volume', quantity: 'gas-volume' } : NOTHING;
      const [, valued] = LAST_VALUE.exec(address) ?? [];
      const quantity = valued === undefined ? undefined : quantities.get(valued);
      if (quantity !== undefined) return { name: `${quantity}-channel-${valued}`, quantity };
      const [, numbered = '0'] = NUMBER.exec(address) ?? [];
      return numbered === '0' ? NOTHING : { name: `serial-number-channel-${numbered}`, quantity: 'serial-number' };
    },
  };
}
