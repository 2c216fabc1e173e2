import { z } from 'zod';
import { GatewayError } from '../model/errors.ts';
import type { StateStore } from '../model/state-store.ts';

const KEY = 'commands';

/** More cannot be open at once by the rates that a configuration may allow in an hour, which is the longest validity. */
const MOST_REMEMBERED = 2000;

const tableSchema = z.strictObject({
  /** Wall milliseconds: what expires until then may have been forgotten. */
  floor: z.number(),
  commands: z.array(
    z.strictObject({
      destination: z.string(),
      id: z.string(),
      target: z.string(),
      expires: z.number(),
      begun: z.boolean(),
    }),
  ),
});

export type RememberedCommand = z.output<typeof tableSchema>['commands'][number];

/**
 * The commands that were accepted and have not expired yet: none of them is carried out twice, whatever happens between.
 * Bounded: what has expired is forgotten, and from then on nothing that expires before it is taken, so that a clock which
 * steps back brings no command to life again.
 */
export class ReplayTable {
  readonly #state: StateStore;
  readonly #commands = new Map<string, RememberedCommand>();
  #floor = 0;

  /** Throws `journal-unusable` where what is remembered cannot be read: forgetting it would allow replays. */
  constructor(state: StateStore) {
    this.#state = state;
    const text = state.get(KEY);
    if (text === undefined) return;
    const parsed = tableSchema.safeParse(JSON.parse(text));
    if (!parsed.success) throw new GatewayError('journal-unusable', 'the commands in state.json cannot be read');
    this.#floor = parsed.data.floor;
    for (const command of parsed.data.commands) this.#commands.set(keyOf(command), command);
  }

  /** Wall milliseconds; what expires until then is not known any more. */
  get floor(): number {
    return this.#floor;
  }

  get isFull(): boolean {
    return this.#commands.size >= MOST_REMEMBERED;
  }

  has(command: Pick<RememberedCommand, 'destination' | 'id'>): boolean {
    return this.#commands.has(keyOf(command));
  }

  /** Those that an earlier run accepted, and whose end it did not see. */
  get begun(): readonly RememberedCommand[] {
    return [...this.#commands.values()].filter(({ begun }) => begun);
  }

  /** Remembers a command that is about to be carried out; durable when it resolves. */
  async begin(command: Omit<RememberedCommand, 'begun'>, now: number): Promise<void> {
    this.#forget(now);
    this.#commands.set(keyOf(command), { ...command, begun: true });
    await this.#keep();
  }

  /** Its outcome is known; durable when it resolves. */
  async end(command: Pick<RememberedCommand, 'destination' | 'id'>): Promise<void> {
    const known = this.#commands.get(keyOf(command));
    if (known === undefined) return;
    this.#commands.set(keyOf(command), { ...known, begun: false });
    await this.#keep();
  }

  #forget(now: number): void {
    for (const [key, { expires, begun }] of this.#commands) {
      if (begun || expires > now) continue;
      this.#commands.delete(key);
      this.#floor = Math.max(this.#floor, expires);
    }
  }

  #keep(): Promise<void> {
    return this.#state.put(KEY, JSON.stringify({ floor: this.#floor, commands: [...this.#commands.values()] }));
  }
}

function keyOf({ destination, id }: Pick<RememberedCommand, 'destination' | 'id'>): string {
  return `${destination} ${id}`;
}
