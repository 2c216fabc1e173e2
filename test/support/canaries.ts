import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The ways in which a secret could show: as it is, in hexadecimal, in base64; of a key also the bytes that it means. */
function shapesOf(secret: string): readonly string[] {
  const shapes = secret.includes('\n')
    ? secret.split('\n').filter((line) => line.length > 30 && !line.startsWith('-----')) // PEM
    : [secret, ...(['hex', 'base64'] as const).map((form) => Buffer.from(secret, 'latin1').toString(form))];
  return /^[0-9a-f]{32}$/.test(secret) ? [...shapes, Buffer.from(secret, 'hex').toString('latin1')] : shapes;
}

/** Secrets that nobody may ever see again, each in a file of its own. */
export class Canaries {
  readonly #folder: string;
  readonly #secrets = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Puts a secret into its file; answers with the reference to it. */
  async file(name: string, secret: string): Promise<{ readonly file: string }> {
    const file = join(this.#folder, `${name}.secret`);
    await writeFile(file, `${secret}\n`, { mode: 0o600 });
    this.hide(name, secret);
    return { file };
  }

  /** Knows a secret that is elsewhere. */
  hide(name: string, secret: string): void {
    this.#secrets.set(name, secret);
  }

  get names(): readonly string[] {
    return [...this.#secrets.keys()];
  }

  /** Which of them show in `text`, in whatever shape. */
  foundIn(text: string | Buffer): readonly string[] {
    const bytes = (typeof text === 'string' ? Buffer.from(text) : text).toString('latin1');
    const lower = bytes.toLowerCase();
    const shows = (shape: string): boolean => bytes.includes(shape) || lower.includes(shape.toLowerCase());
    return [...this.#secrets].filter(([, secret]) => shapesOf(secret).some(shows)).map(([name]) => name);
  }
}
