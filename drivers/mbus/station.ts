import type { Frame } from './frame.ts';
import { control, COUNT, DIRECTION, information, SELECTED } from './requests.ts';
import { isMeant, readIdentification, type Identification, type SecondaryAddress } from './secondary-address.ts';

/** What a meter says about its records: control information and user data of one telegram. */
export type Saying = { readonly information: number; readonly data: Buffer };

export type StationSettings = {
  /** Undefined for one that only has a secondary address. */
  readonly address: number | undefined;
  readonly identification: Identification;
  /** Its telegrams as they are now, at least one; asked for at the beginning of each readout. */
  readonly telegrams: () => readonly Saying[];
};

const RESPONSE = 0x08;
const REPEATABLE = 0x10; // the count is valid

// EN 13757-2, 5.7.5: everybody answers to 254, and nobody to 255.
const EVERYBODY = 254;
const BROADCAST = 255;

/** A meter's end of the line, as EN 13757-2 and -7 have it. */
export class Station {
  readonly #settings: StationSettings;
  #isSelected = false;
  #telegrams: readonly Saying[] = [];
  /** Which telegram was said last, and the count of the request that it was the answer to. */
  #said: { readonly at: number; readonly count: boolean } | undefined;

  constructor(settings: StationSettings) {
    this.#settings = settings;
  }

  /** The address that it answers by. */
  get address(): number {
    return this.#settings.address ?? SELECTED;
  }

  /** What it answers; undefined stays silent. */
  answer(frame: Frame): Frame | undefined {
    if (frame.kind === 'acknowledgement' || (frame.control & DIRECTION) === 0) return undefined;
    if (frame.kind === 'long') return this.#take(frame);
    if (!this.#isAddressed(frame.address)) return undefined;
    if (frame.control === control.reset) return this.#reset(frame.address);
    const isDataRequest = (frame.control & ~COUNT) === control.data;
    return isDataRequest && frame.address !== BROADCAST ? this.#speak((frame.control & COUNT) !== 0) : undefined;
  }

  #isAddressed(address: number): boolean {
    if (address === SELECTED) return this.#isSelected;
    return address === this.#settings.address || address === EVERYBODY || address === BROADCAST;
  }

  #reset(address: number): Frame | undefined {
    this.#said = undefined;
    if (address === SELECTED) this.#isSelected = false;
    return address === BROADCAST ? undefined : { kind: 'acknowledgement' };
  }

  #take(frame: Frame & { kind: 'long' }): Frame | undefined {
    if ((frame.control & ~COUNT & ~REPEATABLE) !== (control.send & ~REPEATABLE)) return undefined;
    if (frame.address !== SELECTED || frame.information !== information.select) return undefined;
    this.#isSelected = isMeant(this.#settings.identification, selectionOf(frame.data));
    if (this.#isSelected) this.#said = undefined;
    return this.#isSelected ? { kind: 'acknowledgement' } : undefined;
  }

  /** A request that counts as the one before was not heard well: it gets the same again. */
  #speak(count: boolean): Frame {
    const said = this.#said;
    let at = said?.at ?? 0;
    if (said !== undefined && said.count !== count) at = (said.at + 1) % this.#telegrams.length;
    if (said === undefined || (at === 0 && said.count !== count)) this.#telegrams = this.#settings.telegrams();
    this.#said = { at, count };
    const saying = this.#telegrams[at] ?? { information: 0, data: Buffer.alloc(0) };
    return { kind: 'long', control: RESPONSE, address: this.address, ...saying };
  }
}

const WILD_BYTE = 0xff;
const WILD_WORD = 0xff_ff;

function selectionOf(data: Buffer): SecondaryAddress {
  const { id, manufacturer, version, medium } = readIdentification(data);
  return {
    id,
    manufacturer: manufacturer === WILD_WORD ? undefined : manufacturer,
    version: version === WILD_BYTE ? undefined : version,
    medium: medium === WILD_BYTE ? undefined : medium,
  };
}
