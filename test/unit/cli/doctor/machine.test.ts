import { describe, expect, test } from 'vitest';
import { checkClock, type ClockFacts } from '../../../../src/cli/doctor/clock.ts';
import { mountOf } from '../../../../src/cli/doctor/disk.ts';
import { checkDamaged, checkJournal, type DiskFacts, type JournalFacts } from '../../../../src/cli/doctor/journal.ts';
import { memoryIn } from '../../../../src/cli/doctor/machine.ts';
import { checkRuntime, type RuntimeFacts } from '../../../../src/cli/doctor/runtime.ts';
import { briefly } from '../../../support/findings.ts';

const GIB = 2 ** 30;

describe('the runtime', () => {
  const well: RuntimeFacts = {
    node: 'v24.21.0',
    wanted: '>=24.15.0',
    memory: { available: GIB, total: 4 * GIB },
    processors: 4,
    load: 0.5,
  };

  test('is fine when it is the one that we test with, and the machine has room', () => {
    expect(checkRuntime(well)).toEqual([]);
    expect(checkRuntime({ ...well, node: 'v24.15.0', memory: undefined })).toEqual([]);
  });

  test.each([
    ['an older Node', { node: 'v24.9.9' }, 'warning runtime: Node v24.9.9 is older than >=24.15.0'],
    ['another Node', { node: 'v26.0.1' }, 'advice runtime: Node v26.0.1 is not the one that Weir is tested with'],
    [
      'hardly any memory',
      { memory: { available: 30 * 2 ** 20, total: GIB } },
      'warning memory: only 30.0 MiB of 1.0 GiB are left',
    ],
    ['a busy machine', { load: 8.04 }, 'advice processor: the machine is busy: load 8.0 on 4 processors'],
  ])('%s is told', (_what, facts, finding) => {
    expect(checkRuntime({ ...well, ...facts }).map(briefly)).toEqual([finding]);
  });

  test('memory is what the kernel calls available, not what is free', () => {
    const text = 'MemTotal:        1024 kB\nMemFree:           10 kB\nMemAvailable:     512 kB\n';
    expect(memoryIn(text)).toEqual({ available: 512 * 1024, total: 1024 * 1024 });
    expect(memoryIn('')).toBeUndefined();
  });
});

describe('the clock', () => {
  const well: ClockFacts = {
    wall: Date.UTC(2026, 10, 22, 9, 15),
    service: 'synchronised',
    trusted: false,
    gateway: undefined,
  };

  test('is fine when a time service has set it', () => {
    expect(checkClock(well)).toEqual([]);
    expect(checkClock({ ...well, service: 'absent' as const, gateway: 'synchronised' })).toEqual([]);
  });

  test.each([
    [
      'a machine that woke up in 1970',
      { wall: 60_000 },
      'critical clock: this machine believes that it is 1970-01-01T00:01 UTC',
    ],
    ['no time service', { service: 'idle' as const }, 'warning clock: no time service has set the clock'],
    ['nobody who knows', { service: 'absent' as const }, 'warning clock: no time service has set the clock'],
    [
      'a clock that is trusted all the same',
      { service: 'waiting' as const, trusted: true },
      'advice clock: no time service has set the clock',
    ],
    [
      'a gateway that knows better than nobody',
      { service: 'absent' as const, gateway: 'assumed' as const },
      'warning clock: no time service has set the clock',
    ],
  ])('%s is told', (_what, facts, finding) => {
    expect(checkClock({ ...well, ...facts }).map(briefly)).toEqual([finding]);
  });
});

