import { ActionIcon, Button, Drawer, Kbd, useMantineColorScheme } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconKeyboard, IconMenu2, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import { countText } from '../parts/figures.tsx';
import { PageLoading } from '../parts/loading.tsx';
import { Tip } from '../parts/tip.tsx';
import { useEngineState } from './live.tsx';
import { LostNotice } from './lost.tsx';
import { places } from './places.tsx';
import { query } from './rpc.ts';
import { commandKey, Shortcuts, useShortcuts } from './shortcuts.tsx';
import { StateIcon, StateLine, StateVoice } from './state-line.tsx';
import { keepTyping, takeTyped } from './typed-ahead.ts';
import { Wordmark } from './wordmark.tsx';
import classes from './shell.module.css';

const loadFinder = () => import('./finder.tsx');
const Finder = lazy(async () => {
  try {
    return { default: (await loadFinder()).Finder };
  } catch (error) {
    takeTyped();
    throw error;
  }
});

/** How long the finder is not fetched at most while the window has other things to do. */
const preloadMs = 2_000;

/** Below this the navigation is a drawer. */
const narrow = '(max-width: 800px)';

/** What stands around every screen: navigation, state, finder, shortcuts, and what is said when the engine is gone. */
export function Shell(): ReactNode {
  const main = useRef<HTMLElement>(null);
  const isNarrow = useMediaQuery(narrow, window.matchMedia(narrow).matches, { getInitialValueInEffect: false });
  const [menu, { open: openMenu, close: closeMenu }] = useDisclosure();
  const [help, { open: openHelp, close: closeHelp }] = useDisclosure();
  const [finder, { open: openFinder, close: closeFinder }] = useDisclosure();
  const [finderWanted, setFinderWanted] = useState(false);
  const find = () => {
    if (!finder) keepTyping();
    setFinderWanted(true);
    openFinder();
  };
  usePreloading();
  useShortcuts({ onFind: find, onHelp: openHelp });
  useAppearance();
  useTray();
  const { pathname } = useRouterState({ select: (state) => state.location });
  useEffect(() => {
    closeMenu();
    main.current?.scrollTo(0, 0);
  }, [pathname, closeMenu]);
  return (
    <div className={classes['shell']}>
      <a
        href="#main"
        className={classes['skip']}
        onClick={(event) => {
          // The part after the # is the address of a screen here.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the screen
      </a>
      {isNarrow ? (
        <TopBar onMenu={openMenu} onFind={find} menuOpen={menu} />
      ) : (
        <nav className={classes['side']} aria-label="Screens">
          <Navigation onFind={find} onHelp={openHelp} />
        </nav>
      )}
      <main ref={main} id="main" tabIndex={-1} className={classes['main']}>
        <LostNotice />
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </main>
      {isNarrow && (
        <Drawer opened={menu} onClose={closeMenu} title={<Wordmark />} size={300}>
          <nav className={classes['drawerNav']} aria-label="Screens">
            <Navigation
              // Where somebody is already, no other screen comes and closes it.
              onGo={closeMenu}
              onFind={() => {
                closeMenu();
                find();
              }}
              onHelp={() => {
                closeMenu();
                openHelp();
              }}
              inDrawer
            />
          </nav>
        </Drawer>
      )}
      <Shortcuts opened={help} onClose={closeHelp} />
      {finderWanted && (
        <Suspense>
          <Finder
            opened={finder}
            onClose={() => {
              takeTyped();
              closeFinder();
            }}
            onHelp={openHelp}
          />
        </Suspense>
      )}
      <StateVoice />
      <Tip />
    </div>
  );
}

function Waiting(): ReactNode {
  return (
    <div className={classes['waiting']}>
      <PageLoading label="The screen is on its way…" />
    </div>
  );
}

function Navigation({
  onGo,
  onFind,
  onHelp,
  inDrawer = false,
}: {
  /** A screen was pressed, be it the current one. */
  readonly onGo?: () => void;
  readonly onFind: () => void;
  readonly onHelp: () => void;
  readonly inDrawer?: boolean;
}): ReactNode {
  const state = useEngineState();
  const waiting = state?.attention.length ?? 0;
  return (
    <>
      {!inDrawer && (
        <Link to="/" className={classes['home']} aria-label="Strongroom, overview">
          <Wordmark />
        </Link>
      )}
      <Button
        variant="default"
        justify="space-between"
        fullWidth
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={<Kbd size="xs">{commandKey} K</Kbd>}
        classNames={{ label: classes['findLabel'] ?? '' }}
        onClick={onFind}
      >
        Find
      </Button>
      <ul className={classes['places']}>
        {places.map(({ to, label, icon: Icon }) => (
          <li key={to}>
            <Link
              to={to}
              className={classes['place']}
              activeOptions={{ exact: to === '/', includeSearch: false }}
              onClick={onGo}
            >
              <Icon size={19} stroke={1.7} aria-hidden />
              <span className={classes['placeLabel']}>{label}</span>
              {to === '/' && waiting > 0 && (
                <span className={classes['badge']}>
                  {countText(waiting)}
                  <span className="unseen">{waiting === 1 ? ' thing needs you' : ' things need you'}</span>
                </span>
              )}
            </Link>
          </li>
        ))}
      </ul>
      <div className={classes['foot']}>
        <StateLine />
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconKeyboard size={16} aria-hidden />}
          onClick={onHelp}
          className={classes['help']}
        >
          Shortcuts
        </Button>
      </div>
    </>
  );
}

function TopBar({
  onMenu,
  onFind,
  menuOpen,
}: {
  readonly onMenu: () => void;
  readonly onFind: () => void;
  readonly menuOpen: boolean;
}): ReactNode {
  const state = useEngineState();
  return (
    <nav className={classes['top']} aria-label="Screens and search">
      <ActionIcon
        variant="subtle"
        color="gray"
        size={40}
        aria-label="Screens and state"
        aria-expanded={menuOpen}
        onClick={onMenu}
      >
        <IconMenu2 size={22} aria-hidden />
      </ActionIcon>
      <Link to="/" className={classes['home']} aria-label="Strongroom, overview">
        <Wordmark />
      </Link>
      <span className={classes['topEnd']}>
        {state !== undefined && (
          <span data-tip={state.sentence} className={classes['topState']}>
            <StateIcon state={state.state} tone={state.tone} size={22} />
            <span className="unseen">{state.sentence}</span>
          </span>
        )}
        <ActionIcon variant="subtle" color="gray" size={40} aria-label="Find" onClick={onFind}>
          <IconSearch size={20} aria-hidden />
        </ActionIcon>
      </span>
    </nav>
  );
}

/** The appearance that the settings say, whichever door and window they were changed in. */
function useAppearance(): void {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { data: appearance } = useQuery(query.settings.get.queryOptions({ select: (settings) => settings.appearance }));
  const wear = useEffectEvent((wanted: typeof colorScheme) => {
    // Being told it once more, the library makes the browser reckon the style of the whole page anew, twice.
    if (wanted !== colorScheme) setColorScheme(wanted);
  });
  useEffect(() => {
    if (appearance !== undefined) wear(appearance === 'system' ? 'auto' : appearance);
  }, [appearance]);
}

/** Fetches the finder once the first screen has been drawn and there is nothing else to do. */
function usePreloading(): void {
  useEffect(() => {
    const load = () => {
      // Where it does not come now, it is asked for again when it is wanted.
      loadFinder().catch(() => undefined);
    };
    if (typeof requestIdleCallback === 'undefined') {
      const timer = setTimeout(load, preloadMs);
      return () => clearTimeout(timer);
    }
    const waiting = requestIdleCallback(load, { timeout: preloadMs });
    return () => cancelIdleCallback(waiting);
  }, []);
}

/** Goes where a notification or the tray points. */
function useTray(): void {
  const router = useRouter();
  useEffect(() => {
    window.strongroom?.onNavigate((route) => router.history.push(route));
  }, [router]);
}
