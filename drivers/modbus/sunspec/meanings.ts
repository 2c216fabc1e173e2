/**
 * What a point measures, in the words of the vocabulary. `shift` is the power of ten between the standard's unit and
 * that of the quantity: energies are counted in Wh there and in kWh here, power factors in percent and as a ratio.
 */
export type Meaning = { readonly quantity: string; readonly shift?: number };

type Meanings = Readonly<Record<string, Meaning>>;

const KILO = -3;
const PERCENT = -2;

/** The same quantity for each phase: `{ AphA: current-l1, … }`. */
function phased(names: (phase: string, number: string) => string, quantity: string, shift = 0): Meanings {
  const phases = [
    ['A', '1'],
    ['B', '2'],
    ['C', '3'],
  ] as const;
  return Object.fromEntries(
    phases.map(([phase, number]) => [names(phase, number), { quantity: `${quantity}-l${number}`, shift }]),
  );
}

const LINE_VOLTAGES: Meanings = Object.fromEntries(
  [
    ['AB', 'L1L2', 'l1-l2'],
    ['BC', 'L2L3', 'l2-l3'],
    ['CA', 'L3L1', 'l3-l1'],
  ].flatMap(([phases = '', lines = '', ends = '']) => {
    const meaning = { quantity: `voltage-${ends}` };
    return [`PPVph${phases}`, `PhVph${phases}`, `V${lines}`].map((name) => [name, meaning]);
  }),
);

const ALTERNATING: Meanings = {
  A: { quantity: 'current-sum' },
  ...phased((phase) => `Aph${phase}`, 'current'),
  ...phased((_, number) => `AL${number}`, 'current'),
  ...phased((phase) => `PhVph${phase}`, 'voltage'),
  ...phased((_, number) => `VL${number}`, 'voltage'),
  ...LINE_VOLTAGES,
  PhV: { quantity: 'voltage-average' },
  LNV: { quantity: 'voltage-average' },
  PPV: { quantity: 'voltage-line-average' },
  LLV: { quantity: 'voltage-line-average' },
  Hz: { quantity: 'frequency' },
  VA: { quantity: 'apparent-power' },
  ...phased((phase) => `VAph${phase}`, 'apparent-power'),
  ...phased((_, number) => `VAL${number}`, 'apparent-power'),
  VAr: { quantity: 'reactive-power' },
  VAR: { quantity: 'reactive-power' },
  Var: { quantity: 'reactive-power' },
  ...phased((phase) => `VARph${phase}`, 'reactive-power'),
  ...phased((_, number) => `VarL${number}`, 'reactive-power'),
  PF: { quantity: 'power-factor' },
  ...phased((phase) => `PFph${phase}`, 'power-factor'),
  ...phased((_, number) => `PFL${number}`, 'power-factor'),
};

/** Positive is what it generates, unlike in `active-power`, where that is what is taken from the mains. */
const INVERTER: Meanings = {
  ...ALTERNATING,
  W: { quantity: 'generated-power' },
  WH: { quantity: 'generated-energy', shift: KILO },
  TotWhInj: { quantity: 'generated-energy', shift: KILO },
  ...phased((_, number) => `TotWhInjL${number}`, 'active-energy-export', KILO),
  TotWhAbs: { quantity: 'active-energy-import', shift: KILO },
  ...phased((_, number) => `TotWhAbsL${number}`, 'active-energy-import', KILO),
  TmpCab: { quantity: 'device-temperature' },
  TmpAmb: { quantity: 'air-temperature' },
  Evt1: { quantity: 'device-errors' },
  Alrm: { quantity: 'device-errors' },
};

const METER: Meanings = {
  ...ALTERNATING,
  W: { quantity: 'active-power' },
  ...phased((phase) => `Wph${phase}`, 'active-power'),
  TotWhExp: { quantity: 'active-energy-export', shift: KILO },
  ...phased((phase) => `TotWhExpPh${phase}`, 'active-energy-export', KILO),
  TotWhImp: { quantity: 'active-energy-import', shift: KILO },
  ...phased((phase) => `TotWhImpPh${phase}`, 'active-energy-import', KILO),
  TotVAhExp: { quantity: 'apparent-energy-export', shift: KILO },
  ...phased((phase) => `TotVAhExpPh${phase}`, 'apparent-energy-export', KILO),
  TotVAhImp: { quantity: 'apparent-energy-import', shift: KILO },
  ...phased((phase) => `TotVAhImpPh${phase}`, 'apparent-energy-import', KILO),
  Evt: { quantity: 'device-errors' },
};

/** Whether current and power are positive into the battery or out of it, the standard leaves open. */
const BATTERY: Meanings = {
  SoC: { quantity: 'state-of-charge' },
  StrSoC: { quantity: 'state-of-charge' },
  ModSoC: { quantity: 'state-of-charge' },
  V: { quantity: 'battery-voltage' },
  ChaSt: { quantity: 'battery-state' },
  State: { quantity: 'operating-state' },
  NCyc: { quantity: 'battery-cycles' },
  Evt1: { quantity: 'device-errors' },
};

const WEATHER: Meanings = {
  GHI: { quantity: 'global-radiation' },
  TmpAmb: { quantity: 'air-temperature' },
  RH: { quantity: 'relative-humidity' },
  Pres: { quantity: 'air-pressure' },
  WndSpd: { quantity: 'wind-speed' },
  WndDir: { quantity: 'wind-direction' },
  Rain: { quantity: 'rain' },
  PPT: { quantity: 'precipitation-type' },
};

const COMMON: Meanings = {
  Mn: { quantity: 'manufacturer' },
  Md: { quantity: 'model' },
  Vr: { quantity: 'firmware-version' },
  SN: { quantity: 'serial-number' },
};

const MPPT: Meanings = {
  DCA: { quantity: 'pv-current' },
  DCV: { quantity: 'pv-voltage' },
  DCW: { quantity: 'pv-power' },
  DCWH: { quantity: 'pv-energy', shift: KILO },
};

const FAMILIES: readonly { readonly models: readonly number[]; readonly meanings: Meanings }[] = [
  { models: [1], meanings: COMMON },
  { models: [101, 102, 103, 111, 112, 113], meanings: { ...INVERTER, St: { quantity: 'operating-state' } } },
  { models: [701], meanings: { ...INVERTER, InvSt: { quantity: 'operating-state' } } },
  { models: [120], meanings: { WRtg: { quantity: 'rated-power' } } },
  { models: [124], meanings: { ChaState: { quantity: 'state-of-charge' }, InBatV: { quantity: 'battery-voltage' } } },
  { models: [160], meanings: MPPT },
  { models: [201, 202, 203, 204, 211, 212, 213, 214, 220], meanings: METER },
  { models: [302, 306, 307, 308], meanings: WEATHER },
  { models: [702], meanings: { WMaxRtg: { quantity: 'rated-power' } } },
  { models: [713, 802, 803, 804, 805, 807], meanings: BATTERY },
];

const BY_MODEL = new Map(FAMILIES.flatMap(({ models, meanings }) => models.map((id) => [id, meanings] as const)));

/** What a point of a model measures; undefined where the vocabulary has no word for it. */
export function meaningOf(
  model: number,
  point: { readonly name: string; readonly unit?: string },
): Meaning | undefined {
  const meaning = BY_MODEL.get(model)?.[point.name];
  if (meaning?.quantity.startsWith('power-factor') === true && point.unit === 'Pct') {
    return { ...meaning, shift: PERCENT };
  }
  return meaning;
}
