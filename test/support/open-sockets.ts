import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

// What /proc tells of the sockets of a process: ss would say the same, in more words.

const LISTENING = '0A'; // TCP_LISTEN of the kernel's tcp_states.h
const ACCEPTS = 0x1_0000; // __SO_ACCEPTCON of a Unix socket's flags

/** Numbers of the sockets that the process has open. */
function inodesOf(pid: number): ReadonlySet<string> {
  const folder = `/proc/${pid}/fd`;
  const targets = readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch {
      return []; // closed meanwhile
    }
  });
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

function rowsOf(pid: number, table: string): readonly (readonly string[])[] {
  const [, ...lines] = readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trimEnd().split('\n');
  return lines.map((line) => line.trim().split(/\s+/));
}

/** `127.0.0.1:1502`: the kernel writes addresses backwards, a word at a time. */
function addressOf(written: string): string {
  const [address = '', port = ''] = written.split(':');
  if (address.length !== 8) return `[${address}]:${Number.parseInt(port, 16)}`;
  const bytes = Buffer.from(address, 'hex').reverse();
  return `${bytes.join('.')}:${Number.parseInt(port, 16)}`;
}

/** Everything that others can reach of a process: TCP ports that it listens at, UDP ports, and Unix sockets by their paths. */
export function openTo(pid: number): readonly string[] {
  const own = inodesOf(pid);
  const tcp = ['tcp', 'tcp6'].flatMap((table) =>
    rowsOf(pid, table).flatMap(([, local = '', , state, , , , , , inode = '']) =>
      state === LISTENING && own.has(inode) ? [`tcp ${addressOf(local)}`] : [],
    ),
  );
  const udp = ['udp', 'udp6'].flatMap((table) =>
    rowsOf(pid, table).flatMap(([, local = '', , , , , , , , inode = '']) =>
      own.has(inode) ? [`udp ${addressOf(local)}`] : [],
    ),
  );
  const unix = rowsOf(pid, 'unix').flatMap(([, , , flags = '0', , , inode = '', path = '(no name)']) =>
    (Number.parseInt(flags, 16) & ACCEPTS) !== 0 && own.has(inode) ? [`unix ${path}`] : [],
  );
  return [...tcp, ...udp, ...unix].toSorted();
}
