import { useEffect, useRef, useState, type ReactNode } from 'react';

/** How often something that changes all the time is said: often enough to follow, seldom enough to do something else. */
const pauseMs = 20_000;

/** Says progress to screen readers, at once and then every twenty seconds at most. */
export function CalmVoice({ text }: { readonly text: string }): ReactNode {
  const latest = useRef(text);
  const [said, setSaid] = useState('');
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => {
    setSaid(latest.current);
    const timer = setInterval(() => setSaid(latest.current), pauseMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <div role="status" aria-live="polite" className="unseen">
      {said}
    </div>
  );
}
