import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, test, type TestFunction } from 'vitest';
import { MemoryLimit } from './memory-limit.ts';

// The real far ends that tests talk to. Where one is missing its tests are skipped under a name that says so;
// with CI=true they fail instead, so that a green run there has really met every peer.

type PeerSource = {
  readonly find: () => string | undefined;
  readonly remedy: string;
  /** Not every CI can have it: skipped there too. */
  readonly optional?: true;
};

// Daemons live in sbin, which a plain user's PATH often leaves out.
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function program(name: string, debianPackage = name): PeerSource {
  return {
    find: () => folders.map((folder) => join(folder, name)).find(isExecutable),
    remedy: `apt-get install ${debianPackage}`,
  };
}

// Debian's interpreter by its full name: another python3 on PATH would not see Debian's modules.
const PYTHON = '/usr/bin/python3';

function pythonModule(name: string): PeerSource {
  return {
    find: () => (spawnSync(PYTHON, ['-c', `import ${name}`]).status === 0 ? PYTHON : undefined),
    remedy: `apt-get install python3-${name}`,
  };
}

const fixtures = new URL('../../../shared/fixtures', import.meta.url).pathname;

function findNamespaces(): string | undefined {
  const name = `weir-p${process.pid}`;
  const ip = program('ip', 'iproute2').find();
  if (ip === undefined || program('nft').find() === undefined || program('tc').find() === undefined) return undefined;
  const made = spawnSync(ip, ['netns', 'add', name], { stdio: 'ignore' }).status === 0;
  if (made) spawnSync(ip, ['netns', 'del', name]);
  return made ? ip : undefined;
}

function findMemoryLimit(): string | undefined {
  try {
    using _limit = new MemoryLimit(1 << 30);
    return '/sys/fs/cgroup';
  } catch {
    return undefined;
  }
}

/** Cuts the power of a file system; see power-cut.ts. */
export const cutScript = new URL('power-cut.py', import.meta.url).pathname;

const bootScript = new URL('boot-systemd.sh', import.meta.url).pathname;

/** A program in the folder of its version, which is not on PATH. */
function versioned(folder: string, path: string, debianPackage: string): PeerSource {
  const find = (): string | undefined =>
    existsSync(folder) ? globSync(path, { cwd: folder }).map((file) => join(folder, file))[0] : undefined;
  return { find, remedy: `apt-get install ${debianPackage}` };
}

const sources = {
  mosquitto: program('mosquitto'),
  mosquitto_pub: program('mosquitto_pub', 'mosquitto-clients'),
  mosquitto_sub: program('mosquitto_sub', 'mosquitto-clients'),
  // The command in sbin changes to a user of its own, whose folders are those of the service.
  rabbitmq: versioned('/usr/lib/rabbitmq/lib', '*/sbin/rabbitmq-server', 'rabbitmq-server'),
  postgres: versioned('/usr/lib/postgresql', '*/bin/postgres', 'postgresql'),
  mbpoll: program('mbpoll'),
  /** The interpreter that can `import pymodbus`. */
  pymodbus: pythonModule('pymodbus'),
  python: { find: () => (isExecutable(PYTHON) ? PYTHON : undefined), remedy: 'apt-get install python3' },
  socat: program('socat'),
  /** The compiler that finds libmodbus and its headers. */
  libmodbus: {
    find: () => (spawnSync('pkg-config', ['--exists', 'libmodbus']).status === 0 ? program('gcc').find() : undefined),
    remedy: 'apt-get install gcc libc6-dev pkg-config libmodbus-dev',
  },
  openssl: program('openssl'),
  bash: program('bash'),
  script: program('script', 'bsdutils'),
  zsh: program('zsh'),
  fish: program('fish'),
  strace: program('strace'),
  faketime: program('faketime'),
  'systemd-analyze': program('systemd-analyze', 'systemd'),
  'systemd-notify': program('systemd-notify', 'systemd'),
  'systemd-sysusers': program('systemd-sysusers', 'systemd'),
  'systemd-tmpfiles': program('systemd-tmpfiles', 'systemd'),
  /** The rights of root, for tests that install into an image. */
  root: { find: () => (process.getuid?.() === 0 ? '/' : undefined), remedy: 'run the tests as root', optional: true },
  /** The same, for tests that start something of ours as another user. */
  'other-users': {
    find: findOtherUsers,
    remedy: 'run the tests as root, in a folder that all users may enter',
    optional: true,
  },
  /** A systemd that may be booted beside this machine's own; see booted-systemd.ts. */
  'booted-systemd': {
    find: () => (spawnSync(bootScript, ['--probe'], { stdio: 'ignore' }).status === 0 ? bootScript : undefined),
    remedy: 'run the tests as root of a virtual machine',
    optional: true,
  },
  /** An ext4 whose power can be cut; see power-cut.ts. */
  'power-cut': {
    find: () => (spawnSync(PYTHON, [cutScript, '--probe'], { stdio: 'ignore' }).status === 0 ? cutScript : undefined),
    remedy: 'run the tests as root of a machine with loop devices, apt-get install python3 e2fsprogs',
    optional: true,
  },
  /** `ip`, where it may make other hosts on this machine; see other-host.ts. */
  'network-namespaces': {
    find: findNamespaces,
    remedy: 'run the tests as root of a machine with network namespaces, apt-get install iproute2 nftables',
    optional: true,
  },
  /** The right to limit the memory of a process; see memory-limit.ts. */
  'memory-limit': { find: findMemoryLimit, remedy: 'run the tests as root, with control groups', optional: true },
  /** The recorded meters and device images that lie beside the checkout; see `sharedFixture`. */
  fixtures: {
    find: () => (isExecutable(fixtures) ? fixtures : undefined),
    remedy: 'put the shared folder beside the checkout',
  },
} as const satisfies Record<string, PeerSource>;

