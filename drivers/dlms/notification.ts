import { tags } from './apdu.ts';
import { encodeData, takeData, type Data } from './data.ts';
import { encodeOctets, malformed, Reader, uint32 } from './reader.ts';

/** What a meter says by itself: IEC 62056-53, DataNotification. */
export type Notification = {
  /** Long-Invoke-Id-And-Priority. */
  readonly invoke: number;
  /** The date-time of twelve bytes, where it gives one. */
  readonly time: Buffer | undefined;
  readonly body: Data;
};

const DATE_TIME_BYTES = 12;
const OCTETS = 9;
const DATE_TIME = 25;

/** Throws `answer-malformed`. */
export function decodeNotification(apdu: Buffer): Notification {
  const reader = new Reader(apdu);
  reader.expect(tags.dataNotification, 'APDU');
  const invoke = reader.uint32();
  const time = takeTime(reader);
  const body = takeData(reader);
  reader.end();
  return { invoke, time, body };
}

/** An OCTET STRING by the standard, so with its length alone; Kaifa's meters give its tag as well. */
function takeTime(reader: Reader): Buffer | undefined {
  if (reader.next === OCTETS || reader.next === DATE_TIME) {
    const tagged = reader.uint8();
    const time = tagged === OCTETS ? reader.octets() : reader.take(DATE_TIME_BYTES);
    return checked(time);
  }
  return checked(reader.octets());
}

function checked(time: Buffer): Buffer | undefined {
  if (time.length !== 0 && time.length !== DATE_TIME_BYTES) throw malformed(`a date-time of ${time.length} bytes`);
  return time.length === 0 ? undefined : time;
}

/** @internal */
export function encodeNotification({ invoke, time = Buffer.alloc(0), body }: Notification): Buffer {
  return Buffer.concat([Buffer.of(tags.dataNotification), uint32(invoke), encodeOctets(time), encodeData(body)]);
}
