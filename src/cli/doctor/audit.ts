import { messageOf } from '../../model/errors.ts';
import type { AuditStatus } from '../../model/status.ts';
import type { Head } from '../../ops/audit/entry.ts';
import { readHead, readLines } from '../../ops/audit/files.ts';
import { verifyLines, type AuditVerdict } from '../../ops/audit/verify.ts';
import { plural } from '../format.ts';
import { found, type Finding } from './finding.ts';

export type AuditFacts = {
  readonly path: string;
  /** Why it cannot be read; undefined where it can. */
  readonly unreadable: string | undefined;
  /** Of what is there; undefined where it cannot be read. */
  readonly verdict: AuditVerdict | undefined;
  /** What the running gateway says of it. */
  readonly gateway: AuditStatus | undefined;
};

/** Reads the log and holds it against itself, against the head beside it, and against what the gateway knows. */
export function lookAtAudit(path: string, gateway: AuditStatus | undefined): AuditFacts {
  try {
    const heads: readonly (Head | undefined)[] = [readHead(path), gateway];
    const known = heads.filter((head) => head !== undefined);
    return { path, unreadable: undefined, verdict: verifyLines(readLines(path), known), gateway };
  } catch (error) {
    return { path, unreadable: messageOf(error), verdict: undefined, gateway };
  }
}

export function checkAudit({ path, unreadable, verdict, gateway }: AuditFacts): readonly Finding[] {
  return found(
    unreadable === undefined ? undefined : unread(path, unreadable),
    verdict === undefined ? undefined : tampered(verdict),
    gateway?.error == null ? undefined : unwritable(gateway.error),
    verdict === undefined || verdict.missed === 0 ? undefined : incomplete(verdict.missed),
  );
}

function unread(path: string, why: string): Finding {
  const todo = 'run this command as the user of the gateway';
  return { severity: 'warning', subject: 'audit log', what: `${path} cannot be read`, why, todo };
}

function tampered({ fault }: AuditVerdict): Finding | undefined {
  if (fault === null) return undefined;
  const { kind, file, line, detail } = fault;
  const what = `${file}:${line} is ${kind}`;
  if (kind === 'torn') {
    const todo = 'nothing: the gateway cuts it off at its next start, and notes that';
    return { severity: 'advice', subject: 'audit log', what, why: detail, todo };
  }
  const todo =
    'keep the files as evidence, and ask the centre for the newest entry that it knows: weir audit verify --head';
  return { severity: 'critical', subject: 'audit log', what, why: detail, todo };
}

function unwritable(why: string): Finding {
  const todo = 'free space on its disk and make it writable: until then no command is carried out';
  return { severity: 'critical', subject: 'audit log', what: 'the gateway cannot write it', why, todo };
}

function incomplete(missed: number): Finding {
  const what = `${plural(missed, 'entry')} could not be written`;
  const why = 'the log says so itself; what happened then is only in the log of the service';
  return {
    severity: 'advice',
    subject: 'audit log',
    what,
    why,
    todo: 'see its disk: weir audit show --event audit-missed',
  };
}
