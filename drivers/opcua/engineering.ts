import { parseUnit } from '../../src/model/ucum.ts';
import { UCUM_URI, UNECE_URI, ucumOfSign, ucumOfUnitId } from '../../src/model/unece-units.ts';
import { propertiesOf } from './properties.ts';
import type { Services } from './services.ts';
import { builtIn, scalarOf } from './value.ts';

/** What a server says of the numbers of a variable (Part 8, 5.3.2). */
export type Engineering = {
  /** In UCUM. */
  readonly unit?: string;
  /** What is to be expected while the plant works as it should. */
  readonly range?: { readonly low: number; readonly high: number };
};

/** What is said of these nodes. Rejects as `Services.ask` does. */
export async function engineeringOf(
  services: Services,
  nodeIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Engineering>> {
  const properties = await propertiesOf(services, nodeIds, ['EngineeringUnits', 'EURange'], signal);
  const known = new Map<string, Engineering>();
  for (const { owner, name, value } of properties) {
    const said = name === 'EURange' ? { range: rangeIn(value) } : { unit: unitIn(value) };
    known.set(owner, { ...known.get(owner), ...defined(said) });
  }
  return known;
}

function defined(said: { readonly unit?: string | undefined; readonly range?: Engineering['range'] }): Engineering {
  const { unit, range } = said;
  return { ...(unit !== undefined && { unit }), ...(range !== undefined && { range }) };
}

/** Of an EUInformation; undefined where we have no such unit. */
function unitIn(value: unknown): string | undefined {
  if (!isUnit(value)) return undefined;
  const { namespaceUri, unitId, displayName } = value;
  const name = scalarOf({ dataType: builtIn.LocalizedText, value: displayName }, 'string');
  const sign = typeof name === 'string' ? name : '';
  if (namespaceUri === UCUM_URI && parseUnit(sign) !== undefined) return sign;
  const coded = namespaceUri === UNECE_URI && typeof unitId === 'number' ? ucumOfUnitId(unitId) : undefined;
  return coded ?? ucumOfSign(sign);
}

type Information = { readonly namespaceUri: unknown; readonly unitId: unknown; readonly displayName: unknown };

function isUnit(value: unknown): value is Information {
  return (
    typeof value === 'object' &&
    value !== null &&
    'namespaceUri' in value &&
    'unitId' in value &&
    'displayName' in value
  );
}

/** Of a Range; undefined where it holds nothing, as one that nobody has filled in. */
function rangeIn(value: unknown): Engineering['range'] {
  if (typeof value !== 'object' || value === null || !('low' in value) || !('high' in value)) return undefined;
  const { low, high } = value;
  const isRange = typeof low === 'number' && typeof high === 'number' && Number.isFinite(low) && Number.isFinite(high);
  return isRange && low < high ? { low, high } : undefined;
}
