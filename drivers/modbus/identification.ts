// Read Device Identification (MODBUS Application Protocol 1.1b3, 6.21) and Report Server ID (6.13): what answers say,
// and the questions that follow from them. Answers come as whole PDUs and may hold anything.

type IdentifiedObject = { readonly id: number; readonly value: Buffer };

/** One answer; `next` is the first object of the following one, where more follow. */
type IdentificationPage = {
  readonly conformity: number;
  readonly next?: number;
  readonly objects: readonly IdentifiedObject[];
};

/** Asks for objects of a category from `object` on; undefined where the device gives no such answer. */
export type AskIdentification = (category: number, object: number) => Promise<Buffer | undefined>;

/** What a device said of itself, in the words of the standard. */
export type Fact = { readonly name: string; readonly value: string };

const FUNCTION = 43;
const TYPE = 14; // of encapsulated message
const HEAD_BYTES = 7;
const MORE_FOLLOWS = 0xff;

/** What of an answer keeps to the rules: undefined where its head does not, objects up to the first that does not. */
function parseIdentification(pdu: Buffer, category: number): IdentificationPage | undefined {
  if (pdu.length < HEAD_BYTES || !pdu.subarray(0, 3).equals(Buffer.of(FUNCTION, TYPE, category))) return undefined;
  const objects: IdentifiedObject[] = [];
  let end = HEAD_BYTES;
  for (let left = pdu.readUInt8(6); left > 0 && end + 2 <= pdu.length; left--) {
    const [id = 0, length = 0] = pdu.subarray(end, end + 2);
    const value = pdu.subarray(end + 2, end + 2 + length);
    if (value.length < length) break;
    objects.push({ id, value });
    end += 2 + length;
  }
  const more = pdu[4] === MORE_FOLLOWS ? { next: pdu.readUInt8(5) } : {};
  return { conformity: pdu.readUInt8(3), ...more, objects };
}

const CATEGORIES = [1, 2, 3] as const; // basic, regular, extended; each begins with object 0

/** The names of 6.21's table. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'vendor name',
  1: 'product code',
  2: 'revision',
  3: 'vendor url',
  4: 'product name',
  5: 'model name',
  6: 'application name',
};

const MOST_PAGES = 32; // of one category; 256 objects of 245 bytes would be more than any device has to say
const CONFORMITY_MASK = 0x7f; // the top bit says that objects can be asked for one by one

/**
 * What a device calls itself: all categories that it has, in no more than 96 questions whatever it answers. Objects that
 * are repeated, go backwards or hold no text are left out, and what comes after a page that breaks the rules.
 */
export async function readIdentification(ask: AskIdentification): Promise<readonly Fact[]> {
  const objects = new Map<number, string>();
  for (const category of CATEGORIES) {
    const conformity = await readCategory(ask, category, objects);
    // 0x01 basic, 0x02 regular, 0x03 extended: what it does not have need not be asked for.
    if (conformity === undefined || (conformity & CONFORMITY_MASK) <= category) break;
  }
  return [...objects]
    .toSorted(([a], [b]) => a - b)
    .map(([id, value]) => ({ name: NAMES[id] ?? `object ${id}`, value }));
}

/** The conformity level that the device claims; undefined where it gave no sound answer. */
async function readCategory(
  ask: AskIdentification,
  category: number,
  objects: Map<number, string>,
): Promise<number | undefined> {
  let conformity: number | undefined;
  for (let page = 0, next: number | undefined = 0; next !== undefined && page < MOST_PAGES; page++) {
    const from: number = next;
    const answer = await ask(category, from);
    const read = answer === undefined ? undefined : parseIdentification(answer, category);
    if (read === undefined) return conformity;
    conformity = read.conformity;
    for (const { id, value } of read.objects) {
      const text = printable(value);
      if (text !== undefined && !objects.has(id)) objects.set(id, text);
    }
    // A device that wants to be asked for the same or something before never comes to an end.
    next = read.next !== undefined && read.next > from ? read.next : undefined;
  }
  return conformity;
}

/** What a device says to Report Server ID, in hexadecimal and as the text in it; nothing where the answer is unsound. */
export function parseServerId(pdu: Buffer): readonly Fact[] {
  const data = pdu.subarray(2);
  if (pdu.length < 3 || pdu[0] !== 17 || pdu[1] !== data.length) return [];
  const text = longestText(data);
  return [
    { name: 'server id', value: data.toString('hex') },
    ...(text === undefined ? [] : [{ name: 'server text', value: text }]),
  ];
}

const SHORTEST_TEXT = 4; // less may be there by chance

function longestText(data: Buffer): string | undefined {
  const texts = data.toString('latin1').match(/[ -~]+/g) ?? [];
  const longest = texts.map((text) => text.trim()).toSorted((a, b) => b.length - a.length)[0] ?? '';
  return longest.length >= SHORTEST_TEXT ? longest : undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** UTF-8, or else Latin-1, up to the first NUL and without spaces around; undefined where there is none. */
function printable(bytes: Buffer): string | undefined {
  const end = bytes.indexOf(0);
  const text = decodeText(end === -1 ? bytes : bytes.subarray(0, end)).trim();
  return text === '' || /\p{Cc}/u.test(text) ? undefined : text;
}

function decodeText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
