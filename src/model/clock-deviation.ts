/** How the clock of a device that is `seconds` ahead differs from ours: `75 s ahead of ours`, `0.4 s behind ours`. */
export function showDeviation(seconds: number): string {
  const shown = Math.round(Math.abs(seconds) * 10) / 10;
  return `${shown} s ${seconds < 0 ? 'behind' : 'ahead of'} ours`;
}
