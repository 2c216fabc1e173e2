import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { peerPath } from './peers.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Two serial ports that are joined by a cable; gone when the scope ends. */
export async function openPtyPair(): Promise<{ readonly ours: string; readonly theirs: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  const [ours, theirs] = [join(folder.path, 'ours'), join(folder.path, 'theirs')];
  const socat = spawn(peerPath('socat'), ['-d', '-d', `pty,raw,echo=0,link=${ours}`, `pty,raw,echo=0,link=${theirs}`]);
  const ended = once(socat, 'close');
  let said = '';
  while (!said.includes('starting data transfer loop')) said += String((await once(socat.stderr, 'data'))[0]);
  socat.stderr.resume();
  return {
    ours,
    theirs,
    [Symbol.asyncDispose]: async () => {
      socat.kill('SIGKILL');
      await ended;
      await folder[Symbol.asyncDispose]();
    },
  };
}
