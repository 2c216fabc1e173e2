import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

// What a gateway without OPC UA loads, and more.
const script = `
  const { drivers } = await import('./src/drivers.ts');
  await drivers.modbus();
  await drivers.opcua(); // even its schemas need no stack
  await import('./src/gateway.ts');
  const { commandTree } = await import('./src/cli.ts');
  await commandTree();
  console.log(JSON.stringify(globalThis.seen));
`;

// Every module that is resolved is seen here, whichever way it is imported.
const hooks = `
  import { registerHooks } from 'node:module';
  globalThis.seen = [];
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier.includes('node-opcua') || specifier === 'yaml') globalThis.seen.push(specifier);
      return next(specifier, context);
    },
  });
`;

function seenBy(code: string): readonly string[] {
  const hook = `data:text/javascript,${encodeURIComponent(hooks)}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', hook, '--input-type=module', '-e', code], {
    cwd: new URL('../..', import.meta.url).pathname,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as string[];
}

test('a gateway without OPC UA never loads its stack, and none loads the reader of YAML, which has a thread to itself', () => {
  expect(seenBy(script)).toEqual([]);
}, 60_000);

test('the stack writes nothing to our outputs, not of a status that it does not know either, and others still can', () => {
  const code = `
    const library = await (await import('./src/wire/opcua-library.ts')).loadOpcua();
    library.getStatusCodeFromCode(0x80ff0000);
    console.warn('ours');
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: new URL('../..', import.meta.url).pathname,
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual(['', 'ours\n']);
}, 120_000);

test('the stack is seen when it is loaded', () => {
  const seen = seenBy(
    script.replace('await commandTree();', "await (await import('./src/wire/opcua-library.ts')).loadOpcua();"),
  );
  expect(seen).toContain('node-opcua');
}, 120_000);
