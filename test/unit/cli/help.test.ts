import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { describe, expect, test } from 'vitest';
import { commandTree } from '../../../src/cli.ts';
import { exitCodes } from '../../../src/cli/failure.ts';
import { errorCodes } from '../../../src/model/errors.ts';

const program = await commandTree();

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), writeErr: () => undefined });
  command.outputHelp();
  return help;
}

/** The words of each `$ weir …` in a help text, up to a pipe or other shell syntax. */
function examplesIn(help: string): readonly (readonly string[])[] {
  return [...help.matchAll(/^ {2}\$ (?:.*<\()?weir ([^|>&)\n]*)/gm)].map(([, words = '']) =>
    words.replace(/ \d$/, '').trim().split(/\s+/),
  );
}

const commands = withSubcommands(program).map((command) => [fullName(command), command] as const);

describe.each(commands)('%s', (name, command) => {
  const help = helpOf(command);

  test('says what it does, and what each of its options and arguments means', () => {
    expect(command.description()).not.toBe('');
    expect(command.options.filter(({ description }) => description === '').map(({ flags }) => flags)).toEqual([]);
    expect(command.registeredArguments.filter(({ description }) => description === '').map((a) => a.name())).toEqual(
      [],
    );
  });

  test('shows an example of itself', () => {
    const own = name.split(' ').slice(1);
    const shown = examplesIn(help);
    expect(shown.length).toBeGreaterThan(0);
    if (own.length > 0)
      expect(shown.filter((words) => own.every((word, index) => words[index] === word))).not.toEqual([]);
  });

  test('shows only examples that would be understood', () => {
    for (const words of examplesIn(help)) expect(misunderstood(words)).toBeUndefined();
  });

  test('lists the options that every command takes', () => {
    for (const option of ['--config', '--json', '--quiet', '--no-color', '--version', '--help']) {
      expect(help).toContain(option);
    }
  });
});

/** The first word of a command line that the tree does not know. */
function misunderstood(words: readonly string[]): string | undefined {
  let command = program;
  let before = '';
  for (const word of words) {
    if (word === '--') return undefined;
    const next = command.commands.find((each) => each.name() === word);
    const isValue = optionsOf(command).some(({ long, required }) => long === before && required);
    if (next !== undefined) command = next;
    else if (command.commands.length > 0 && !word.startsWith('-') && !isValue) return word;
    else if (word.startsWith('--') && !optionsOf(command).some(({ long }) => long === word)) return word;
    before = word;
  }
  return undefined;
}

/** Its own, and those of the commands that it is below. */
function optionsOf(command: Command): readonly Option[] {
  return [...command.options, ...(command.parent === null ? [] : optionsOf(command.parent))];
}

const root = new URL('../../../', import.meta.url).pathname;

/** The documents that name commands; the changelog names those of its time. */
const documents = globSync(['*.md', '{config,drivers,src,systemd,test}/**/*.md'], { cwd: root }).filter(
  (file) => file !== 'CHANGELOG.md',
);

/** The words of each command in a document: in the lines of its code, and between backticks. */
function commandsIn(text: string): readonly (readonly string[])[] {
  const lines = text.matchAll(/^ *(?:\$ )?(?:sudo (?:-u \w+ )?)?(?:npm run -s weir -- |weir )([^|>&)#\n]*)/gm);
  const inline = text.matchAll(/`(?:npm run -s weir -- |weir )([^`|>&)\n]*)`/g);
  return [...lines, ...inline].map(([, words = '']) =>
    words
      .replace(/"[^"]*"/g, 'TEXT')
      .trim()
      .split(/\s+/),
  );
}

test.each(documents)('every command that %s shows would be understood', async (file) => {
  const shown = commandsIn(await readFile(join(root, file), 'utf8'));
  expect(shown.filter((words) => words[0] !== 'help' && misunderstood(words) !== undefined)).toEqual([]);
});

test('the commands of a document are found where it shows them', () => {
  const text =
    'Try `weir status --check`.\n```sh\n   weir device read a/1 "holding 1" | head   # look\nsudo -u weir weir doctor\n```';
  expect(commandsIn(text).map((words) => words.join(' '))).toEqual([
    'device read a/1 TEXT',
    'doctor',
    'status --check',
  ]);
});

test('every exit code that an error can have is explained', () => {
  const explained = [...exitCodes.matchAll(/^ {2}(\d+) /gm)].map(([, code]) => Number(code));
  const used = new Set([0, ...Object.values(errorCodes).map(({ exit }) => exit)]);
  expect(explained).toEqual([...used].toSorted((a, b) => a - b));
  expect(helpOf(program)).toContain(exitCodes);
});
