import type { ServiceContext } from './context.ts';
import { procedures } from './procedures.ts';

export function settingsProcedures(context: ServiceContext) {
  const { settings, alerts, changed } = context;
  return {
    get: procedures.settings.get.handler(() => settings.get()),

    set: procedures.settings.set.handler(async ({ input }) => {
      const kept = await settings.set(input);
      changed('settings');
      // Whoever gives an address now hears of what is open already.
      context.tellState();
      return kept;
    }),

    testEmail: procedures.settings.testEmail.handler(async () => {
      await alerts.testEmail();
      return {};
    }),

    testPing: procedures.settings.testPing.handler(async () => {
      await alerts.testPing();
      return {};
    }),
  };
}
