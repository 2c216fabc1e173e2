import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { enterBasement, type Basement } from '../support/basement.ts';
import { describeWith, peerPath } from '../support/peers.ts';

const launcher = new URL('../../src/weir.mjs', import.meta.url).pathname;

let basement: Basement;

beforeAll(async () => {
  basement = await enterBasement();
});

afterAll(() => basement[Symbol.asyncDispose]());

type Typed = { readonly after: RegExp; readonly keys: string };

/** Runs `weir` on a terminal; types the keys as soon as it has shown what comes before them. */
async function onTerminal(words: readonly string[], typed: readonly Typed[]) {
  // A shell that stays between would be ended by Ctrl-C too, and its exit code be the one that is seen.
  const command = `exec ${[process.execPath, launcher, ...words].map((word) => `'${word}'`).join(' ')}`;
  const terminal = spawn(peerPath('script'), ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: basement.folder,
    env: { ...process.env, TERM: 'xterm', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(terminal, 'exit');
  const left = [...typed];
  let raw = '';
  for await (const chunk of terminal.stdout.setEncoding('utf8')) {
    raw += chunk;
    const [next] = left;
    if (next === undefined || !next.after.test(stripVTControlCharacters(raw))) continue;
    left.shift();
    terminal.stdin.write(next.keys);
  }
  const [exit] = await ended;
  return { exit: Number(exit), raw, shown: stripVTControlCharacters(raw).replaceAll('\r\n', '\n') };
}

const CTRL_C = '\u0003';
const WIPED = '\r\u001b[K';

describeWith('script', 'on a terminal', () => {
  test('a write is asked for, and done after a yes', async () => {
    const { exit, shown } = await onTerminal(
      ['device', 'write', 'boiler/setpoint', '55.5'],
      [{ after: /write 55\.5\? \[y\/N\]/, keys: 'y\r' }],
    );
    expect(exit).toBe(0);
    expect(shown).toMatch(/boiler\/setpoint is \d+(\.\d)? °C\n/);
    expect(shown).toContain('✓ boiler/setpoint is 55.5 °C now');
    expect(basement.meter.register(120)).toBe(555);
  });

  test.each([
    ['a no', 'n\r', 1],
    ['nothing but Enter', '\r', 1],
    ['Ctrl-C', CTRL_C, 130],
  ])('a write is not done after %s', async (_what, keys, code) => {
    const before = basement.meter.register(120);
    const { exit, shown } = await onTerminal(
      ['device', 'write', 'boiler/setpoint', '20'],
      [{ after: /write 20\? \[y\/N\]/, keys }],
    );
    expect(exit).toBe(code);
    expect(shown).not.toContain('✓');
    expect(basement.meter.register(120)).toBe(before);
  });

  test('a scan shows how far it is, and on Ctrl-C what it has found', async () => {
    const { exit, raw, shown } = await onTerminal(
      ['device', 'scan', 'basement', '--units', '7-247'],
      [{ after: /unit 9 · 3 of 241 · \S+ left/, keys: CTRL_C }],
    );
    expect(exit).toBe(130);
    expect(shown).toMatch(/✓ unit 7 {2}/);
    expect(shown).toMatch(/1 device on basement: \d+ of 241 addresses asked in/);
    // The line that says how far it is has been wiped away before what stays.
    expect(
      raw
        .split(/(?=\d+ device on basement)/)[0]
        ?.trimEnd()
        .endsWith(WIPED),
    ).toBe(true);
  });

  test('a watch is a table that is redrawn, with what changed', async () => {
    const { exit, raw, shown } = await onTerminal(
      ['device', 'watch', 'basement/7', 'holding 130', '--type', 'uint16', '--every', '100ms'],
      [{ after: /holding 130 +\d+ +good +\d+ +\d+ +[3-9]/, keys: CTRL_C }],
    );
    expect(exit).toBe(0);
    const [entered, left] = ['\u001b[?1049h', '\u001b[?1049l'].map((sequence) => raw.indexOf(sequence));
    expect(entered).toBeGreaterThanOrEqual(0);
    expect(left).toBeGreaterThan(entered ?? Infinity);
    expect(shown).toMatch(/point +value +quality +least +greatest +changes +reads +bad/);
  });
});
