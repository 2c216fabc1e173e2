/** Which of a quantity's values a record holds (EN 13757-3, 6.3: the function field). */
export const functions = ['instantaneous', 'maximum', 'minimum', 'error'] as const;
export type RecordFunction = (typeof functions)[number];

/** The data information block: how a value is coded, and which of a quantity's values it is. */
export type DataInformation = {
  /** 0 to 15, an entry of the table of data fields. */
  readonly field: number;
  readonly function: RecordFunction;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
};

export const EXTENSION = 0x80;

// EN 13757-3, 6.3.5: so many extensions follow at most.
const MOST_EXTENSIONS = 10;

/** The information that begins at `start` and where it ends, or what is wrong with it. */
export function readDataInformation(
  bytes: Buffer,
  start: number,
): { readonly information: DataInformation; readonly end: number } | string {
  let byte = bytes[start] ?? 0;
  const first = byte;
  let storage = (byte >> 6) & 1;
  let tariff = 0;
  let subunit = 0;
  let at = start + 1;
  for (let count = 0; (byte & EXTENSION) !== 0; count++) {
    const extension = bytes[at];
    if (extension === undefined) return 'it ends within a DIF';
    if (count === MOST_EXTENSIONS) return `more than ${MOST_EXTENSIONS} DIFEs follow a DIF`;
    // Least significant first, and beyond 32 bits: no shifts. The first DIFE goes on where the DIF's one bit ended.
    storage += (extension & 0x0f) * 2 ** (1 + 4 * count);
    tariff += ((extension >> 4) & 3) * 4 ** count;
    subunit += ((extension >> 6) & 1) * 2 ** count;
    byte = extension;
    at += 1;
  }
  const name = functions[(first >> 4) & 3] ?? 'instantaneous';
  return { information: { field: first & 0x0f, function: name, storage, tariff, subunit }, end: at };
}

/** The bytes of a data information block; the inverse of reading one. */
export function encodeDataInformation({ field, function: name, storage, tariff, subunit }: DataInformation): Buffer {
  const bytes = [field | (functions.indexOf(name) << 4) | ((storage % 2) << 6)];
  let rest = { storage: Math.floor(storage / 2), tariff, subunit };
  while (rest.storage > 0 || rest.tariff > 0 || rest.subunit > 0) {
    bytes.push((rest.storage % 16) | ((rest.tariff % 4) << 4) | ((rest.subunit % 2) << 6));
    rest = {
      storage: Math.floor(rest.storage / 16),
      tariff: rest.tariff >> 2,
      subunit: rest.subunit >> 1,
    };
  }
  return Buffer.from(bytes.map((byte, index) => (index < bytes.length - 1 ? byte | EXTENSION : byte)));
}
