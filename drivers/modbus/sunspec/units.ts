/** What the standard's tables write, in UCUM; what is absent here has no unit: ratios, and text that is called one. */
const UCUM: Readonly<Record<string, string>> = {
  A: 'A',
  V: 'V',
  W: 'W',
  VA: 'V.A',
  var: 'var',
  Var: 'var',
  Wh: 'W.h',
  WH: 'W.h',
  VAh: 'V.A.h',
  varh: 'var.h',
  Varh: 'var.h',
  Ah: 'A.h',
  AH: 'A.h',
  Hz: 'Hz',
  C: 'Cel',
  Pct: '%',
  '%': '%',
  Secs: 's',
  mSecs: 'ms',
  Degrees: 'deg',
  deg: 'deg',
  meters: 'm',
  mm: 'mm',
  mps: 'm/s',
  'm/s': 'm/s',
  HPa: 'hPa',
  'W/m2': 'W/m2',
  Vm: 'V/m',
  kO: 'kOhm',
  ohms: 'Ohm',
  S: 'S',
  bps: 'bit/s',
  Mbps: 'Mbit/s',
  '%ARtg/%dV': '1',
};

const RATES: Readonly<Record<string, string>> = { '/sec': '%/s', '/Sec': '%/s', '/min': '%/min', '/Hz': '%/Hz' };

/** UCUM for a unit of the standard; percentages of anything are percentages. Undefined where it is none. */
export function ucumOf(unit: string): string | undefined {
  const known = UCUM[unit];
  if (known !== undefined) return known;
  if (!unit.startsWith('%') && !unit.endsWith('Pct')) return undefined;
  const rate = /\/\w+$/.exec(unit)?.[0];
  return rate === undefined ? '%' : RATES[rate];
}
