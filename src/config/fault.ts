import { relative } from 'node:path';
import { GatewayError } from '../model/errors.ts';
import type { Place } from './tree.ts';

/** Something wrong in a configuration or profile, for the technician who has to mend it. */
export type Fault = Place & {
  readonly code: 'configuration-invalid' | 'configuration-unreadable' | 'secret-unavailable';
  /** Path of the key, e.g. `devices.boiler.points.flow.read`; empty where the file itself is at fault. */
  readonly key: string;
  readonly message: string;
  /** What to do about it; empty where the message says it all. */
  readonly hint: string;
};

export type KeyPath = readonly (string | number)[];

/** `points.flow.invalid[2]` */
export function formatKey(path: KeyPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

/** `weir.yaml:12:5`; below the working directory relative to it. */
export function formatPlace({ file, line, column }: Place): string {
  return `${shortPath(file)}:${line}:${column}`;
}

function shortPath(file: string): string {
  const short = relative(process.cwd(), file);
  return short.startsWith('..') ? file : short;
}

/** One line: place, key, what is wrong, what to do. */
export function formatFault(fault: Fault): string {
  const key = fault.key === '' ? '' : ` ${fault.key}:`;
  const hint = fault.hint === '' ? '' : `; ${fault.hint}`;
  // Of a file that cannot be read there are no lines.
  const place = fault.code === 'configuration-unreadable' ? shortPath(fault.file) : formatPlace(fault);
  return `${place}${key} ${fault.message}${hint}`;
}

/** Faults in the order in which they stand in their files, each told once however many devices share a profile. */
export function sortFaults(faults: readonly Fault[]): readonly Fault[] {
  const files = [...new Set(faults.map(({ file }) => file))];
  const distinct = new Map(
    faults.map((fault) => [[formatPlace(fault), lastKey(fault), fault.message].join(' '), fault]),
  );
  return [...distinct.values()].sort(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}

function lastKey({ key }: Fault): string {
  return key.slice(key.lastIndexOf('.') + 1);
}

/** All faults, one on a line. */
export function faultLines(faults: readonly Fault[]): string {
  return sortFaults(faults).map(formatFault).join('\n');
}

/** All faults as one error; its code is theirs where they agree. */
export function faultsError(faults: readonly Fault[]): GatewayError {
  const codes = new Set(faults.map(({ code }) => code));
  const [code = 'configuration-invalid'] = codes.size === 1 ? codes : [];
  return new GatewayError(code, faultLines(faults));
}
