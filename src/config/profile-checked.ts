import type { Placement, ValueDescription } from '../collect/driver.ts';
import type { PointSettings } from './configuration.ts';
import type { ConfigurableDriver } from './drivers.ts';
import type { Profile } from './profile.ts';
import type { Section } from './section.ts';

/** A point of a profile under examination; complaints go to `section` where it is wrong, to `advice` where it is odd. */
export type CheckedPoint = {
  readonly name: string;
  readonly settings: PointSettings;
  /** What its raw values can be. */
  readonly raw: ValueDescription;
  /** Undefined where the driver knows no places, or it has none. */
  readonly place: Placement | undefined;
  readonly section: Section;
  readonly advice: Section;
};

/** A profile under examination. */
export type CheckedProfile = {
  readonly profile: Profile;
  readonly driver: ConfigurableDriver;
  readonly root: Section;
  readonly advice: Section;
  readonly points: readonly CheckedPoint[];
};
