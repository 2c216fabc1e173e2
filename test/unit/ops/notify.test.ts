import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Report } from '../../../src/ops/events.ts';
import { createNotifier } from '../../../src/ops/notify.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { listenForNotifications } from '../../support/notify-socket.ts';
import { describeWith } from '../../support/peers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const { PATH } = process.env;
const WAITING = { interval: 1, timeout: 45_000 }; // milliseconds

function notifierWith(environment: NodeJS.ProcessEnv) {
  const clock = new FakeClock();
  const report = vi.fn<Report>();
  const notifier = createNotifier({ clock, environment: { PATH, ...environment }, report });
  return { clock, report, notifier, [Symbol.asyncDispose]: () => notifier[Symbol.asyncDispose]() };
}

describeWith(['systemd-notify', 'python'], 'under a service manager', () => {
  test('it tells that the gateway is ready, how it is, and that it stops', async () => {
    await using manager = await listenForNotifications();
    await using run = notifierWith({ NOTIFY_SOCKET: manager.path });
    run.notifier.ready();
    run.notifier.status('3 devices\nREADY=0');
    expect(await manager.next()).toEqual(['READY=1', 'STATUS=3 devices READY=0']);
    run.notifier.stopping();
    expect(await manager.next()).toEqual(['STOPPING=1']);
    await run.notifier[Symbol.asyncDispose]();
    expect(run.report).not.toHaveBeenCalled();
  });

  test('what comes while a message is under way is merged, the newest value winning', async () => {
    await using manager = await listenForNotifications();
    await using run = notifierWith({ NOTIFY_SOCKET: manager.path });
    run.notifier.ready();
    await run.clock.untilPending();
    for (let count = 1; count <= 1000; count += 1) run.notifier.status(`${count} readings`);
    run.notifier.stopping();
    expect(await manager.next()).toEqual(['READY=1']);
    expect(await manager.next()).toEqual(['STATUS=1000 readings', 'STOPPING=1']);
  });

  test('the watchdog is fed every third of its time, and only while something moves', async () => {
    await using manager = await listenForNotifications();
    await using run = notifierWith({
      NOTIFY_SOCKET: manager.path,
      WATCHDOG_USEC: '60000000',
      WATCHDOG_PID: String(process.pid),
    });
    // Taken and acknowledged: only the timer of the next beat is left.
    const taken = async (): Promise<readonly string[]> => {
      const message = await manager.next();
      await vi.waitUntil(() => run.clock.pending === 1, WAITING);
      return message;
    };
    run.notifier.ready();
    expect(await manager.next()).toEqual(['READY=1']);
    await vi.waitUntil(() => run.clock.pending === 0, WAITING);

    let reason: string | undefined;
    run.notifier.watch(() => reason);
    expect(await taken()).toEqual(['READY=1', 'WATCHDOG=1']);
    await run.clock.advance(19_999);
    expect(run.clock.pending).toBe(1);
    await run.clock.advance(1);
    expect(await taken()).toEqual(['READY=1', 'WATCHDOG=1']);

    reason = 'the journal has not answered for 30 s';
    for (const _ of ['the first beat that is left out', 'the second']) {
      await run.clock.advance(20_000);
      expect(await taken()).toEqual(['STATUS=no progress: the journal has not answered for 30 s']);
    }
    expect(run.report.mock.calls).toEqual([['progress-stopped', { reason }]]);

    reason = undefined;
    run.notifier.status('3 devices');
    expect(await taken()).toEqual(['STATUS=3 devices']);
    await run.clock.advance(20_000);
    expect(await taken()).toEqual(['READY=1', 'STATUS=3 devices', 'WATCHDOG=1']);
  });

  test('nobody is told that a watchdog of another process is fed', async () => {
    await using manager = await listenForNotifications();
    await using run = notifierWith({ NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '1' });
    run.notifier.watch(() => expect.unreachable());
    run.notifier.ready();
    expect(await manager.next()).toEqual(['READY=1']);
  });

  test('after disposal nothing is said and no timer is left', async () => {
    await using manager = await listenForNotifications();
    const { clock, notifier } = notifierWith({ NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '60000000' });
    notifier.watch(() => undefined);
    await notifier[Symbol.asyncDispose]();
    expect(clock.pending).toBe(0);
    expect(await manager.next()).toEqual(['WATCHDOG=1']);
  });
});

describe('where telling fails', () => {
  test('a manager that is gone costs one line in the log, not one a message', async () => {
    await using folder = await temporaryFolder();
    await using run = notifierWith({ NOTIFY_SOCKET: join(folder.path, 'nobody') });
    for (const text of ['starting', 'started']) {
      run.notifier.status(text);
      await run.notifier[Symbol.asyncDispose]();
    }
    expect(run.report.mock.calls).toEqual([['notify-failed', { error: expect.stringContaining('systemd-notify') }]]);
  });

  test('a machine without systemd-notify is no reason to fail', async () => {
    await using folder = await temporaryFolder();
    await using run = notifierWith({ NOTIFY_SOCKET: '/run/systemd/notify', PATH: folder.path });
    run.notifier.ready();
    await run.notifier[Symbol.asyncDispose]();
    expect(run.report.mock.calls).toEqual([['notify-failed', { error: 'spawn systemd-notify ENOENT' }]]);
  });

  test('a systemd-notify that hangs is ended, and the next message tries again', async () => {
    await using folder = await temporaryFolder();
    const program = join(folder.path, 'systemd-notify');
    await writeFile(program, '#!/bin/sh\nexec sleep 1000\n');
    await chmod(program, 0o700);
    await using run = notifierWith({ NOTIFY_SOCKET: '/nowhere', PATH: `${folder.path}:/usr/bin:/bin` });
    run.notifier.ready();
    await run.clock.untilPending();
    run.notifier.stopping();
    await run.clock.advance(10_000);
    await run.clock.untilPending();
    await run.clock.advance(10_000);
    await run.notifier[Symbol.asyncDispose]();
    expect(run.report.mock.calls).toEqual([['notify-failed', { error: 'systemd-notify ended with SIGKILL' }]]);
  });
});

test('without a service manager nothing is started and nothing waits', async () => {
  const { clock, report, notifier } = notifierWith({ WATCHDOG_USEC: '60000000' });
  notifier.ready();
  notifier.status('3 devices');
  notifier.watch(() => expect.unreachable());
  notifier.stopping();
  await notifier[Symbol.asyncDispose]();
  expect([clock.pending, report.mock.calls]).toEqual([0, []]);
});
