import type { JournalStatus } from '../../journal/journal.ts';
import { size } from '../format.ts';
import { found, type Finding } from './finding.ts';

export type JournalFacts = {
  readonly path: string;
  /** Undefined where nothing is there yet. */
  readonly folder: FolderFacts | undefined;
  /** Of the folder, or of the nearest one above it that exists; undefined where the system does not say. */
  readonly disk: DiskFacts | undefined;
  /** Whether this user could write there, or make the folder. */
  readonly writable: boolean;
  /** `journal.keep.size`, and what the journal takes of it now; bytes. */
  readonly keep: number;
  readonly used: number;
  /** The daemon has it open: then it can. */
  readonly isServed: boolean;
};

export type FolderFacts = {
  readonly isFolder: boolean;
  /** Name of the user whom it belongs to, or its number. */
  readonly owner: string;
  /** Permission bits. */
  readonly mode: number;
};

export type DiskFacts = {
  /** Bytes that a plain user could still write, and files that could still be made. */
  readonly free: number;
  readonly freeFiles: number;
  readonly total: number;
  readonly totalFiles: number;
  readonly readOnly: boolean;
  /** Name as in `mount`, e.g. `ext4`. */
  readonly filesystem: string;
};

const OTHERS = 0o077;
const LEAST_FREE = 32 * 2 ** 20; // bytes: SQLite's log, its reserve, and some room for the system
const FEW_FILES = 100;

/** What a journal must not lie on, and why. */
const unfitFilesystems: Readonly<Record<string, readonly [Finding['severity'], why: string]>> = {
  tmpfs: ['critical', 'it is in memory: a power cut takes the whole journal'],
  ramfs: ['critical', 'it is in memory: a power cut takes the whole journal'],
  overlay: ['warning', "it is a container's own layer, and is gone with the container"],
  nfs: ['critical', 'SQLite cannot rely on its locks and syncs: the journal may be damaged'],
  nfs4: ['critical', 'SQLite cannot rely on its locks and syncs: the journal may be damaged'],
  cifs: ['critical', 'SQLite cannot rely on its locks and syncs: the journal may be damaged'],
  smb3: ['critical', 'SQLite cannot rely on its locks and syncs: the journal may be damaged'],
  '9p': ['warning', 'SQLite cannot rely on its locks and syncs: the journal may be damaged'],
  vfat: ['warning', 'it has no journal of its own, and no owners: a power cut may damage any file'],
  exfat: ['warning', 'it has no journal of its own, and no owners: a power cut may damage any file'],
};

export function checkJournal(facts: JournalFacts): readonly Finding[] {
  const { folder, path } = facts;
  if (folder !== undefined && !folder.isFolder) {
    const why = 'the journal is a folder';
    return [{ severity: 'critical', subject: 'journal', what: `${path} is no folder`, why, todo: 'name another path' }];
  }
  return found(access(facts), privacy(facts), disk(facts), room(facts), filesystem(facts));
}

function access({ path, folder, writable, isServed }: JournalFacts): Finding | undefined {
  if (writable || isServed) return undefined;
  const what =
    folder === undefined ? `${path} is missing, and this user cannot make it` : `this user cannot write ${path}`;
  const why = folder === undefined ? 'the folder above it is of somebody else' : `it belongs to ${folder.owner}`;
  const todo =
    folder === undefined
      ? 'make it for the user who runs the gateway: `sudo install -d -m 700 -o weir` and the path'
      : `run the gateway as ${folder.owner} (\`sudo -u ${folder.owner} weir run\`), or name another folder`;
  return { severity: 'critical', subject: 'journal', what, why, todo };
}

function privacy({ path, folder }: JournalFacts): Finding | undefined {
  if (folder === undefined || (folder.mode & OTHERS) === 0) return undefined;
  const mode = (folder.mode & 0o777).toString(8).padStart(4, '0');
  return {
    severity: 'warning',
    subject: 'journal',
    what: `other users may look into ${path} (mode ${mode})`,
    why: 'what meters say of people is no business of theirs',
    todo: `\`chmod 700 ${path}\``,
  };
}

function disk({ path, disk: known }: JournalFacts): Finding | undefined {
  if (known === undefined) return undefined;
  const trouble = diskTrouble(known);
  if (trouble === undefined) return undefined;
  const why = 'what is read cannot be kept there';
  return { severity: 'critical', subject: 'journal', what: `${trouble[0]} ${path}`, why, todo: trouble[1] };
}

function diskTrouble(known: DiskFacts): readonly [what: string, todo: string] | undefined {
  if (known.readOnly) {
    return ['nothing can be written to the disk of', 'see `dmesg` for what the disk did; mount it writable again'];
  }
  if (known.free < LEAST_FREE) {
    return [`${size(known.free)} are free on the disk of`, 'free space, or lower journal.keep.size'];
  }
  // Some file systems make room for files as they go, and count none.
  return known.totalFiles > 0 && known.freeFiles < FEW_FILES
    ? [`only ${known.freeFiles} more files fit on the disk of`, 'delete what is there in many small files']
    : undefined;
}

function room({ keep, used, disk: known }: JournalFacts): Finding | undefined {
  if (known === undefined || known.free < LEAST_FREE) return undefined;
  const missing = keep - used - known.free;
  if (missing <= 0) return undefined;
  return {
    severity: 'warning',
    subject: 'journal',
    what: `journal.keep.size is ${size(keep)}, and the disk has room for ${size(used + known.free)} of it`,
    why: 'in a long outage the disk is full before the journal makes room by itself',
    todo: 'lower journal.keep.size, or free space',
  };
}

function filesystem({ path, disk: known }: JournalFacts): Finding | undefined {
  const unfit = known === undefined ? undefined : unfitFilesystems[known.filesystem];
  if (known === undefined || unfit === undefined) return undefined;
  const [severity, why] = unfit;
  const todo = 'name a folder on a local disk with ext4, xfs, btrfs or f2fs';
  return { severity, subject: 'journal', what: `${path} is on ${known.filesystem}`, why, todo };
}

/** Stays until somebody has looked into it, and removed the files. */
export function checkDamaged(damaged: JournalStatus['damaged']): readonly Finding[] {
  const newest = damaged.at(-1);
  if (newest === undefined) return [];
  const what = `the journal was damaged on ${newest.at}, and a new one begun`;
  const todo = `look whether the disk is failing; then remove ${newest.folder}`;
  return [{ severity: 'warning', subject: 'journal', what, why: newest.why, todo }];
}
