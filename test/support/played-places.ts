import type { AdHocDevice, AdHocReading, Commissioning } from '../../src/collect/commissioning.ts';

/** What stands at the places of a device, by what its points call them; all others are refused. */
export type Memory = Readonly<Record<string, number | string | boolean>>;

/** A line with one device, for what asks it places; it counts the questions, and stays silent about some of them. */
export class PlayedPlaces implements Commissioning {
  readonly asked: AdHocDevice[] = [];
  readonly #memory: Memory;
  readonly #silentAbout: (place: string) => boolean;

  constructor(memory: Memory, silentAbout: (place: string) => boolean = () => false) {
    this.#memory = memory;
    this.#silentAbout = silentAbout;
  }

  readAdHoc(asked: AdHocDevice): Promise<readonly AdHocReading[]> {
    this.asked.push(asked);
    return Promise.resolve(
      Object.entries(asked.points).map(([point, keys]) => this.#read(point, String(keys['read']))),
    );
  }

  #read(point: string, place: string): AdHocReading {
    const value = this.#memory[place];
    if (this.#silentAbout(place)) return { point, value: null, quality: 'bad', reason: 'no-answer' };
    if (value === undefined) return { point, value: null, quality: 'bad', reason: 'refused' };
    return { point, value, quality: 'good' };
  }

  readAlternatives(): Promise<never> {
    return this.#unused();
  }

  writeAdHoc(): Promise<never> {
    return this.#unused();
  }

  identify(): Promise<never> {
    return this.#unused();
  }

  browse(): Promise<never> {
    return this.#unused();
  }

  scan(): never {
    throw new Error('nobody scans this line');
  }

  trace(): never {
    throw new Error('nobody traces this line');
  }

  #unused(): Promise<never> {
    return Promise.reject(new Error('this line is only read'));
  }
}
