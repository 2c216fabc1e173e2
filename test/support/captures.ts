import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasPeer, sharedFixture } from './peers.ts';

/** A capture of a real meter; other people's, and so not in this repository. */
export type Capture<Expected> = { readonly name: string; readonly bytes: Buffer; readonly expected: Expected };

/** The captures of one protocol, each with what is expected of it; none where the peer `fixtures` is missing. */
export function capturesOf<Expected>(protocol: string): readonly Capture<Expected>[] {
  if (!hasPeer('fixtures')) return [];
  const folder = sharedFixture(protocol);
  return readdirSync(join(folder, 'raw')).map((file) => {
    const name = file.replace(/\.\w+$/, '');
    return {
      name,
      bytes: readFileSync(join(folder, 'raw', file)),
      expected: JSON.parse(readFileSync(join(folder, 'expect', `${name}.json`), 'utf8')) as Expected,
    };
  });
}
