import { formatObis, obisOfBytes, parseObis, type Obis } from '../../src/model/obis.ts';
import { isNumber, type Data } from './data.ts';

// What meters push is a list, and every maker has an idea of his own how to write one. Recognised here are lists that
// say what their values are, and those of makers who put it into a document instead.

/** One value of a list. `scaler`: the power of ten that it is multiplied by; `unit`: a number of the standard's table. */
export type Item = {
  readonly obis: Obis;
  readonly data: Data;
  readonly scaler: number;
  readonly unit: number | undefined;
};

/** What a list turned out to be. */
export type List = {
  readonly items: readonly Item[];
  /** How many of its values nothing gives a name to. */
  readonly nameless: number;
  /** Says who wrote it, so that others of the same meter that have no names can be read as well. */
  readonly layout: Layout | undefined;
};

/**
 * How to read a list whose values have no names: as Kaifa's meters in Norway send them, or by the codes of its values
 * in their order, undefined for one to be left out.
 */
export type Layout = 'kaifa' | readonly (Obis | undefined)[];

type Named = { readonly obis: Obis; readonly data: Data; readonly scalerUnit?: ScalerUnit };
type ScalerUnit = { readonly scaler: number; readonly unit: number };

/** The values of a pushed list; `layout` is for those without names. */
export function readList(body: Data, layout?: Layout): List {
  const items = itemsOf(body) ?? [body];
  const written = makerOf(items);
  const positional = layout ?? (written === 'kaifa' ? 'kaifa' : undefined);
  const placed = positional === undefined ? undefined : byPosition(items, positional);
  const { found, nameless } = placed ?? byDescription(items) ?? byName(items);
  // A list by position says nothing of its maker where it is short.
  const maker = written ?? (placed === undefined ? undefined : makerBy(layout));
  return {
    items: found.map((item) => scaled(item, maker)),
    nameless,
    layout: written === 'kaifa' ? 'kaifa' : undefined,
  };
}

function makerBy(layout: Layout | undefined): Maker | undefined {
  return layout === 'kaifa' ? layout : undefined;
}

type Reading = { readonly found: readonly Named[]; readonly nameless: number };

function itemsOf(data: Data | undefined): readonly Data[] | undefined {
  return data !== undefined && 'items' in data ? data.items : undefined;
}

// ---- Values that bear their names ----

/** Name, value, and scaler with unit, one after the other or as structures of their own; nulls stand for what is absent. */
function byName(items: readonly Data[]): Reading {
  const found: Named[] = [];
  let nameless = 0;
  for (let at = 0; at < items.length; at += 1) {
    const item = items[at];
    const obis = nameOf(item);
    const value = items[at + 1];
    if (obis !== undefined && value !== undefined) {
      const scalerUnit = scalerUnitOf(items[at + 2]);
      found.push({ obis, data: value, ...(scalerUnit !== undefined && { scalerUnit }) });
      at += scalerUnit === undefined ? 1 : 2;
      continue;
    }
    const inner = itemsOf(item);
    const rest: Reading = inner === undefined ? { found: [], nameless: Number(item?.type !== 'null') } : byName(inner);
    found.push(...rest.found);
    nameless += rest.nameless;
  }
  return { found, nameless };
}

// IEC 62056-61, table of value group A: media up to 15 are known. A text of six letters is no name.
const LARGEST_MEDIUM = 15;

function nameOf(data: Data | undefined): Obis | undefined {
  if (data?.type !== 'octets') return undefined;
  const obis = obisOfBytes(data.bytes);
  return obis !== undefined && obis.a <= LARGEST_MEDIUM ? obis : undefined;
}

/** IEC 62056-62, scal_unit_type. */
export function scalerUnitOf(data: Data | undefined): ScalerUnit | undefined {
  const [scaler, unit, ...more] = itemsOf(data) ?? [];
  if (data?.type !== 'structure' || more.length > 0) return undefined;
  if (scaler?.type !== 'int8' || unit?.type !== 'enum') return undefined;
  return { scaler: Number(scaler.value), unit: Number(unit.value) };
}

// ---- Values that a description in front of them names ----

type Description = { readonly obis: Obis; readonly attribute: number };

/** IEC 62056-62, push setup: the list of objects, and then what they hold; the list itself may be one of them. */
function byDescription(items: readonly Data[]): Reading | undefined {
  const described = (itemsOf(items[0]) ?? []).map(descriptionOf).filter((each) => each !== undefined);
  if (described.length === 0 || described.length !== itemsOf(items[0])?.length) return undefined;
  const values = [items.slice(1), items].find(({ length }) => length === described.length);
  if (values === undefined) return undefined;
  const pairs = described.flatMap((description, index) => {
    const data = values[index];
    return data === undefined || data === items[0] ? [] : [{ ...description, data }];
  });
  const scalers = new Map(
    pairs
      .map(({ obis, data }) => [formatObis(obis), scalerUnitOf(data)] as const)
      .filter(([, scale]) => scale !== undefined),
  );
  const found = pairs
    .filter(({ attribute, data }) => attribute === VALUE && data.type !== 'null')
    .map(({ obis, data }) => withScaler({ obis, data }, scalers.get(formatObis(obis))));
  return { found, nameless: 0 };
}

const VALUE = 2;

