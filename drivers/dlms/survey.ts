import type { DiscoveredPoint, Identity } from '../../src/collect/driver.ts';
import { GatewayError } from '../../src/model/errors.ts';
import { meaningOf } from '../../src/model/obis-meaning.ts';
import { formatObis, obisOfBytes, type Obis } from '../../src/model/obis.ts';
import { describeValues } from '../meter/meter-points.ts';
import type { MeterValue } from '../meter/value.ts';
import type { Attribute } from './apdu.ts';
import type { AskedMeter } from './asked-meter.ts';
import { contentOf, type Scale } from './content.ts';
import { isNumber, type Data } from './data.ts';
import { scalerUnitOf } from './lists.ts';
import { isScaled, scalerPlace, VALUE } from './objects.ts';
import { explainResult } from './results.ts';
import { objectClasses } from './schema.ts';

/** What a meter says of itself, and which of its objects say it. */
const FACTS = [
  ['logical device', '0-0:42.0.0'],
  ['serial number', '0-0:96.1.0'],
  ['type', '0-0:96.1.1'],
  ['firmware', '1-0:0.2.0'],
] as const;

export async function identify(meter: AskedMeter, signal: AbortSignal): Promise<Identity> {
  const facts: { readonly name: string; readonly value: string }[] = [];
  for (const [name, code] of FACTS) {
    const place = { classId: objectClasses.data, name: code, index: VALUE };
    const result = await meter.use((client) => client.get(place, signal), signal);
    const content = 'data' in result ? contentOf(result.data) : undefined;
    if (content?.kind === 'text' && content.text !== '') facts.push({ name, value: content.text });
  }
  return { facts, describes: 'DLMS/COSEM: its list of objects' };
}

// IEC 62056-62, association LN: the objects that the client may see.
const OBJECT_LIST: Attribute = { classId: 15, name: '0-0:40.0.0', index: 2 };

const MEASURING: ReadonlySet<number> = new Set(Object.values(objectClasses));

/** The points that a meter's list of objects describes: what holds one value, and lets us read it. */
export async function discover(
  id: string,
  meter: AskedMeter,
  signal: AbortSignal,
): Promise<readonly DiscoveredPoint[]> {
  const result = await meter.use((client) => client.get(OBJECT_LIST, signal), signal);
  if (!('data' in result)) {
    throw new GatewayError('device-undescribed', `${id}: its list of objects: ${explainResult(result.refusal)}`);
  }
  const items = 'items' in result.data ? result.data.items : [];
  const values: MeterValue[] = [];
  const places = new Map<string, number>();
  for (const { classId, obis } of items.flatMap((item) => listed(item) ?? [])) {
    const value = await valueAt(obis, classId, meter, signal);
    if (value === undefined || places.has(value.register)) continue;
    places.set(value.register, classId);
    values.push(value);
  }
  return describeValues(values, id).map((point) => placed(point, places));
}

type Listed = { readonly classId: number; readonly obis: Obis };

/** An object of the list whose value is one, and whose code is that of something that is measured or that the meter is. */
function listed(item: Data): Listed | undefined {
  const [classId, , name] = 'items' in item ? item.items : [];
  const obis = name?.type === 'octets' ? obisOfBytes(name.bytes) : undefined;
  if (!isNumber(classId) || obis === undefined || !MEASURING.has(Number(classId.value))) return undefined;
  // Data objects hold whatever a maker wants to keep: only those that say something are points.
  if (Number(classId.value) === objectClasses.data && meaningOf(obis) === undefined) return undefined;
  return { classId: Number(classId.value), obis };
}

async function valueAt(
  obis: Obis,
  classId: number,
  meter: AskedMeter,
  signal: AbortSignal,
): Promise<MeterValue | undefined> {
  const name = formatObis(obis);
  const place = { classId, name, index: VALUE };
  const result = await meter.use((client) => client.get(place, signal), signal);
  if (!('data' in result)) return undefined;
  const scale = await scaleOf(place, meter, signal);
  const content = scale === 'unknown' ? undefined : contentOf(result.data, scale);
  return content === undefined ? undefined : { register: name, obis, index: 0, content, time: null };
}

async function scaleOf(
  place: Attribute,
  meter: AskedMeter,
  signal: AbortSignal,
): Promise<Scale | undefined | 'unknown'> {
  const at = isScaled(place) ? scalerPlace(place.name, place.classId) : undefined;
  if (at === undefined) return undefined;
  const result = await meter.use((client) => client.get(at, signal), signal);
  return ('data' in result ? scalerUnitOf(result.data) : undefined) ?? 'unknown';
}

function placed(point: DiscoveredPoint, places: ReadonlyMap<string, number>): DiscoveredPoint {
  const { address, obis = '' } = point;
  return { ...point, address: { ...(typeof address === 'object' ? address : {}), object: places.get(obis) } };
}
