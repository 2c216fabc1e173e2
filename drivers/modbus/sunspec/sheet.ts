const BYTES = 2;

/** Registers as they were read, by their offset; some may be missing because the device refused them. */
export class Sheet {
  readonly #bytes: Buffer;
  readonly #known: Uint8Array;

  /** Room for `size` registers, none of them read yet. */
  constructor(size: number) {
    this.#bytes = Buffer.alloc(size * BYTES);
    this.#known = new Uint8Array(size);
  }

  get size(): number {
    return this.#known.length;
  }

  set(offset: number, data: Buffer): void {
    data.copy(this.#bytes, offset * BYTES);
    this.#known.fill(1, offset, offset + data.length / BYTES);
  }

  /** The bytes of `size` registers; undefined when one of them is missing. */
  bytes(offset: number, size: number): Buffer | undefined {
    if (offset < 0 || offset + size > this.size) return undefined;
    if (this.#known.subarray(offset, offset + size).includes(0)) return undefined;
    return this.#bytes.subarray(offset * BYTES, (offset + size) * BYTES);
  }
}
