import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { peerPath } from './peers.ts';
import { temporaryFolder } from './temporary-folder.ts';

// Node has no Unix datagram sockets. Each message is printed as one line of JSON; recv() drops the descriptor that
// systemd-notify sends to learn when its message was taken, as PID 1 does.
const LISTENER = `
import json, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print(json.dumps(["listening"]), flush=True)
while True:
    print(json.dumps(listener.recv(4096).decode().split("\\n")), flush=True)
`;

/** Stands in for PID 1: a NOTIFY_SOCKET that keeps what it is told. Needs the peer `python`. */
export type NotifySocket = {
  readonly path: string;
  /** The next message as a sorted list of assignments, e.g. `['READY=1', 'STATUS=3 devices']`. */
  next(): Promise<readonly string[]>;
} & AsyncDisposable;

export async function listenForNotifications(): Promise<NotifySocket> {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'notify');
  const child = spawn(peerPath('python'), ['-c', LISTENER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<readonly string[]> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the listener is gone');
    const assignments: string[] = JSON.parse(line.value);
    // The barrier is systemd-notify's own: it follows every message.
    return assignments[0] === 'BARRIER=1' ? next() : assignments.filter((word) => word !== '').sort();
  };
  await next();
  return {
    path,
    next,
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
      await folder[Symbol.asyncDispose]();
    },
  };
}
