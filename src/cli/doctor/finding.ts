/** How much it matters: it does not work; it will not work for long; it could be better. */
const severities = ['critical', 'warning', 'advice'] as const;
export type Severity = (typeof severities)[number];

/** Something that a person should know of, in words for the technician. */
export type Finding = {
  readonly severity: Severity;
  /** Where: `connection basement`, `journal`, `destination city`. */
  readonly subject: string;
  readonly what: string;
  /** The evidence, or what follows from it. */
  readonly why: string;
  readonly todo: string;
};

/** One examination: what it found wrong, or why it could not be made. */
export type Check = {
  readonly name: string;
  /** What was looked at, in a few words. */
  readonly looked: string;
  readonly findings: readonly Finding[];
};

/** All findings, worst first; equally bad ones in the order of the checks. */
export function worstFirst(checks: readonly Check[]): readonly Finding[] {
  return checks
    .flatMap(({ findings }) => findings)
    .toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/** Whether somebody has to do something; advice can wait for ever. */
export function needsPerson(checks: readonly Check[]): boolean {
  return worstFirst(checks).some(({ severity }) => severity !== 'advice');
}

/** What several rules found. */
export function found(...outcomes: readonly (Finding | undefined)[]): readonly Finding[] {
  return outcomes.filter((outcome) => outcome !== undefined);
}
