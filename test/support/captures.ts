import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../shared/fixtures');

/** Captures of real meters, which are other people's and so not in this repository; skip where they are not there. */
export type Capture<Expected> = { readonly name: string; readonly bytes: Buffer; readonly expected: Expected };

/** The captures of one protocol, each with what is expected of it; none where there are none on this machine. */
export function capturesOf<Expected>(protocol: string): readonly Capture<Expected>[] {
  const folder = join(FOLDER, protocol);
  if (!existsSync(folder)) return [];
  return readdirSync(join(folder, 'raw')).map((file) => {
    const name = file.replace(/\.\w+$/, '');
    return {
      name,
      bytes: readFileSync(join(folder, 'raw', file)),
      expected: JSON.parse(readFileSync(join(folder, 'expect', `${name}.json`), 'utf8')) as Expected,
    };
  });
}
