import { readFileSync, renameSync, rmSync } from 'node:fs';
import { GatewayError, messageOf } from '../../model/errors.ts';
import { headSchema, type Head } from './entry.ts';

/** Files that are kept beside the one that grows: `audit.log.1` is the youngest of them. */
export const KEPT = 3;

/** The generation that is still there while its end has not been noted yet. */
const LEAVING = KEPT + 1;

/** A line of the log, and where it stands. */
export type AuditLine = {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  /** False where the file ends before the line does. */
  readonly whole: boolean;
};

function generation(path: string, age: number): string {
  return age === 0 ? path : `${path}.${age}`;
}

/** Every line that there is, oldest first. Throws `usage` where a file cannot be read. */
export function readLines(path: string): readonly AuditLine[] {
  return Array.from({ length: LEAVING + 1 }, (_, age) => generation(path, LEAVING - age)).flatMap(linesOf);
}

/** The lines of one file; none where it does not exist. */
function linesOf(file: string): readonly AuditLine[] {
  const content = contentOf(file) ?? '';
  const texts = content.split('\n');
  const rest = texts.pop() ?? '';
  const lines = texts.map((text, index) => ({ file, line: index + 1, text, whole: true }));
  return rest === '' ? lines : [...lines, { file, line: lines.length + 1, text: rest, whole: false }];
}

/** Makes room for a new file at `path`: the older ones move on, and the oldest stays until `forgetOldest`. */
export function rotate(path: string): void {
  for (let age = KEPT; age >= 0; age -= 1) {
    if (contentOf(generation(path, age)) !== undefined) renameSync(generation(path, age), generation(path, age + 1));
  }
}

/** Lines of the file that is about to go; empty where none is. */
export function oldestLines(path: string): readonly AuditLine[] {
  return linesOf(generation(path, LEAVING));
}

export function forgetOldest(path: string): void {
  rmSync(generation(path, LEAVING), { force: true });
}

/** Where the newest head is noted, so that a log that ends too early does not go unnoticed. */
export function headPath(path: string): string {
  return `${path}.head`;
}

/** The noted head; undefined where there is none, or a power cut left half of one. */
export function readHead(path: string): Head | undefined {
  try {
    return headSchema.safeParse(JSON.parse(contentOf(headPath(path)) ?? 'null')).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new GatewayError('usage', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
