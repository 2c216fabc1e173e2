/** IEC 62056-21, 6.3.2: what a meter answers to being asked who it is. */
export type Identification = {
  /** Without the slash, as the meter writes it. */
  readonly text: string;
  /** Three letters, e.g. `ISK`. */
  readonly manufacturer: string;
  /** The protocol that it speaks: A stays at 300 Bd, B changes by itself, C lets us choose. */
  readonly mode: 'A' | 'B' | 'C';
  readonly baud: number;
  readonly baudCharacter: string;
  /** It answers after 20 ms, others after 200. */
  readonly isFast: boolean;
  /** It could go on in HDLC (mode E). */
  readonly speaksHdlc: boolean;
};

// 6.3.14, item 13: letters are those of mode B, digits those of mode C.
const BAUDS_OF_B: Readonly<Record<string, number>> = { A: 600, B: 1_200, C: 2_400, D: 4_800, E: 9_600, F: 19_200 };
const BAUDS_OF_C: Readonly<Record<string, number>> = {
  '0': 300,
  '1': 600,
  '2': 1_200,
  '3': 2_400,
  '4': 4_800,
  '5': 9_600,
  '6': 19_200,
};

/** The speed at which every conversation begins. */
export const FIRST_BAUD = 300;

const LINE = /^\/([A-Za-z]{2}[A-Za-z])([\x21-\x7e])([^\r\n/!]{0,48})\r?\n/;

/** The line at the beginning of `text`, with its length; undefined where there is none. */
export function parseIdentification(
  text: string,
): { readonly identification: Identification; readonly length: number } | undefined {
  const [line, manufacturer, baudCharacter, rest = ''] = LINE.exec(text) ?? [];
  if (line === undefined || manufacturer === undefined || baudCharacter === undefined) return undefined;
  const ofC = BAUDS_OF_C[baudCharacter];
  const ofB = BAUDS_OF_B[baudCharacter];
  return {
    identification: {
      text: line.slice(1).trimEnd(),
      manufacturer,
      mode: ofC !== undefined ? 'C' : ofB !== undefined ? 'B' : 'A',
      baud: ofC ?? ofB ?? FIRST_BAUD,
      baudCharacter,
      isFast: /[a-z]$/.test(manufacturer),
      speaksHdlc: rest.startsWith('\\2'),
    },
    length: line.length,
  };
}

/** The first identification in what was heard; whatever stands before it, such as our own words, is taken along. */
export function findIdentification(
  heard: Buffer,
): { readonly found: Identification; readonly length: number } | undefined {
  const text = heard.toString('latin1');
  for (let start = text.indexOf('/'); start !== -1; start = text.indexOf('/', start + 1)) {
    const result = parseIdentification(text.slice(start));
    if (result !== undefined) return { found: result.identification, length: start + result.length };
  }
  return undefined;
}

/** For people: `ISK5MT174-0001: mode C, up to 9600 Bd`. */
export function describe({ text, mode, baud }: Identification): string {
  return `${text}: mode ${mode}, up to ${baud} Bd`;
}

/** The fastest speed of mode C that a meter and its line both have, and the character that asks for it. */
export function chooseBaud(
  { baud }: Identification,
  most: number,
): { readonly baud: number; readonly character: string } {
  const possible = Object.entries(BAUDS_OF_C).filter(([, each]) => each <= Math.min(baud, most));
  const [character = '0', chosen = FIRST_BAUD] = possible.at(-1) ?? [];
  return { baud: chosen, character };
}
