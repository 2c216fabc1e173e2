import type { AdHocDevice, AdHocReading, Keys } from '../../collect/commissioning.ts';
import { GatewayError } from '../../model/errors.ts';
import type { Context } from '../context.ts';
import { paint, qualityText, valueText } from '../format.ts';
import { interruption } from '../interruption.ts';
import { table, type Column } from '../table.ts';
import type { ConnectionOptions } from './connection-options.ts';
import { dumpRow, placesFrom, type DumpRow } from './dump.ts';
import { isWholePlace, placeKeys, rawKeys, scaled, type PlaceOptions } from './place.ts';
import { plausibilities, type Plausibility } from './plausible.ts';
import { reach, type Reached } from './reach.ts';
import { addressedTarget, type Target } from './target.ts';
import { requireValue } from './verdict.ts';

export type ReadPlaceOptions = PlaceOptions & { readonly allOrders?: true; readonly count?: number };

/** Reads places of a device that need not be configured, in one of three ways. */
export async function readPlaces(
  name: string,
  places: readonly string[],
  options: ReadPlaceOptions & ConnectionOptions,
  context: Context,
): Promise<void> {
  if (options.allOrders && places.length > 1) {
    throw new GatewayError('usage', '--all-orders reads one address at a time');
  }
  const signal = interruption();
  const target = await addressedTarget(name, options, context);
  await using reached = await reach(target.connection, context);
  using _progress = context.output.progress(`reading ${name}`);
  const reading = { target, places, options, reached, signal };
  const answers = await (options.allOrders === true ? readAllOrders : wayFor(reading))(reading, context);
  requireValue(name, answers);
}

type Reading = {
  readonly target: Target;
  readonly places: readonly string[];
  readonly options: ReadPlaceOptions;
  readonly reached: Reached;
  readonly signal: AbortSignal;
};

/** Shows what it has read, and answers with it. */
type Way = (reading: Reading, context: Context) => Promise<readonly AdHocReading[]>;

/** As bare registers where the protocol cannot tell what they mean, and nobody says it. */
function wayFor({ target, places, options }: Reading): Way {
  if (options.type !== undefined) return readValues;
  const hasTypes = Object.hasOwn(target.connection.driver.schemas.point.shape, 'type');
  const needsType = hasTypes && !places.every((place) => isWholePlace(target.connection.driver, place));
  return needsType || options.count !== undefined ? readCells : readValues;
}

function asked({ target, options }: Reading, places: readonly string[], more: Keys = {}): AdHocDevice {
  const { driver } = target.connection;
  const points = places.map((place) => [place, placeKeys(driver, place, options, more)] as const);
  return { device: target.keys, points: Object.fromEntries(points) };
}

function valueColumns({ scale = 1 }: PlaceOptions): readonly Column<AdHocReading>[] {
  return [
    { title: 'address', cell: ({ point }) => point },
    { title: 'value', right: true, cell: (reading) => valueText(reading, { scale, offset: 0 }) },
    { title: 'quality', cell: qualityText },
  ];
}

async function readValues(reading: Reading, { output }: Context): Promise<readonly AdHocReading[]> {
  const { places, options, reached, signal } = reading;
  const raw = await reached.commissioning.readAdHoc(asked(reading, places), signal);
  const readings = inOrder(raw, places).map((each) => scaled(each, options));
  await output.result(readings, () => table(valueColumns(options), readings));
  return readings;
}

function inOrder(readings: readonly AdHocReading[], places: readonly string[]): readonly AdHocReading[] {
  return readings.toSorted((a, b) => places.indexOf(a.point) - places.indexOf(b.point));
}

type Alternative = AdHocReading & { readonly plausible: Plausibility | null };

const alternativeColumns: readonly Column<Alternative>[] = [
  { title: 'read as', cell: ({ point }) => point },
  { title: 'value', right: true, cell: valueText },
  { title: 'plausible', cell: ({ plausible }) => plausibleText(plausible) },
];

function plausibleText(found: Plausibility | null): string {
  if (found === null) return '';
  return found.strength === 'likely' ? paint('green', `★ ${found.why}`) : paint('dim', found.why);
}

async function readAllOrders(reading: Reading, { output }: Context): Promise<readonly AdHocReading[]> {
  const { places, reached, signal } = reading;
  // The type is only a beginning, where the driver wants one.
  const more = rawKeys(reading.target.connection.driver, places);
  const readings = await reached.commissioning.readAlternatives(asked(reading, places, more), signal);
  const found = plausibilities(readings);
  const alternatives = readings.map((each) => ({ ...each, plausible: found.get(each.point) ?? null }));
  const documents = alternatives.map(({ point, ...rest }) => ({ as: point, ...rest }));
  await output.result(documents, () => table(alternativeColumns, alternatives));
  output.note('\nCompare with the display of the device: only that is proof.');
  return readings;
}

const cellColumns: readonly Column<DumpRow>[] = [
  { title: 'address', cell: ({ place }) => place },
  { title: 'hex', right: true, cell: ({ hex }) => hex },
  { title: 'unsigned', right: true, cell: ({ unsigned }) => unsigned },
  { title: 'signed', right: true, cell: ({ signed }) => signed },
  { title: 'bits', cell: ({ bits }) => bits },
  { title: 'text', cell: ({ text }) => text },
];

async function readCells(reading: Reading, { output }: Context): Promise<readonly AdHocReading[]> {
  const { options, reached, signal } = reading;
  const places = reading.places.flatMap((place) => {
    const following = placesFrom(place, options.count ?? 1);
    if (following !== undefined) return following;
    throw new GatewayError('usage', `${place}: --count needs an address that ends in a number, e.g. "holding 100"`);
  });
  const more = rawKeys(reading.target.connection.driver, places);
  const readings = inOrder(await reached.commissioning.readAdHoc(asked(reading, places, more), signal), places);
  const rows = readings.map(({ point, value, reason }) =>
    dumpRow({
      place: point,
      value: typeof value === 'string' || value === null ? undefined : value,
      ...(reason !== undefined && { reason }),
    }),
  );
  await output.result(readings, () => table(cellColumns, rows));
  return readings;
}
