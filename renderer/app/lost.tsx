import { useEffect, useState, type ReactNode } from 'react';
import { useConnection } from './live.tsx';
import classes from './lost.module.css';

/** Said only when the connection has been away for longer than a start or a hiccup takes. */
const patienceMs = 2_000;

/** Says that what is shown may be old, why, and what becomes of it; goes away by itself. */
export function LostNotice(): ReactNode {
  const connection = useConnection();
  const [late, setLate] = useState(false);
  const away = connection !== 'open';
  useEffect(() => {
    setLate(false);
    if (!away) return;
    const timer = setTimeout(() => setLate(true), patienceMs);
    return () => clearTimeout(timer);
  }, [away]);
  if (!away || !late) return null;
  return (
    <div role="alert" className={classes['lost']}>
      {connection === 'signed-out' ? (
        <>
          <strong>Strongroom was started anew, and this window does not belong to it any more.</strong> What you see is
          old. Go to the terminal where Strongroom was started, press Enter there, and open the address that it prints;
          this window goes on then, too. Copies that were made are safe.
        </>
      ) : window.strongroom === undefined ? (
        <>
          <strong>The window cannot reach Strongroom.</strong> It tries again by itself, and what you see may be old
          until then. Copies that were made are safe. If Strongroom was stopped in its terminal, start it again there
          and open the address that it prints.
        </>
      ) : (
        <>
          <strong>The part of Strongroom that makes the copies has stopped.</strong> It is being started again by
          itself, and what you see may be old until then. Copies that were made are safe. If this stays, quit Strongroom
          from its icon near the clock and start it again.
        </>
      )}
    </div>
  );
}
