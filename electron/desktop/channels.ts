/** Names of what passes between the preload and the shell. */
export const channels = {
  /** Preload → shell: the window wants a port to the engine. */
  askForPort: 'strongroom:ask-for-port',
  /** Shell → preload, with a port. */
  port: 'strongroom:port',
  /** Preload → shell and back: a folder chosen by the person. */
  pickFolder: 'strongroom:pick-folder',
  /** Shell → preload: how the connection stands. */
  connection: 'strongroom:connection',
  /** Shell → preload: where in the window the person wants to be. */
  navigate: 'strongroom:navigate',
} as const;
