/** What the desktop's preload gives the window, as `window.strongroom`. In the local web host there is none of it. */
export interface Bridge {
  /**
   * Asks for a message port to the engine. It arrives as a window message whose data is {@link portMessage}; so does a
   * new one whenever the engine was restarted.
   */
  askForPort(): void;
  /** The system's own dialog for choosing a folder. @returns its absolute path, `null` where the person chose none. */
  pickFolder(title: string): Promise<string | null>;
  /** Told where in the window a person wants to be: a notification or the tray was pressed. @param listener given a route, `/activity` say. */
  onNavigate(listener: (route: string) => void): void;
  /**
   * Told when the engine's process ended (`lost`; the port is dead, and calls under way are too) and when it is there
   * again (`reconnected`; a new port is on its way).
   */
  onConnection(listener: (connection: Connection) => void): void;
}

/** Data of the window message that hands over a port. */
export const portMessage = 'strongroom-port';

export type Connection = 'lost' | 'reconnected';
