import type { MenuItemConstructorOptions } from 'electron';
import { join } from 'node:path';
import type { Clock } from '../../shared/domain.ts';
import type { System, TrayIcon } from './system.ts';
import { trayModel, type TrayAction, type TrayItem, type TrayModel, type TrayState } from './tray-model.ts';

export interface TrayOptions {
  readonly system: System;
  readonly clock: Clock;
  /** The folder with the pictures that `build/icons/make.ts` draws. */
  readonly pictures: string;
  /** Whether the bar is dark whatever the desktop's theme is, as GNOME's is. */
  readonly alwaysDark: boolean;
  readonly act: (action: TrayAction) => void;
}

/** The icon in the tray. What it shows is `trayModel`'s; it touches only what became different, since that closes an open menu. */
export class TrayView {
  readonly #options: TrayOptions;
  readonly #tray: TrayIcon;
  #state: TrayState;
  #image: string;
  #tooltip = '';
  #menu = '';

  constructor(options: TrayOptions, state: TrayState) {
    this.#options = options;
    this.#state = state;
    this.#image = this.#imageOf(this.#model().picture);
    this.#tray = options.system.createTray(this.#image);
    // On macOS a click opens the menu, as everywhere in its bar.
    if (options.system.platform !== 'darwin') {
      this.#tray.on('click', () => options.act({ do: 'open', route: undefined }));
    }
    options.system.theme.on('updated', () => this.update(this.#state));
    this.update(state);
  }

  update(state: TrayState): void {
    this.#state = state;
    const model = this.#model();
    const image = this.#imageOf(model.picture);
    if (image !== this.#image) this.#tray.setImage((this.#image = image));
    if (model.tooltip !== this.#tooltip) this.#tray.setToolTip((this.#tooltip = model.tooltip));
    const menu = JSON.stringify(model.items, withoutTimes);
    if (menu === this.#menu) return;
    this.#menu = menu;
    this.#tray.setContextMenu(this.#options.system.menu.buildFromTemplate(this.#template(model.items)));
  }

  #model(): TrayModel {
    const { clock, system } = this.#options;
    return trayModel(this.#state, clock.now(), system.app.getSystemLocale());
  }

  #imageOf(picture: TrayModel['picture']): string {
    const { system, pictures, alwaysDark } = this.#options;
    // macOS draws pictures whose name ends so in the colour of its bar.
    if (system.platform === 'darwin') return join(pictures, 'template', `${picture}Template.png`);
    const bar = alwaysDark || system.theme.shouldUseDarkColorsForSystemIntegratedUI ? 'dark' : 'light';
    return join(pictures, system.platform === 'linux' ? `${bar}-24` : bar, `${picture}.png`);
  }

  #template(items: readonly TrayItem[]): MenuItemConstructorOptions[] {
    return items.map((item): MenuItemConstructorOptions => {
      switch (item.kind) {
        case 'separator':
          return { type: 'separator' };
        case 'line':
          return { label: literal(item.label), enabled: false };
        case 'menu':
          return { label: literal(item.label), submenu: this.#template(item.items) };
        case 'action':
          return { label: literal(item.label), enabled: item.enabled, click: () => this.#press(item) };
      }
    });
  }

  /** A menu may have stood for hours: what an item means is reckoned when it is pressed. */
  #press(pressed: Extract<TrayItem, { kind: 'action' }>): void {
    const now = actionsOf(this.#model().items).find(({ label }) => label === pressed.label);
    this.#options.act((now ?? pressed).action);
  }
}

/** In a menu, `&` marks the key for the letter after it. */
function literal(label: string): string {
  return label.replaceAll('&', '&&');
}

/** The instants of *Pause* go on with the clock; they make no other menu. */
function withoutTimes(key: string, value: unknown): unknown {
  return key === 'until' ? undefined : value;
}

function actionsOf(items: readonly TrayItem[]): Extract<TrayItem, { kind: 'action' }>[] {
  return items.flatMap((item) => (item.kind === 'action' ? [item] : item.kind === 'menu' ? actionsOf(item.items) : []));
}
