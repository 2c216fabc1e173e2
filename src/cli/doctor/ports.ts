import { access, constants, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nameOf } from './disk.ts';
import type { Holder, SerialPortFacts } from './serial-ports.ts';

/** Names of programs by the number of their process, as far as this user may see. */
export type Processes = ReadonlyMap<number, string>;

export async function lookAtProcesses(): Promise<Processes> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const named = await Promise.all(
    pids.map(
      async (pid) => [Number(pid), (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()] as const,
    ),
  );
  return new Map(named.filter(([, name]) => name !== ''));
}

type PortUse = Pick<SerialPortFacts, 'connection' | 'path' | 'isUp'> & {
  readonly processes: Processes;
  /** Whose holding it is right: the gateway, this command. */
  readonly own: readonly number[];
};

/** What a serial port of the configuration is on this machine. */
export async function lookAtPort({ connection, path, isUp, processes, own }: PortUse): Promise<SerialPortFacts> {
  const device = await realpath(path).catch(() => undefined);
  const stats = device === undefined ? undefined : await stat(device).catch(() => undefined);
  const links = await lastingNames();
  const accessible = await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  const others = new Map([...processes].filter(([pid]) => !own.includes(pid)));
  return {
    connection,
    path,
    isUp,
    device,
    isCharacterDevice: stats?.isCharacterDevice() ?? false,
    accessible,
    group: stats === undefined ? '' : ((await nameOf('/etc/group', stats.gid)) ?? String(stats.gid)),
    lasting: links.filter((link) => link.device === device && link.name !== path).map(({ name }) => name),
    present: await presentPorts(),
    holders: device === undefined ? [] : await holdersOf(device, others),
  };
}

/** The serial ports of this machine: by their lasting names, where they have any. */
export async function presentPorts(): Promise<readonly string[]> {
  const links = await lastingNames();
  return links.length > 0 ? links.map(({ name }) => name) : bareNames();
}

// Two cheap adapters may share an id; the place where one is plugged in is its own.
const LINK_FOLDERS = ['/dev/serial/by-id', '/dev/serial/by-path'] as const;

async function lastingNames(): Promise<readonly { readonly name: string; readonly device: string | undefined }[]> {
  const names = await Promise.all(
    LINK_FOLDERS.map(async (folder) =>
      (await readdir(folder).catch(() => [])).toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name)),
    ),
  );
  return Promise.all(names.flat().map(async (name) => ({ name, device: await realpath(name).catch(() => undefined) })));
}

async function bareNames(): Promise<readonly string[]> {
  const names = await readdir('/dev').catch(() => []);
  return names.filter((name) => /^tty(USB|ACM|AMA)\d+$/.test(name)).map((name) => `/dev/${name}`);
}

async function holdersOf(device: string, processes: Processes): Promise<readonly Holder[]> {
  const holders: Holder[] = [];
  for (const [pid, command] of processes) {
    const folder = `/proc/${pid}/fd`;
    const descriptors = await readdir(folder).catch(() => []); // of another user, or gone by now
    const files = await Promise.all(descriptors.map((name) => readlink(join(folder, name)).catch(() => '')));
    if (files.includes(device)) holders.push({ pid, command });
  }
  return holders;
}
