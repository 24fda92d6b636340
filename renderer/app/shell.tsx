import { ActionIcon, Button, Drawer, Kbd, useMantineColorScheme } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconKeyboard, IconMenu2, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { countText } from '../parts/figures.tsx';
import { PageLoading } from '../parts/loading.tsx';
import { Tip } from '../parts/tip.tsx';
import { useLive } from './live.tsx';
import { places } from './places.tsx';
import { query } from './rpc.ts';
import { commandKey, Shortcuts, useShortcuts } from './shortcuts.tsx';
import { StateIcon, StateLine, StateVoice } from './state-line.tsx';
import { Wordmark } from './wordmark.tsx';
import classes from './shell.module.css';

const Finder = lazy(async () => ({ default: (await import('./finder.tsx')).Finder }));

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
    setFinderWanted(true);
    openFinder();
  };
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
        <Drawer
          opened={menu}
          onClose={closeMenu}
          title={<Wordmark />}
          size={300}
          classNames={{ body: classes['drawer'] ?? '' }}
        >
          <nav className={classes['drawerNav']} aria-label="Screens">
            <Navigation
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
          <Finder opened={finder} onClose={closeFinder} onHelp={openHelp} />
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
  onFind,
  onHelp,
  inDrawer = false,
}: {
  readonly onFind: () => void;
  readonly onHelp: () => void;
  readonly inDrawer?: boolean;
}): ReactNode {
  const { state } = useLive();
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
            <Link to={to} className={classes['place']} activeOptions={{ exact: to === '/', includeSearch: false }}>
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
  const { state } = useLive();
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
            <StateIcon state={state.state} size={22} />
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

/** Said only when the connection has been away for longer than a start or a hiccup takes. */
const patienceMs = 2_000;

function LostNotice(): ReactNode {
  const { connection } = useLive();
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (connection === 'open') return;
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, [connection]);
  if (connection === 'open' || !late) return null;
  return (
    <div role="alert" className={classes['lost']}>
      <strong>The window cannot reach Strongroom’s engine.</strong> It tries again by itself, and what you see may be
      old until then. Copies that were made are safe.{' '}
      {window.strongroom === undefined &&
        'If Strongroom was stopped in its terminal, start it again there and open the address that it prints.'}
    </div>
  );
}

/** The appearance that the settings say, whichever door and window they were changed in. */
function useAppearance(): void {
  const { setColorScheme } = useMantineColorScheme();
  const { data: appearance } = useQuery(query.settings.get.queryOptions({ select: (settings) => settings.appearance }));
  useEffect(() => {
    if (appearance !== undefined) setColorScheme(appearance === 'system' ? 'auto' : appearance);
  }, [appearance, setColorScheme]);
}

/** Goes where a notification or the tray points. */
function useTray(): void {
  const router = useRouter();
  useEffect(() => {
    window.strongroom?.onNavigate((route) => router.history.push(route));
  }, [router]);
}