function withScaler(named: Named, scalerUnit: ScalerUnit | undefined): Named {
  return scalerUnit === undefined ? named : { ...named, scalerUnit };
}

const DESCRIPTION_TYPES = ['uint16', 'octets', 'int8', 'uint16'] as const;

/** Class, logical name, attribute and data index. */
function descriptionOf(data: Data): Description | undefined {
  const fields = itemsOf(data) ?? [];
  const isOne =
    fields.length === DESCRIPTION_TYPES.length && fields.every(({ type }, index) => type === DESCRIPTION_TYPES[index]);
  const [, name, attribute] = fields;
  const obis = isOne && name?.type === 'octets' ? obisOfBytes(name.bytes) : undefined;
  return obis === undefined || !isNumber(attribute) ? undefined : { obis, attribute: Number(attribute.value) };
}

// ---- Values that only their order tells apart ----

const codes = (text: string): readonly Obis[] => text.split(' ').flatMap((code) => parseObis(code) ?? []);

const KAIFA_HEAD = '1-0:0.2.129 0-0:96.1.0 0-0:96.1.7 1-0:1.7.0 1-0:2.7.0 1-0:3.7.0 1-0:4.7.0';
const KAIFA_SINGLE = `${KAIFA_HEAD} 1-0:31.7.0 1-0:32.7.0`;
const KAIFA_THREE = `${KAIFA_HEAD} 1-0:31.7.0 1-0:51.7.0 1-0:71.7.0 1-0:32.7.0 1-0:52.7.0 1-0:72.7.0`;
const KAIFA_HOUR = '0-0:1.0.0 1-0:1.8.0 1-0:2.8.0 1-0:3.8.0 1-0:4.8.0';

/** Kaifa, OBIS List Information for the Norwegian HAN port: lists 1 to 3, of one phase and of three. */
const KAIFA: ReadonlyMap<number, readonly Obis[]> = new Map(
  ['1-0:1.7.0', KAIFA_SINGLE, KAIFA_THREE, `${KAIFA_SINGLE} ${KAIFA_HOUR}`, `${KAIFA_THREE} ${KAIFA_HOUR}`].map(
    (list) => [codes(list).length, codes(list)] as const,
  ),
);

/** Undefined where the list does not have as many values as the layout, or bears names after all. */
function byPosition(items: readonly Data[], layout: Layout): Reading | undefined {
  const places = layout === 'kaifa' ? KAIFA.get(items.length) : layout;
  if (places?.length !== items.length || items.some((item) => itemsOf(item) !== undefined)) return undefined;
  const found = items.flatMap((data, index): readonly Named[] => {
    const obis = places[index];
    return obis === undefined || data.type === 'null' ? [] : [{ obis, data }];
  });
  return { found, nameless: 0 };
}

// ---- Values whose scale only a document gives ----

const makers = { KFM_001: 'kaifa', Kamstrup_V0001: 'kamstrup' } as const;
type Maker = (typeof makers)[keyof typeof makers];

/** Who wrote the list, where it says so in one of its first values. */
function makerOf(items: readonly Data[]): Maker | undefined {
  for (const item of items.slice(0, 2)) {
    const text = item.type === 'octets' ? item.bytes.toString('latin1') : 'text' in item ? item.text : '';
    if (isMaker(text)) return makers[text];
  }
  return undefined;
}

function isMaker(text: string): text is keyof typeof makers {
  return Object.hasOwn(makers, text);
}

/** Scales of currents, voltages and energies; powers are whole W and var. */
const SCALES: Readonly<Record<Maker, { readonly current: number; readonly voltage: number; readonly energy: number }>> =
  {
    kaifa: { current: -3, voltage: -1, energy: 0 },
    kamstrup: { current: -2, voltage: 0, energy: 1 },
  };

const units = { ampere: 33, volt: 35, watt: 27, var: 29, wattHour: 30, varHour: 32 } as const;

/** What a code of group C is measured in, and by which of the scales: of electricity as it is now (D = 7). */
const NOW: Readonly<Record<number, readonly [quantity: 'power' | 'current' | 'voltage', unit: number]>> = {
  1: ['power', units.watt],
  2: ['power', units.watt],
  3: ['power', units.var],
  4: ['power', units.var],
  31: ['current', units.ampere],
  51: ['current', units.ampere],
  71: ['current', units.ampere],
  32: ['voltage', units.volt],
  52: ['voltage', units.volt],
  72: ['voltage', units.volt],
};
const ENERGY: Readonly<Record<number, number>> = {
  1: units.wattHour,
  2: units.wattHour,
  3: units.varHour,
  4: units.varHour,
};

function scaled({ obis, data, scalerUnit }: Named, maker: Maker | undefined): Item {
  if (scalerUnit !== undefined) return { obis, data, ...scalerUnit };
  const plain = { obis, data, scaler: 0, unit: undefined };
  if (maker === undefined || obis.a !== 1 || !isNumber(data)) return plain;
  if (obis.d === 8) return { obis, data, scaler: SCALES[maker].energy, unit: ENERGY[obis.c] };
  const [quantity, unit] = (obis.d === 7 ? NOW[obis.c] : undefined) ?? [];
  if (quantity === undefined) return plain;
  return { obis, data, scaler: quantity === 'power' ? 0 : SCALES[maker][quantity], unit };
}
