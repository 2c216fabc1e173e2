// OPC UA names units by the common codes of UN/CEFACT Recommendation 20 (OPC UA Part 8, 5.6.3); we name them in UCUM.

/** Whose `unitId` is of Recommendation 20, and who knows units by their UCUM name only. */
export const UNECE_URI = 'http://www.opcfoundation.org/UA/units/un/cefact';
export const UCUM_URI = 'http://unitsofmeasure.org';

/** A unit of UNECE Recommendation 20: its common code, and the sign that people know. */
export type UneceUnit = { readonly code: string; readonly symbol: string };

/** Common codes and signs by UCUM unit, for what meters and plant measure. */
export const uneceUnits: ReadonlyMap<string, UneceUnit> = new Map(
  Object.entries({
    '1': ['C62', '1'],
    '%': ['P1', '%'],
    '[ppth]': ['NX', '‰'],
    '[ppm]': ['59', 'ppm'],
    '[ppb]': ['61', 'ppb'],
    // electricity
    W: ['WTT', 'W'],
    mW: ['C31', 'mW'],
    kW: ['KWT', 'kW'],
    MW: ['MAW', 'MW'],
    GW: ['A90', 'GW'],
    'W.h': ['WHR', 'W·h'],
    'kW.h': ['KWH', 'kW·h'],
    'MW.h': ['MWH', 'MW·h'],
    'GW.h': ['GWH', 'GW·h'],
    'V.A': ['D46', 'V·A'],
    'kV.A': ['KVA', 'kV·A'],
    'MV.A': ['MVA', 'MV·A'],
    'kV.A.h': ['C79', 'kVAh'],
    var: ['D44', 'var'],
    kvar: ['KVR', 'kvar'],
    Mvar: ['MAR', 'Mvar'],
    'kvar.h': ['K3', 'kvar·h'],
    'Mvar.h': ['MAH', 'Mvar·h'],
    V: ['VLT', 'V'],
    mV: ['2Z', 'mV'],
    kV: ['KVT', 'kV'],
    MV: ['B78', 'MV'],
    A: ['AMP', 'A'],
    mA: ['4K', 'mA'],
    uA: ['B84', 'µA'],
    kA: ['B22', 'kA'],
    'A.h': ['AMH', 'A·h'],
    'mA.h': ['E09', 'mA·h'],
    'kA.h': ['TAH', 'kA·h'],
    Ohm: ['OHM', 'Ω'],
    mOhm: ['E45', 'mΩ'],
    kOhm: ['B49', 'kΩ'],
    MOhm: ['B75', 'MΩ'],
    S: ['SIE', 'S'],
    F: ['FAR', 'F'],
    uF: ['4O', 'µF'],
    H: ['81', 'H'],
    C: ['COU', 'C'],
    T: ['D33', 'T'],
    Hz: ['HTZ', 'Hz'],
    kHz: ['KHZ', 'kHz'],
    MHz: ['MHZ', 'MHz'],
    // heat
    Cel: ['CEL', '°C'],
    K: ['KEL', 'K'],
    '[degF]': ['FAH', '°F'],
    J: ['JOU', 'J'],
    kJ: ['KJO', 'kJ'],
    MJ: ['3B', 'MJ'],
    GJ: ['GV', 'GJ'],
    'W/m2': ['D54', 'W/m²'],
    // pressure
    Pa: ['PAL', 'Pa'],
    hPa: ['A97', 'hPa'],
    kPa: ['KPA', 'kPa'],
    MPa: ['MPA', 'MPa'],
    bar: ['BAR', 'bar'],
    mbar: ['MBR', 'mbar'],
    atm: ['ATM', 'atm'],
    '[psi]': ['PS', 'psi'],
    // amounts and flows
    m3: ['MTQ', 'm³'],
    l: ['LTR', 'l'],
    L: ['LTR', 'l'],
    ml: ['MLT', 'ml'],
    hl: ['HLT', 'hl'],
    'm3/h': ['MQH', 'm³/h'],
    'm3/min': ['G53', 'm³/min'],
    'm3/s': ['MQS', 'm³/s'],
    'l/h': ['E32', 'l/h'],
    'l/min': ['L2', 'l/min'],
    'l/s': ['G51', 'l/s'],
    kg: ['KGM', 'kg'],
    g: ['GRM', 'g'],
    mg: ['MGM', 'mg'],
    t: ['TNE', 't'],
    'kg/h': ['E93', 'kg/h'],
    'kg/s': ['KGS', 'kg/s'],
    'g/kg': ['GK', 'g/kg'],
    'kg/m3': ['KMQ', 'kg/m³'],
    'g/m3': ['A93', 'g/m³'],
    'mg/m3': ['GP', 'mg/m³'],
    'ug/m3': ['GQ', 'µg/m³'],
    'mg/l': ['M1', 'mg/l'],
    // lengths, movement
    m: ['MTR', 'm'],
    mm: ['MMT', 'mm'],
    cm: ['CMT', 'cm'],
    km: ['KMT', 'km'],
    um: ['4H', 'µm'],
    m2: ['MTK', 'm²'],
    'm/s': ['MTS', 'm/s'],
    'km/h': ['KMH', 'km/h'],
    'mm/h': ['H67', 'mm/h'],
    '[kn_i]': ['KNT', 'kn'],
    'm/s2': ['MSK', 'm/s²'],
    N: ['NEW', 'N'],
    kN: ['B47', 'kN'],
    'N.m': ['NU', 'N·m'],
    '/min': ['C94', 'min⁻¹'],
    deg: ['DD', '°'],
    rad: ['C81', 'rad'],
    // time
    s: ['SEC', 's'],
    ms: ['C26', 'ms'],
    us: ['B98', 'µs'],
    min: ['MIN', 'min'],
    h: ['HUR', 'h'],
    d: ['DAY', 'd'],
    wk: ['WEE', 'wk'],
    mo: ['MON', 'mo'],
    a: ['ANN', 'y'],
    // light, sound, radiation, chemistry
    lx: ['LUX', 'lx'],
    lm: ['LUM', 'lm'],
    cd: ['CDL', 'cd'],
    dB: ['2N', 'dB'],
    Bq: ['BQL', 'Bq'],
    'Bq/m3': ['A19', 'Bq/m³'],
    'uSv/h': ['P72', 'µSv/h'],
    'S/m': ['D10', 'S/m'],
    'mS/cm': ['H61', 'mS/cm'],
    'uS/cm': ['G42', 'µS/cm'],
    '[pH]': ['Q30', 'pH'],
    mol: ['C34', 'mol'],
    By: ['AD', 'byte'],
  } satisfies Record<string, readonly [code: string, symbol: string]>).map(([ucum, [code, symbol]]) => [
    ucum,
    { code, symbol },
  ]),
);

/** The `unitId` of a common code: its characters are the number's bytes, `KWH` is 0x4b5748. */
export function unitIdOf(code: string): number {
  return Buffer.from(code, 'latin1').reduce((id, byte) => id * 256 + byte, 0);
}

// Of units that share a code the first one is meant.
const byUnitId = new Map([...uneceUnits].toReversed().map(([ucum, { code }]) => [unitIdOf(code), ucum]));
const bySign = new Map([...uneceUnits].toReversed().map(([ucum, { symbol }]) => [symbol, ucum]));

/** The UCUM unit of a `unitId`; undefined where it is none that we know. */
export function ucumOfUnitId(id: number): string | undefined {
  return byUnitId.get(id);
}

// What people write for several things: C is Celsius more often than coulomb, and a degree is not always an angle.
const AMBIGUOUS = /^[CFHTSdahy°1]$|^min$|^mo$/u;

/** The UCUM unit that people write so; undefined where that is not certain. */
export function ucumOfSign(sign: string): string | undefined {
  return AMBIGUOUS.test(sign) ? undefined : bySign.get(sign);
}
