import type { DiscoveredPoint, DriverDevice, DriverPoint, Pushed } from '../../src/collect/driver.ts';
import { meaningOf } from '../../src/model/obis-meaning.ts';
import { formatObis, type Obis } from '../../src/model/obis.ts';
import type { PointNumber, Reading } from '../../src/model/reading.ts';
import { localZone } from '../meter/time.ts';
import { unitOfNumber } from '../meter/units.ts';
import { decodeGeneral, generalTags, unseal, type Keys } from './ciphering.ts';
import { tags } from './apdu.ts';
import { instantOfCosem, parseCosemTime, type CosemTime } from './cosem-time.ts';
import { readList, type Item, type Layout } from './lists.ts';
import { decodeNotification } from './notification.ts';
import { malformed } from './reader.ts';
import { addressKey, pushedAddress, type DeviceSettings, type PointAddress } from './schema.ts';
import { decodeValue, kindOf } from './value.ts';

type Device = DriverDevice<DeviceSettings, PointAddress>;
type Point = DriverPoint<PointAddress>;

/** What a telegram says of its own time and origin. */
type Stamp = Pick<Reading, 'sourceTime' | 'receivedTime'> & { readonly doubtful: boolean; readonly insecure: boolean };

/** A meter that sends its values by itself: what it is configured to be, and what it has told so far. */
export class PushingMeter {
  readonly id: string;
  readonly #settings: DeviceSettings;
  readonly #keys: Keys | undefined;
  /** By code; undefined where all that it sends becomes points. */
  readonly #points: ReadonlyMap<string, readonly Point[]> | undefined;
  /** Names of the points told of, by code. */
  readonly #named = new Map<string, string>();
  readonly #taken = new Set<string>();
  #layout: Layout | undefined;
  /** The last invocation counter, by which a repetition is recognised. */
  #counter = -1;

  constructor(device: Device, keys: Keys | undefined) {
    this.id = device.id;
    this.#settings = device.settings;
    this.#keys = keys;
    this.#points = device.points.length === 0 ? undefined : byCode(device.points);
    this.#layout = layoutOf(device.settings.list);
  }