export type Peer = keyof typeof sources;

const found = new Map<Peer, string | undefined>();

function look(peer: Peer): string | undefined {
  if (!found.has(peer)) found.set(peer, sources[peer].find());
  return found.get(peer);
}

/** For what goes on without it; a test that needs it is made by `testWith`. */
export function hasPeer(peer: Peer): boolean {
  return look(peer) !== undefined;
}

/** Absolute path of the program (for pymodbus and python, the interpreter); throws where it is missing. */
export function peerPath(peer: Peer): string {
  const path = look(peer);
  if (path === undefined) throw new Error(`${peer} is missing: ${sources[peer].remedy}`);
  return path;
}

/** Absolute path of a file or folder below the shared fixtures; for tests that name the peer `fixtures`. */
export function sharedFixture(path: string): string {
  return join(peerPath('fixtures'), path);
}

type Needs = Peer | readonly Peer[];

/** What is missing, in words, and whether that is a failure; undefined when all is there. */
function missing(needs: Needs): { readonly text: string; readonly fails: boolean } | undefined {
  const absent = [needs].flat().filter((peer) => look(peer) === undefined);
  if (absent.length === 0) return undefined;
  return {
    text: `missing: ${absent.map((peer) => `${peer} (${sources[peer].remedy})`).join(', ')}`,
    fails: process.env['CI'] === 'true' && absent.some((peer) => !('optional' in sources[peer])),
  };
}

/** A test that needs real peers; `timeout` in milliseconds. */
export function testWith(needs: Needs, name: string, body: TestFunction, timeout?: number): void {
  const absent = missing(needs);
  if (absent === undefined) test(name, body, timeout);
  else if (absent.fails) test(name, () => Promise.reject(new Error(absent.text)));
  else test.skip(`${name} [${absent.text}]`);
}

/** A group of tests that need real peers. */
export function describeWith(needs: Needs, name: string, body: () => void): void {
  const absent = missing(needs);
  if (absent === undefined) describe(name, body);
  else describe(name, () => testWith(needs, 'all of its tests', () => undefined));
}

function findOtherUsers(): string | undefined {
  const isOpen = (folder: string): boolean =>
    (statSync(folder).mode & constants.S_IXOTH) !== 0 && (folder === '/' || isOpen(dirname(folder)));
  return process.getuid?.() === 0 && isOpen(import.meta.dirname) ? '/' : undefined;
}
