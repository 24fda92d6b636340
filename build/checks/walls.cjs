/**
 * Which folder may import which, and why. Anything that is not named here may be imported only from its own part.
 * The layers (renderer, shared, electron) have a tsconfig each besides, so that what does not exist there does not compile.
 */
const part = (name) => `^electron/engine/${name}/`;

/** What each part of the engine may import, besides itself and shared/. */
const allowed = {
  platform: [],
  journal: [],
  signin: ['platform'],
  secrets: ['platform'],
  catalog: ['platform'],
  stores: ['platform'],
  scan: ['catalog', 'platform'],
  copy: ['catalog', 'stores', 'journal', 'scan', 'platform'],
  restore: ['catalog', 'stores', 'scan', 'platform'],
  integrity: ['catalog', 'stores', 'platform'],
  recovery: ['catalog', 'stores', 'journal', 'platform'],
  schedule: ['catalog'],
};

module.exports = {
  forbidden: [
    {
      name: 'shared-stands-alone',
      comment:
        'shared/ is what every part agrees on: it runs in the window too, so it imports nothing but zod and the contract builder.',
      severity: 'error',
      from: { path: '^shared/' },
      to: { pathNot: ['^shared/', '^node_modules/(zod|@orpc/contract)/'] },
    },
    {
      name: 'window-talks-through-the-contract',
      comment: 'The window never knows which door it came through: it sees the engine only through shared/.',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^electron/' },
    },
    {
      name: 'engine-without-electron',
      comment: 'The engine runs under plain Node, in tests and on servers without a screen.',
      severity: 'error',
      from: { path: '^electron/(engine|service|hosts)/' },
      to: { path: '^(node_modules/electron/|electron/[^/]+\\.ts$)' },
    },
    {
      name: 'engine-below-its-doors',
      comment: 'Hosts use the service and the engine; these know of no host.',
      severity: 'error',
      from: { path: '^electron/(engine|service)/' },
      to: { path: '^electron/hosts/' },
    },
    {
      name: 'engine-below-the-service',
      comment: 'The service runs the engine on schedule and answers the window; the engine works without it.',
      severity: 'error',
      from: { path: '^electron/engine/' },
      to: { path: '^electron/service/' },
    },
    {
      name: 'nobody-imports-upward',
      comment: 'engine.ts puts the parts together; a part that needs something from it is given it.',
      severity: 'error',
      from: { path: '^electron/engine/[^/]+/' },
      to: { path: '^electron/engine/[^/]+\\.ts$' },
    },
    ...Object.entries(allowed).map(([name, others]) => ({
      name: `${name}-keeps-to-its-arrows`,
      comment: `${name}/ may import ${others.length === 0 ? 'no other part' : others.join(', ')} of the engine (ARCHITECTURE.md, "Arrows").`,
      severity: 'error',
      from: { path: part(name) },
      to: { path: '^electron/engine/', pathNot: [part(name), ...others.map(part)] },
    })),
    {
      name: 'adapters-know-no-other-adapter',
      comment: 'Stores differ as data (capabilities), never by knowing one another.',
      severity: 'error',
      from: { path: '^electron/engine/stores/(folder|s3|drive)/' },
      to: { path: '^electron/engine/stores/(folder|s3|drive)/', pathNot: '^electron/engine/stores/$1/' },
    },
    {
      name: 'no-circles',
      comment: 'Two files that import each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'code-without-tests-inside',
      comment: 'What ships imports nothing of the tests.',
      severity: 'error',
      from: { path: '^(shared|electron|renderer|build)/' },
      to: { path: '^test/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'test/tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js'],
      conditionNames: ['import', 'types', 'default'],
      exportsFields: ['exports'],
    },
  },
};
