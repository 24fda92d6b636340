import type { Bridge } from '../../shared/contract/bridge.ts';

declare global {
  interface Window {
    /** There through the desktop's door only. */
    readonly strongroom?: Bridge;
  }
}
