/** `full` where the lengths of the failure list are asked for by WEIR_TEST_LENGTH=full, `short` in every other run. */
export function testLength<T>({ full, short }: { readonly full: T; readonly short: T }): T {
  return process.env['WEIR_TEST_LENGTH'] === 'full' ? full : short;
}
