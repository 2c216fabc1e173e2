import { LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { Fault } from './fault.ts';
import { MAX_DEPTH, growTree } from './grow-tree.ts';
import type { Place, Tree } from './tree.ts';

/** Parses one YAML 1.2 document, bounded in size and depth. An empty one is an empty map. */
export function parseYaml(text: string, file: string, faults: Fault[]): Tree | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    intAsBigInt: true, // a double would round what lies beyond 2^53
    logLevel: 'error',
    prettyErrors: false, // they quote the source, secrets included
    resolveKnownTags: false,
    uniqueKeys: false, // the grower finds them, and names both places
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problem = problemOf(document);
  if (problem !== undefined) {
    const { code, pos } = problem;
    // The parser's own words may quote the source.
    const words = syntaxFaults[code] ?? { message: `this is no YAML (${code})`, hint: 'put texts in quotes' };
    faults.push({ ...place(pos[0]), code: 'configuration-invalid', key: '', ...words });
    return undefined;
  }
  return growTree(document, place, faults);
}

type Problem = { readonly code: string; readonly pos: readonly [number, number] };

/** The first problem: those that follow are mostly its echo. Warnings count: what is not understood is not guessed. */
function problemOf({ errors, warnings, directives }: Document.Parsed): Problem | undefined {
  const outdated = directives.yaml.version === '1.2' ? [] : [{ code: 'BAD_DIRECTIVE', pos: [0, 0] as const }];
  return [...errors, ...warnings, ...outdated][0];
}

const notClosed = { message: 'a bracket, brace or quote is not closed', hint: 'close it' };
const badIndent = {
  message: 'the indentation fits nothing above',
  hint: 'keys of one map begin in the same column; close every bracket that you open',
};
const needsQuotes = { message: 'this cannot be read as one value', hint: 'put it in quotes' };

/** The parser's words for an implementer, in words for a technician. */
const syntaxFaults: Readonly<Record<string, { message: string; hint: string }>> = {
  TAB_AS_INDENT: { message: 'a tab is used as indentation', hint: 'indent with spaces' },
  MULTIPLE_DOCS: { message: 'a second document begins here', hint: 'remove the line ---' },
  BAD_DIRECTIVE: { message: 'the directive is not supported', hint: 'remove the line: Weir reads YAML 1.2' },
  TAG_RESOLVE_FAILED: { message: 'tags (words after !) have no meaning here', hint: 'put the value in quotes' },
  RESOURCE_EXHAUSTION: { message: 'it is nested too deeply', hint: `${MAX_DEPTH} levels are the limit` },
  BAD_INDENT: badIndent,
  MISSING_CHAR: notClosed,
  BAD_SCALAR_START: needsQuotes,
  BLOCK_AS_IMPLICIT_KEY: needsQuotes,
  MULTILINE_IMPLICIT_KEY: { message: 'a key needs a colon and a space behind it', hint: 'write key: value' },
  UNEXPECTED_TOKEN: { message: 'this fits nothing before it', hint: 'check indentation, quotes and brackets above' },
};
