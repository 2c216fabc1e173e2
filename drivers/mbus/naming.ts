import type { DiscoveredPoint } from '../../src/collect/driver.ts';
import type { PointKind } from '../../src/model/point.ts';
import { quantities } from '../../src/model/vocabulary.ts';
import type { GatheredRecord } from './gathered.ts';
import { CLOCK_DEVIATION, MANUFACTURER_DATA, STATUS } from './known-names.ts';
import type { Family } from './media.ts';
import { printRecord, type RecordKey } from './record-name.ts';

type Quantity = keyof typeof quantities;
type Words = Readonly<Record<string, Quantity>>;

const ANY_METER: Words = {
  'operating-time': 'operating-time',
  'fabrication-number': 'serial-number',
  'error-flags': 'error-code',
  'relative-humidity': 'relative-humidity',
  frequency: 'frequency',
  pressure: 'pressure',
  'date-time': 'meter-time',
  [STATUS]: 'meter-status',
  [CLOCK_DEVIATION]: 'clock-deviation',
};

const HEAT: Words = {
  energy: 'heat-energy',
  volume: 'heat-volume',
  power: 'heat-power',
  'volume-flow': 'heat-flow',
  'flow-temperature': 'flow-temperature',
  'return-temperature': 'return-temperature',
  'temperature-difference': 'temperature-difference',
};

const PHASES = ['l1', 'l2', 'l3'] as const;

/** `voltage l1` of the record is `voltage-l1` of the vocabulary. */
function byPhase(name: string, quantity: 'voltage' | 'current' | 'active-power' | 'power-factor'): Words {
  return Object.fromEntries(PHASES.map((phase) => [`${name} ${phase}`, `${quantity}-${phase}` as const]));
}

const ELECTRICITY: Words = {
  energy: 'active-energy-import',
  'energy backward': 'active-energy-export',
  'reactive-energy': 'reactive-energy-import',
  'reactive-energy backward': 'reactive-energy-export',
  power: 'active-power',
  'reactive-power': 'reactive-power',
  'apparent-power': 'apparent-power',
  'current neutral': 'current-neutral',
  'voltage l1-l2': 'voltage-l1-l2',
  'voltage l2-l3': 'voltage-l2-l3',
  'voltage l3-l1': 'voltage-l3-l1',
  ...byPhase('voltage', 'voltage'),
  ...byPhase('current', 'current'),
  ...byPhase('power', 'active-power'),
};

/** What a record's name is in the vocabulary, by what the meter measures. */
const WORDS: Readonly<Record<Family, Words>> = {
  electricity: ELECTRICITY,
  heat: HEAT,
  cooling: {
    ...HEAT,
    energy: 'cooling-energy',
    volume: 'cooling-volume',
    power: 'cooling-power',
    'volume-flow': 'cooling-flow',
  },
  water: { volume: 'water-volume', 'volume-flow': 'water-flow', 'flow-temperature': 'medium-temperature' },
  'hot-water': {
    volume: 'hot-water-volume',
    'volume-flow': 'hot-water-flow',
    'flow-temperature': 'medium-temperature',
  },
  gas: { volume: 'gas-volume', 'volume at-base-conditions': 'gas-volume-converted', 'volume-flow': 'gas-flow' },
  allocator: { 'heat-cost-allocation': 'heat-cost-units' },
  room: { 'external-temperature': 'room-temperature', 'flow-temperature': 'room-temperature' },
};

// Tariffs that have words of their own.
const BY_TARIFF = new Set<string>([
  'active-energy-import',
  'active-energy-export',
  'reactive-energy-import',
  'reactive-energy-export',
]);
const MOST_TARIFFS = 4;

/** The quantity that a record is, as far as the vocabulary has a word for just that: a value as it is now. */
function quantityOf(key: RecordKey, family: Family | undefined): Quantity | undefined {
  const known = wordFor(key, family);
  if (known === undefined || !isNow(key)) return undefined;
  const { tariff } = key;
  if (tariff === 0) return known;
  const byTariff = `${known}-t${tariff}`;
  return BY_TARIFF.has(known) && tariff <= MOST_TARIFFS && isQuantity(byTariff) ? byTariff : undefined;
}

function wordFor({ name }: RecordKey, family: Family | undefined): Quantity | undefined {
  return (family === undefined ? undefined : WORDS[family][name]) ?? ANY_METER[name];
}

function isNow({ function: which, storage, subunit, occurrence }: RecordKey): boolean {
  return which === 'instantaneous' && storage === 0 && subunit === 0 && occurrence === 1;
}

function isQuantity(name: string): name is Quantity {
  return Object.hasOwn(quantities, name);
}

const COUNTERS = [
  'energy',
  'reactive-energy',
  'apparent-energy',
  'volume',
  'mass',
  'on-time',
  'operating-time',
  'heat-cost-allocation',
  'reset-counter',
  'cumulation-counter',
  'counter',
];
const HOUR = 3_600_000; // milliseconds
const RARELY_CHANGING = [
  'fabrication-number',
  'identification',
  'bus-address',
  'parameter-set',
  'model-version',
  'hardware-version',
  'firmware-version',
  'software-version',
  'customer-location',
  'customer',
  MANUFACTURER_DATA,
];

/** What a gateway shows of a record when nobody said what is wanted. */
export function discovered(record: GatheredRecord, family: Family | undefined): DiscoveredPoint {
  const { key, content, unit } = record;
  const quantity = quantityOf(key, family);
  const text = printRecord(key);
  const isText = isTextual(record);
  return {
    name: pointName(key, text, family),
    address: { record: { ...key, text }, ...(isText ? { type: 'text' } : { unit }) },
    kind: isText ? 'text' : kindOf(key, content === 'bits'),
    ...(unit !== undefined && !isText && { unit }),
    ...(quantity !== undefined && { quantity, ...obisOf(quantity) }),
    ...(isRarelyChanging(key) && { every: HOUR }),
  };
}

function isTextual({ value, content }: GatheredRecord): boolean {
  return typeof value === 'string' || content === 'text' || content === 'time' || content === 'bytes';
}

function isRarelyChanging({ storage, name }: RecordKey): boolean {
  return storage > 0 || RARELY_CHANGING.includes(name);
}

function obisOf(quantity: Quantity): { readonly obis?: string } {
  const known = quantities[quantity];
  return 'obis' in known ? { obis: known.obis } : {};
}

/** The quantity's name where it has one, and else what the record is called, both followed by which of its values it is. */
function pointName(key: RecordKey, text: string, family: Family | undefined): string {
  const word = wordFor(key, family);
  const name = quantityOf(key, family) ?? (word === undefined ? text : text.replace(key.name, word));
  return name.replaceAll(' ', '-').replaceAll('#', '');
}

function kindOf({ name, function: which, storage }: RecordKey, isBits: boolean): PointKind {
  if (isBits) return 'state';
  const [base = ''] = name.split(' ');
  const isCounting =
    which === 'instantaneous' && storage === 0 && COUNTERS.includes(base) && !/ per-|limit|deviation/.test(name);
  return isCounting ? 'counter' : 'gauge';
}
