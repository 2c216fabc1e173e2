#!/usr/bin/env node
// Plain JavaScript on purpose: it must still run where the TypeScript and the native parts behind it cannot.
// So are the imports: a name that an old Node does not export would end it before it could say a word.
import module from 'node:module';
import v8 from 'node:v8';

const OLDEST_NODE = 24; // type stripping without a flag, and the ABI that better-sqlite3 13 is built for

// See ops/heap.ts for what happens under load.
const MODEST_HEAP = ['--optimize-for-size', '--semi-space-growth-factor=1', '--heap-growing-percent=10'];

// Types are stripped by WebAssembly, in every thread that finds no compiled module. V8 13.6 now and then does not
// find the memory of a wrapper that it has replaced by a faster one, and ends the process ("jit_page.has_value()"): with this
// budget it replaces none.
const SLOW_WRAPPERS = '--wasm-wrapper-tiering-budget=2147483647';

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE) {
  process.stderr.write(
    `weir needs Node ${OLDEST_NODE} or newer and this is ${process.version}: run it as \`npm run -s weir --\`, which uses the Node pinned in node_modules/.bin, or install Node ${OLDEST_NODE}.\n`,
  );
  process.exitCode = 1;
} else {
  // Left alone, V8 takes memory first and collects later: on a gateway that costs 50 MB and wins nothing.
  for (const flag of MODEST_HEAP) v8.setFlagsFromString(flag);
  const fromSource = import.meta.url.endsWith('/src/weir.mjs') && !import.meta.url.includes('/dist/');
  if (fromSource) {
    v8.setFlagsFromString(SLOW_WRAPPERS);
    // Compiled modules are kept: without them stripping the types costs 0.1 s and 40 MB at every start.
    const compiled = new URL('../node_modules/.cache/weir', import.meta.url).pathname;
    module.enableCompileCache(compiled);
    process.env['NODE_COMPILE_CACHE'] ??= compiled; // for the threads, which know of it from here only
  }
  const { main } = await import(fromSource ? './cli.ts' : './cli.js');
  await main(process.argv);
}
