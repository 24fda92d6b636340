import type { LiveEvent } from '../../shared/contract/shapes.ts';
import type { Clock } from '../../shared/domain.ts';
import type { Engine } from '../engine/engine.ts';
import type { Desktop } from './door.ts';
import type { Alerts } from './alerts.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Figures } from './figures.ts';
import type { Keeper } from './keeper.ts';
import type { What } from './live.ts';
import type { Lock } from './lock.ts';
import type { Paces } from './paces.ts';
import type { AppSettings } from './settings.ts';
import type { Standings } from './standing.ts';
import type { Tickets } from './tickets.ts';
import type { Timers } from './timers.ts';

/**
 * What all procedures share. Each part of the router is a function from this to its procedures
 * (`sourcesProcedures(context)`), put together in `service.ts`.
 */
export interface ServiceContext {
  readonly engine: Engine;
  /** What runs by itself. */
  readonly keeper: Keeper;
  /** How things stand. */
  readonly standings: Standings;
  /** Whether copies would outlive the disk of what they are copies of. */
  readonly elsewhere: Elsewhere;
  /** Which limits hold for stores now. */
  readonly paces: Paces;
  readonly settings: AppSettings;
  /** How numbers and times are written. */
  readonly figures: Figures;
  readonly alerts: Alerts;
  /** The passphrase of the vault, where a person gives it. */
  readonly lock: Lock;
  readonly tickets: Tickets;
  readonly desktop: Desktop;
  readonly clock: Clock;
  readonly timers: Timers;
  /** This workstation's data folder. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborts when the service ends. */
  readonly signal: AbortSignal;
  /** Tells the listener the state at once and whatever follows. Returns how to end it. */
  readonly listen: (listener: (event: LiveEvent) => void) => () => void;
  /** Looks at how things stand, and tells the doors and alerts where that is other than it was. */
  readonly tellState: () => void;
  /** Tells the doors what to ask for again. */
  readonly changed: (...what: readonly What[]) => void;
}
