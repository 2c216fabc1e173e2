import { GatewayError } from '../../../src/model/errors.ts';
import { factsOf, isType, type SunSpecType } from './types.ts';

// The grammar of models/*.ts, one model after the other, each line a point or the head of what is indented below it:
//
//   model 103 inverter_three_phase 50 like 101 ! AphB AphC     id, name, registers of its points; the points of another
//                                                               model (OLD>NEW renames one, after ! more are mandatory)
//   W int16 ^W_SF [W] ! w =0 OFF ON 5:FAULT                     name, type, scale factor (a point or a number), unit,
//                                                               mandatory, writable, names of values or bits from 0 on
//   Mn string/16                                                a string of 16 registers
//   each 1..20                                                  the points below for each number, in the place of #
//   group curve * 54                                            a group as often as the length allows, of 54 registers;
//                                                               or as often as a point of that name says, or a number
//
// A model's first two points, ID and L, are in all of them and not in the tables.

export type ModelPoint = {
  readonly name: string;
  readonly type: SunSpecType;
  /** Registers. */
  readonly words: number;
  /** The power of ten that a value is multiplied by: itself, or the name of the point that holds it. */
  readonly factor?: number | string;
  /** As the standard writes it. */
  readonly unit?: string;
  readonly mandatory: boolean;
  readonly writable: boolean;
  /** Names of the values of an enumeration, or of the bits of a bitfield by their numbers. */
  readonly symbols: ReadonlyMap<number, string>;
};

export type ModelGroup = {
  readonly name: string;
  /** How many follow each other: a number, the name of the point that says so, or as many as the model's length holds. */
  readonly count: number | string;
  /** Registers of its own points, as the standard gives them. */
  readonly length: number;
  readonly points: readonly ModelPoint[];
  /** What follows the points. */
  readonly groups: readonly ModelGroup[];
};

export type Model = { readonly id: number; readonly group: ModelGroup };

export const BY_LENGTH = '*';

/** Reads a table; what does not keep to the grammar is a mistake of ours, and thrown. */
export function parseModels(text: string): ReadonlyMap<number, Model> {
  const models = new Map<number, Model>();
  for (const part of text.split(/^(?=model )/m).filter((lines) => lines.trim() !== '')) {
    const [head = '', ...lines] = part.split('\n').filter((line) => line.trim() !== '');
    const model = parseModel(head, lines, models);
    models.set(model.id, model);
  }
  return models;
}

function parseModel(head: string, lines: readonly string[], known: ReadonlyMap<number, Model>): Model {
  const [, id, name = '', length, , other, changes = ''] =
    /^model (\d+) (\S+) (\d+)( like (\d+)(.*))?$/.exec(head) ?? complain(head);
  const own = { name, count: 1, length: Number(length) };
  if (other === undefined) return { id: Number(id), group: { ...own, ...parseContent(lines, '') } };
  const { group } = known.get(Number(other)) ?? complain(head);
  return { id: Number(id), group: { ...own, points: changed(group.points, changes), groups: group.groups } };
}

/** `OLD>NEW` renames a point; those after `!` are mandatory too. */
function changed(points: readonly ModelPoint[], changes: string): readonly ModelPoint[] {
  const [renaming = '', more = ''] = changes.split('!');
  const names = new Map(wordsOf(renaming).map((pair) => splitOnce(pair, '>')));
  const mandatory = new Set(wordsOf(more));
  return points.map((point) => {
    const name = names.get(point.name) ?? point.name;
    return { ...point, name, mandatory: point.mandatory || mandatory.has(name) };
  });
}

function parseContent(lines: readonly string[], indent: string): Pick<ModelGroup, 'points' | 'groups'> {
  const points: ModelPoint[] = [];
  const groups: ModelGroup[] = [];
  for (const { head, below } of blocks(lines, indent)) {
    if (head.startsWith('group ')) groups.push(parseGroup(head, below, indent));
    else if (head.startsWith('each ')) points.push(...repeated(head, below));
    else points.push(parsePoint(head));
  }
  return { points, groups };
}

/** Each line at this indent, with the deeper ones below it. */
function blocks(lines: readonly string[], indent: string): readonly { head: string; below: string[] }[] {
  const found: { head: string; below: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith(`${indent} `)) found.at(-1)?.below.push(line);
    else found.push({ head: line.slice(indent.length), below: [] });
  }
  return found;
}

function parseGroup(head: string, below: readonly string[], indent: string): ModelGroup {
  const [, name = '', count = '', length] = /^group (\S+) (\S+) (\d+)$/.exec(head) ?? complain(head);
  const times = /^\d+$/.test(count) ? Number(count) : count;
  return { name, count: times, length: Number(length), ...parseContent(below, `${indent}  `) };
}

function repeated(head: string, below: readonly string[]): readonly ModelPoint[] {
  const [, first, last] = /^each (\d+)\.\.(\d+)$/.exec(head) ?? complain(head);
  const numbers = Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => Number(first) + index);
  return numbers.flatMap((number) => below.map((line) => parsePoint(line.trim().replace('#', String(number)))));
}

function parsePoint(line: string): ModelPoint {
  const [plain, symbols] = splitOnce(line, ' =');
  const [, unit] = /\[(.*)\]/.exec(plain) ?? [];
  const [name = '', declared = '', ...marks] = wordsOf(plain.replace(/\[.*\]/, ''));
  const [type, size] = splitOnce(declared, '/');
  if (!isType(type)) return complain(line);
  return {
    name,
    type,
    words: type === 'string' ? Number(size) : factsOf(type).words,
    ...factorOf(marks),
    ...(unit !== undefined && { unit }),
    mandatory: marks.includes('!'),
    writable: marks.includes('w'),
    symbols: parseSymbols(symbols),
  };
}

function factorOf(marks: readonly string[]): Pick<ModelPoint, 'factor'> {
  const factor = marks.find((mark) => mark.startsWith('^'))?.slice(1);
  if (factor === undefined) return {};
  return { factor: /^-?\d+$/.test(factor) ? Number(factor) : factor };
}

/** `0 OFF ON 5:FAULT`: one number after the other, unless one is given. */
function parseSymbols(text: string): ReadonlyMap<number, string> {
  const [first, ...names] = wordsOf(text);
  const symbols = new Map<number, string>();
  let next = Number(first);
  for (const item of names) {
    const [, number = next, name = item] = /^(\d+):(.+)$/.exec(item) ?? [];
    symbols.set(Number(number), name);
    next = Number(number) + 1;
  }
  return symbols;
}

function wordsOf(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function complain(line: string): never {
  throw new GatewayError('failed', `a table of SunSpec models has a line that does not belong: ${line}`);
}
