// Whatever a test starts, workers and threads too, finds its modules compiled: half of what they cost is stripping types.
process.env['NODE_COMPILE_CACHE'] ??= new URL('../node_modules/.cache/weir', import.meta.url).pathname;

/** Flags of the processes that run tests: their threads strip types too, until the modules are compiled. See src/weir.mjs. */
export const EXEC_ARGV = ['--wasm-wrapper-tiering-budget=2147483647'];