  /** What an APDU says. Throws `answer-malformed` for what is none, or must not be believed. */
  hear(apdu: Buffer, receivedTime: number): Pushed {
    const { plain, insecure } = this.#open(apdu);
    const { time, body } = decodeNotification(plain);
    const { items, nameless, layout } = readList(body, this.#layout);
    this.#layout ??= layout;
    if (items.length === 0) throw malformed(`a list in which none of its ${nameless} values has a name`);
    const stamp = this.#stamp(timeOf(items, time), { receivedTime, insecure });
    return this.#points === undefined ? this.#described(items, stamp) : this.#configured(this.#points, items, stamp);
  }

  #open(apdu: Buffer): { readonly plain: Buffer; readonly insecure: boolean } {
    const tag = apdu[0];
    const { verify } = this.#settings;
    if (tag !== generalTags.global) {
      if (this.#keys !== undefined && verify) throw malformed('it is not encrypted, although there are keys for it');
      return { plain: apdu, insecure: this.#keys !== undefined };
    }
    const { title, sealed } = decodeGeneral(apdu);
    this.#requireTitle(title);
    if (this.#keys === undefined)
      throw malformed(`it is encrypted: the keys of meter ${title.toString('hex')} are needed`);
    const opened = unseal(sealed, { keys: this.#keys, title, verify });
    if (opened.plain[0] !== tags.dataNotification)
      throw malformed('what it encrypts makes no sense: is the key right?');
    if (verify && opened.counter <= this.#counter) {
      throw malformed(`its invocation counter ${opened.counter} was there before: it was recorded and sent again`);
    }
    this.#counter = Math.max(this.#counter, opened.counter);
    return opened;
  }

  #requireTitle(title: Buffer): void {
    const { meter } = this.#settings;
    if (meter === undefined || title.toString('hex') === meter) return;
    throw malformed(`it comes from meter ${title.toString('hex')} instead of ${meter}`);
  }

  #stamp(time: CosemTime | undefined, origin: { readonly receivedTime: number; readonly insecure: boolean }): Stamp {
    const { clock, zone = localZone() } = this.#settings;
    const instant = time === undefined ? undefined : instantOfCosem(time, { reading: clock, zone });
    return { ...origin, sourceTime: instant ?? null, doubtful: time?.doubtful ?? false };
  }

  #configured(points: ReadonlyMap<string, readonly Point[]>, items: readonly Item[], stamp: Stamp): Pushed {
    const readings = items.flatMap((item) =>
      (points.get(formatObis(item.obis)) ?? []).map((point) => readingOf(item, point.number, point.address, stamp)),
    );
    return { device: this.id, readings: firstOfEach(readings) };
  }

  #described(items: readonly Item[], stamp: Stamp): Pushed {
    const discovered: DiscoveredPoint[] = [];
    const readings: Reading<PointNumber | string>[] = [];
    for (const item of items) {
      const kind = kindOf(item.data);
      if (kind === undefined) continue; // absent, or made of several values
      const address = pushedAddress(item.obis, kind);
      const key = formatObis(item.obis);
      const name = this.#named.get(key) ?? this.#nameFor(item.obis);
      if (!this.#named.has(key)) discovered.push(discover(name, item, address));
      this.#named.set(key, name);
      readings.push(readingOf(item, name, address, stamp));
    }
    return { device: this.id, readings: firstOfEach(readings), ...(discovered.length > 0 && { discovered }) };
  }

  #nameFor(obis: Obis): string {
    const code = formatObis(obis);
    const meant = meaningOf(obis)?.name ?? code;
    const name = this.#taken.has(meant) ? `${meant}-${code}` : meant;
    this.#taken.add(name);
    return name;
  }
}

function byCode(points: readonly Point[]): ReadonlyMap<string, readonly Point[]> {
  return Map.groupBy(points, ({ address }) => addressKey(address));
}

function layoutOf(list: DeviceSettings['list']): Layout | undefined {
  if (list === undefined || list === 'kaifa') return list;
  return list.map((code) => (code === '-' ? undefined : code));
}

/** Of the list's own clock where it has one, else of the telegram. */
function timeOf(items: readonly Item[], time: Buffer | undefined): CosemTime | undefined {
  const clock = items.find(({ obis }) => obis.a === 0 && obis.c === 1 && obis.d === 0 && obis.e === 0);
  const told = clock !== undefined && 'bytes' in clock.data ? parseCosemTime(clock.data.bytes) : undefined;
  return told ?? (time === undefined ? undefined : parseCosemTime(time));
}

function discover(name: string, { obis, unit: number }: Item, address: PointAddress): DiscoveredPoint {
  const meaning = meaningOf(obis);
  const unit = number === undefined ? undefined : unitOfNumber(number);
  return {
    name,
    address,
    obis: formatObis(obis),
    ...(unit !== undefined && { unit }),
    ...(meaning?.quantity !== undefined && { quantity: meaning.quantity }),
    ...(address.type === 'number' && meaning !== undefined && meaning.kind !== 'text' && { kind: meaning.kind }),
  };
}

function readingOf<Name extends PointNumber | string>(
  { data, scaler }: Item,
  point: Name,
  address: PointAddress,
  { sourceTime, receivedTime, doubtful }: Stamp,
): Reading<Name> {
  const decoded = decodeValue(data, address.type, scaler);
  const stamped = { point, sourceTime, receivedTime };
  if ('reason' in decoded) return { ...stamped, quality: 'bad', value: null, reason: decoded.reason };
  if (doubtful) return { ...stamped, quality: 'uncertain', value: decoded.value, reason: 'time' };
  return { ...stamped, quality: 'good', value: decoded.value };
}

/** A list may hold a value twice; the first counts. */
function firstOfEach<Name>(readings: readonly Reading<Name>[]): readonly Reading<Name>[] {
  const seen = new Set<Name>();
  return readings.filter(({ point }) => !seen.has(point) && seen.add(point));
}
