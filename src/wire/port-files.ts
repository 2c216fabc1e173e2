import { constants } from 'node:fs';
import { access, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError, messageOf } from '../model/errors.ts';

/**
 * The device file that `path` leads to now: `/dev/serial/by-id/…` names an adapter, whatever number it got this time.
 * Throws `port-missing` where nothing is plugged in, `connection-failed` for what is no serial port or not ours to use.
 */
export async function resolvePort(path: string): Promise<string> {
  try {
    const device = await realpath(path);
    const stats = await stat(device);
    if (!stats.isCharacterDevice()) throw new GatewayError('connection-failed', `${path} is no serial port`);
    await access(device, constants.R_OK | constants.W_OK).catch(async (error: unknown) => {
      throw await forbidden(path, stats.gid, error);
    });
    return device;
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    throw isMissing(error)
      ? await missing(path)
      : new GatewayError('connection-failed', messageOf(error), { cause: error });
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** The error of a port that is not there. */
export async function missing(path: string): Promise<GatewayError> {
  const there = await portsThere();
  const others = there.length === 0 ? 'nor is any other serial port' : `there are: ${there.join(', ')}`;
  return new GatewayError('port-missing', `${path} is not there; ${others}`);
}

async function forbidden(path: string, group: number, cause: unknown): Promise<GatewayError> {
  const name = await groupName(group);
  const advice = `it belongs to the group ${name}, which this user has to join: usermod -aG ${name} USER`;
  return new GatewayError('connection-failed', `${path} may not be opened by this user; ${advice}`, { cause });
}

async function groupName(id: number): Promise<string> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const entry = groups.split('\n').find((line) => line.split(':')[2] === String(id));
  return entry?.split(':')[0] ?? String(id);
}

// Names that come from the adapter itself, or from the socket it sits in: they stay when the numbers change.
const LASTING_NAMES = ['serial/by-id', 'serial/by-path'];
// Ports of the board and adapters, for machines whose udev makes no lasting names.
const DEVICE_FILE = /^tty(USB|ACM|AMA|SC?|mxc|O)\d+$/;

/**
 * The ports of this machine, by names that stay where there are such; `devices` is the folder to look in.
 * @internal
 */
export async function portsThere(devices = '/dev'): Promise<readonly string[]> {
  for (const folder of LASTING_NAMES) {
    const names = await namesIn(join(devices, folder));
    if (names.length > 0) return names.map((name) => join(devices, folder, name));
  }
  const files = await namesIn(devices);
  return files.filter((name) => DEVICE_FILE.test(name)).map((name) => join(devices, name));
}

/** The names in a folder, sorted; none where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.toSorted();
}

/**
 * Who holds `device` open, e.g. `mbpoll (pid 812)`, as far as this user may see the processes: only root sees those of
 * all users.
 */
export async function holdersOf(device: string): Promise<readonly string[]> {
  const processes = (await namesIn('/proc')).filter((name) => /^\d+$/.test(name));
  const holders = await Promise.all(
    processes.map(async (id) => ((await holds(id, device)) ? commandOf(id) : undefined)),
  );
  return holders.filter((holder) => holder !== undefined);
}

async function holds(id: string, device: string): Promise<boolean> {
  const folder = `/proc/${id}/fd`;
  const links = (await namesIn(folder)).map((name) => readlink(join(folder, name)).catch(() => ''));
  return (await Promise.all(links)).includes(device);
}

async function commandOf(id: string): Promise<string> {
  if (id === String(process.pid)) return 'another connection of this gateway';
  const name = await readFile(`/proc/${id}/comm`, 'utf8').catch(() => '?');
  return `${name.trim()} (pid ${id})`;
}
