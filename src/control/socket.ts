import { lstat, mkdir, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import { GatewayError, messageOf } from '../model/errors.ts';

// unix(7): sun_path has 108 bytes, the closing zero among them. Node cuts a longer path off without a word.
const LONGEST_PATH = 107;

/** The `errno` name of a failed system call, e.g. `ECONNREFUSED`. */
function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function checkLength(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= LONGEST_PATH) return;
  throw new GatewayError(
    'configuration-invalid',
    `control.socket: ${path} has ${bytes} bytes, the path of a Unix socket at most ${LONGEST_PATH}; name a shorter one`,
  );
}

/**
 * Whether a daemon answers on the socket; false where there is none, or only what a dead one left behind.
 * Throws `daemon-unreachable` when this user may not know.
 */
export function isServed(path: string): Promise<boolean> {
  checkLength(path);
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ECONNREFUSED') resolve(false);
      else if (code === 'EAGAIN') resolve(true); // somebody listens, with a full queue
      else reject(unreachable(path, error));
    });
  });
}

/** What a failed connection to the daemon means to whoever ran the command. */
export function unreachable(path: string, error: unknown): GatewayError {
  const why: Readonly<Record<string, string>> = {
    ENOENT: `no daemon runs: ${path} does not exist`,
    ECONNREFUSED: `no daemon runs: nobody listens on ${path}`,
    EACCES: `this user may not open ${path}; use the daemon's user, as in sudo -u weir`,
    ECONNRESET: `the daemon closed the connection on ${path}: it is stopping, or has too many clients`,
  };
  const message = why[systemCode(error) ?? ''] ?? `the daemon does not answer on ${path}: ${messageOf(error)}`;
  return new GatewayError('daemon-unreachable', message, { cause: error });
}

async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new GatewayError('configuration-invalid', `control.socket: ${path} exists and is not a socket`);
  }
  if (await isServed(path)) throw new GatewayError('journal-locked', `another daemon answers on ${path}`);
  await unlink(path);
}

/** Listens on `path` for this user only, in place of a socket that a dead daemon left; refuses that of a living one. */
export async function listenOn(server: Server, path: string): Promise<void> {
  checkLength(path);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await removeStale(path);
    await bindPrivately(server, path);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw new GatewayError('configuration-invalid', `control.socket: cannot listen on ${path}: ${messageOf(error)}`);
  }
}

function bindPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The mode must be right from the first instant, so it cannot come from a later chmod. `listen` binds before it returns.
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}
