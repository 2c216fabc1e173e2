import type { DriverDevice, Pushed } from '../../src/collect/driver.ts';
import type { Reading } from '../../src/model/reading.ts';
import { clockDeviation } from '../meter/clock-deviation.ts';
import { MeterPoints } from '../meter/meter-points.ts';
import { localZone } from '../meter/time.ts';
import { unverified } from '../meter/unverified.ts';
import { tags } from './apdu.ts';
import { decodeGeneral, generalTags, unseal, type Keys, type Unsealed } from './ciphering.ts';
import { meterValue } from './content.ts';
import { instantOfCosem, parseCosemTime, type CosemTime } from './cosem-time.ts';
import { readList, type Item, type Layout } from './lists.ts';
import { decodeNotification } from './notification.ts';
import { malformed } from './reader.ts';
import type { Counters } from './secure-channel.ts';
import type { DeviceSettings, PointAddress } from './schema.ts';

/** When something arrived, in milliseconds by both of our clocks. */
export type Instant = { readonly monotonic: number; readonly wall: number };

/** What encrypted telegrams are opened with, and by what a repetition is recognised. */
export type Secrets = {
  readonly keys: Keys;
  readonly counters: Pick<Counters, 'admit'> & { readonly keep?: () => Promise<void> };
};

/** A meter that sends its values by itself: what it is configured to be, and what it has told so far. */
export class PushingMeter {
  readonly id: string;
  readonly #settings: DeviceSettings;
  readonly #secrets: Secrets | undefined;
  readonly #points: MeterPoints;
  #layout: Layout | undefined;

  constructor(device: DriverDevice<DeviceSettings, PointAddress>, secrets: Secrets | undefined) {
    this.id = device.id;
    this.#settings = device.settings;
    this.#secrets = secrets;
    this.#points = new MeterPoints(device);
    this.#layout = layoutOf(device.settings.list);
  }

  /** What an APDU says. Throws `answer-malformed` for what is none, or must not be believed. */
  hear(apdu: Buffer, at: Instant): Pushed {
    const { plain, insecure } = this.#open(apdu);
    const { time: sent, body } = decodeNotification(plain);
    const { items, nameless, layout } = readList(body, this.#layout);
    this.#layout ??= layout;
    if (items.length === 0) throw malformed(`a list in which none of its ${nameless} values has a name`);
    const time = timeOf(items, sent);
    const instant = this.#instantOf(time);
    const values = items.flatMap(({ obis, data, ...scale }) => meterValue(obis, data, instant, scale) ?? []);
    const deviation = instant === null ? [] : [clockDeviation(instant, at.wall)];
    const pushed = this.#points.take([...values, ...deviation], at.monotonic);
    const readings = insecure ? pushed.readings.map(unverified) : pushed.readings;
    return { ...pushed, readings: time?.doubtful === true ? readings.map(doubted) : readings };
  }

  /** Remembers over a restart what was heard last. */
  async keep(): Promise<void> {
    await this.#secrets?.counters.keep?.();
  }

  #open(apdu: Buffer): Pick<Unsealed, 'plain' | 'insecure'> {
    const { verify } = this.#settings;
    if (apdu[0] !== generalTags.global) {
      if (this.#secrets !== undefined && verify) throw malformed('it is not encrypted, although there are keys for it');
      return { plain: apdu, insecure: this.#secrets !== undefined };
    }
    const { title, sealed } = decodeGeneral(apdu);
    this.#requireTitle(title);
    if (this.#secrets === undefined) {
      throw malformed(`it is encrypted: the keys of meter ${title.toString('hex')} are needed`);
    }
    const unsealed = unseal(sealed, { keys: this.#secrets.keys, title, verify });
    const { plain, counter } = unsealed;
    if (plain[0] !== tags.dataNotification) throw malformed('what it encrypts makes no sense: is the key right?');
    if (verify && !this.#secrets.counters.admit(counter)) {
      throw malformed(`its invocation counter ${counter} was there before: it was recorded and sent again`);
    }
    return unsealed;
  }

  #requireTitle(title: Buffer): void {
    const { meter } = this.#settings;
    if (meter === undefined || title.toString('hex') === meter) return;
    throw malformed(`it comes from meter ${title.toString('hex')} instead of ${meter}`);
  }

  #instantOf(time: CosemTime | undefined): number | null {
    const { clock, zone = localZone() } = this.#settings;
    return (time === undefined ? undefined : instantOfCosem(time, { reading: clock, zone })) ?? null;
  }
}

function layoutOf(list: DeviceSettings['list']): Layout | undefined {
  if (list === undefined || list === 'kaifa') return list;
  return list.map((code) => (code === '-' ? undefined : code));
}

/** Of the list's own clock where it has one, else of the telegram. */
function timeOf(items: readonly Item[], sent: Buffer | undefined): CosemTime | undefined {
  const clock = items.find(({ obis: { a, c, d, e } }) => a === 0 && c === 1 && d === 0 && e === 0);
  const told = clock !== undefined && 'bytes' in clock.data ? parseCosemTime(clock.data.bytes) : undefined;
  return told ?? (sent === undefined ? undefined : parseCosemTime(sent));
}

function doubted<Point>(reading: Reading<Point>): Reading<Point> {
  return reading.quality === 'good' ? { ...reading, quality: 'uncertain', reason: 'time' } : reading;
}
