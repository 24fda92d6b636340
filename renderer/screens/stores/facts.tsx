import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { Bytes, Count, countText } from '../../parts/figures.tsx';
import { Name } from '../../parts/name.tsx';
import { limitsLine } from './limits.tsx';
import classes from './stores.module.css';

/**
 * What a store holds and costs, as pairs of words and figures.
 * @param whole whether every source is named, instead of the first few.
 */
export function Facts({ store, whole = false }: { readonly store: StoreShape; readonly whole?: boolean }): ReactNode {
  const former = store.formerSources ?? [];
  return (
    <>
      <dl className={classes['facts']}>
        <Fact label="Kept there">
          {store.copies === 0 ? (
            'Nothing yet'
          ) : (
            <>
              <Bytes value={store.bytes} /> in <Count value={store.copies} of="copy" many="copies" />
            </>
          )}
        </Fact>
        <Fact label="Copies of" wide>
          <CopiesOf store={store} whole={whole} />
        </Fact>
        {store.freeBytes !== undefined && (
          <Fact label="Free on its disk">
            <Bytes value={store.freeBytes} />
          </Fact>
        )}
        {store.kind !== 'folder' && (
          <>
            <Fact label="Requests this month">{countText(store.requestsThisMonth)}</Fact>
            <Fact label="Cost a month">
              <Cost cost={store.monthlyCost} kind={store.kind} />
            </Fact>
          </>
        )}
        {isLimited(store) && <Fact label="Speed">{capital(limitsLine(store))}</Fact>}
      </dl>
      {former.some(({ removed }) => removed) && (
        <Text size="sm" c="var(--quiet)">
          {store.kind === 'folder' ? 'What is no longer watched lies there as plain files. ' : ''}
          To look at its earlier versions here, protect the folder again and continue it.
        </Text>
      )}
    </>
  );
}

function Fact({
  label,
  wide = false,
  children,
}: {
  readonly label: string;
  readonly wide?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className={classes['fact']} data-wide={wide}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function isLimited({ upload, download, hours }: StoreShape): boolean {
  return upload !== null || download !== null || hours.length > 0;
}

const mostNames = 4;

/** The sources in force, and whatever else lies there: its earlier copies are not of nothing. */
function CopiesOf({ store, whole }: { readonly store: StoreShape; readonly whole: boolean }): ReactNode {
  const { sources, formerSources: former = [] } = store;
  if (sources.length + former.length === 0) return 'No source yet';
  const most = whole ? Infinity : mostNames;
  const left = Math.max(0, sources.length - most) + Math.max(0, former.length - most);
  return (
    <ul className={classes['copiesOf']}>
      {sources.slice(0, most).map((name) => (
        <li key={`source ${name}`} className={classes['source']}>
          <Name text={name} />
        </li>
      ))}
      {former.slice(0, most).map(({ name, removed, copies }) => (
        <li key={`former ${name}`}>
          <Name text={name} />{' '}
          <span className={classes['quiet']}>
            (<Count value={copies} of="copy" many="copies" />, {removed ? 'no longer watched' : 'no new ones'})
          </span>
        </li>
      ))}
      {left > 0 && <li className={classes['quiet']}>and {countText(left)} more</li>}
    </ul>
  );
}

/** What space and requests are reckoned to cost; how, is said on hover and focus. */
function Cost({
  cost,
  kind,
}: {
  readonly cost: StoreShape['monthlyCost'];
  readonly kind: StoreShape['kind'];
}): ReactNode {
  if (cost === null) return kind === 'drive' ? 'Part of your Google plan' : 'Not known for this server';
  return (
    <button
      type="button"
      className={classes['cost']}
      data-tip={cost.basis}
      aria-label={`About ${money(cost)}. ${cost.basis}`}
    >
      About {money(cost)}
    </button>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function money({ currency, amount }: NonNullable<StoreShape['monthlyCost']>): string {
  const exact = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  // What rounds to nothing is still something.
  return amount > 0 && amount < 0.01 ? `less than ${exact.format(0.01)}` : exact.format(amount);
}
