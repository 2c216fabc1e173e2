import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { constants, existsSync, openSync, writeFileSync } from 'node:fs';
import { lookup } from 'node:dns/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/model/clock.ts';
import { messageOf } from '../../src/model/errors.ts';
import { createNotifier } from '../../src/ops/notify.ts';

// Runs in the place of the gateway, under its unit: tries all that the gateway needs and some of what it must not be
// able to do, and writes down what became of it.

/** `done`, or the error's code. */
async function attempt(action: () => unknown): Promise<string> {
  try {
    await action();
    return 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
  }
}

const { STATE_DIRECTORY: state = '', RUNTIME_DIRECTORY: runtime = '' } = process.env;

async function listen(address: string | number): Promise<void> {
  const server = createServer().listen(address);
  await once(server, 'listening');
  server.close();
}

/** A write as the journal does it: SQLite, in a worker thread, synchronous=FULL. */
async function commit(): Promise<void> {
  const worker = new Worker(
    `const Database = require(${JSON.stringify(fileURLToPath(import.meta.resolve('better-sqlite3')))});
     const database = new Database(${JSON.stringify(join(state, 'probe.sqlite'))});
     database.pragma('journal_mode = WAL');
     database.pragma('synchronous = FULL');
     database.exec('CREATE TABLE IF NOT EXISTS probe (value); INSERT INTO probe VALUES (1)');`,
    { eval: true },
  );
  const [code] = await once(worker, 'exit');
  if (code !== 0) throw new Error(`exit ${code}`);
}

function runOwnProgram(): void {
  const program = join(state, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
  const { error } = spawnSync(program);
  if (error !== undefined) throw error;
}

// What makes the configuration wrong, for this stand-in.
if (existsSync('/etc/weir/wrong')) process.exit(78);

const notifier = createNotifier({ clock: systemClock, environment: process.env, report: () => undefined });
const findings = {
  commit: await attempt(commit),
  'control socket': await attempt(() => listen(join(runtime, 'control.sock'))),
  'network socket': await attempt(() => listen(0)),
  'name lookup': await attempt(() => lookup('localhost')),
  'serial port': await attempt(() => openSync('/dev/ttyS0', constants.O_RDWR | constants.O_NONBLOCK)),
  'memory device': await attempt(() => openSync('/dev/mem', 'r')),
  'write to /opt/weir': await attempt(() => writeFileSync('/opt/weir/probe', '')),
  'write to /etc': await attempt(() => writeFileSync('/etc/weir/probe', '')),
  'program of its own': await attempt(runOwnProgram),
};
writeFileSync(join(state, 'findings.json'), JSON.stringify(findings));
notifier.status('probed');
notifier.ready();
notifier.watch(() => undefined);
await once(process, 'SIGTERM');
notifier.stopping();
await notifier[Symbol.asyncDispose]();