describe('the folder of the journal', () => {
  const disk: DiskFacts = {
    free: 10 * GIB,
    total: 16 * GIB,
    freeFiles: 100_000,
    totalFiles: 1_000_000,
    readOnly: false,
    filesystem: 'ext4',
  };
  const folder = { isFolder: true, owner: 'weir', mode: 0o700 };
  const well: JournalFacts = {
    path: '/var/lib/weir',
    folder,
    disk,
    writable: true,
    keep: 2 * GIB,
    used: 0,
    isServed: false,
  };

  test('is fine on a local disk with room, or not there yet', () => {
    expect(checkJournal(well)).toEqual([]);
    expect(checkDamaged([])).toEqual([]);
    expect(checkJournal({ ...well, folder: undefined })).toEqual([]);
    expect(checkJournal({ ...well, disk: undefined })).toEqual([]);
  });

  test('that was damaged once is told until its files are removed', () => {
    const of = { folder: '/var/lib/weir/damaged/1', at: '2026-11-22T08:00:00.000Z', why: 'why', epoch: null };
    expect(checkDamaged([{ ...of, isDelivered: true }])).toMatchObject([
      { severity: 'warning', subject: 'journal', todo: expect.stringContaining(of.folder) },
    ]);
  });

  test('is fine for a daemon that writes it, whoever asks', () => {
    expect(checkJournal({ ...well, writable: false, isServed: true })).toEqual([]);
  });

  test('counts what the journal has already as room for it', () => {
    const nearlyFull = { ...well, disk: { ...disk, free: GIB } };
    expect(checkJournal({ ...nearlyFull, used: GIB })).toEqual([]);
    expect(checkJournal(nearlyFull).map(briefly)).toEqual([
      'warning journal: journal.keep.size is 2.0 GiB, and the disk has room for 1.0 GiB of it',
    ]);
  });

  test('on a file system that counts no files has enough of them', () => {
    expect(checkJournal({ ...well, disk: { ...disk, filesystem: 'btrfs', freeFiles: 0, totalFiles: 0 } })).toEqual([]);
  });

  test.each([
    ['a file in its place', { folder: { ...folder, isFolder: false } }, 'critical journal: /var/lib/weir is no folder'],
    ['one of somebody else', { writable: false }, 'critical journal: this user cannot write /var/lib/weir'],
    [
      'one that cannot be made',
      { writable: false, folder: undefined },
      'critical journal: /var/lib/weir is missing, and this user cannot make it',
    ],
    [
      'one that others may look into',
      { folder: { ...folder, mode: 0o750 } },
      'warning journal: other users may look into /var/lib/weir (mode 0750)',
    ],
    ['a full disk', { disk: { ...disk, free: 0 } }, 'critical journal: 0 B are free on the disk of /var/lib/weir'],
    [
      'a disk without room for files',
      { disk: { ...disk, freeFiles: 3 } },
      'critical journal: only 3 more files fit on the disk of /var/lib/weir',
    ],
    [
      'a disk that turned read-only',
      { disk: { ...disk, readOnly: true } },
      'critical journal: nothing can be written to the disk of /var/lib/weir',
    ],
    ['one in memory', { disk: { ...disk, filesystem: 'tmpfs' } }, 'critical journal: /var/lib/weir is on tmpfs'],
    ['one on a network', { disk: { ...disk, filesystem: 'nfs4' } }, 'critical journal: /var/lib/weir is on nfs4'],
    ['one on a FAT card', { disk: { ...disk, filesystem: 'vfat' } }, 'warning journal: /var/lib/weir is on vfat'],
  ])('%s is told', (_what, facts, finding) => {
    expect(checkJournal({ ...well, ...facts }).map(briefly)).toEqual([finding]);
  });

  test('is on the disk whose mount point is the longest on the way to it, and the last there', () => {
    const mounts = [
      '/dev/root / ext4 ro,relatime 0 0',
      '/dev/sda1 /var ext4 rw 0 0',
      'tmpfs /var/lib tmpfs rw 0 0',
      '/dev/sda2 /var/lib xfs rw 0 0',
      '/dev/sdb1 /mnt/the\\040card vfat rw 0 0',
      '',
    ].join('\n');
    expect(mountOf('/var/lib/weir', mounts)).toMatchObject({ filesystem: 'xfs', readOnly: false });
    expect(mountOf('/var/library', mounts)).toMatchObject({ filesystem: 'ext4', readOnly: false });
    expect(mountOf('/etc/weir', mounts)).toMatchObject({ filesystem: 'ext4', readOnly: true });
    expect(mountOf('/mnt/the card/weir', mounts)).toMatchObject({ filesystem: 'vfat' });
    expect(mountOf('/var/lib/weir', '')).toBeUndefined();
  });
});
