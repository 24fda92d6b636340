import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { Bytes, Count, countText } from '../../parts/figures.tsx';
import { Name } from '../../parts/name.tsx';
import { limitsLine } from './limits.tsx';
import classes from './stores.module.css';

/** What a store holds and costs, as pairs of words and figures. */
export function Facts({ store }: { readonly store: StoreShape }): ReactNode {
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
        <Fact label="Copies of">
          <CopiesOf store={store} />
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

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={classes['fact']}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function isLimited({ upload, download, hours }: StoreShape): boolean {
  return upload !== null || download !== null || hours.length > 0;
}

/** The sources in force, and whatever else lies there: its earlier copies are not of nothing. */
function CopiesOf({ store }: { readonly store: StoreShape }): ReactNode {
  const former = store.formerSources ?? [];
  if (store.sources.length === 0 && former.length === 0) return 'No source yet';
  return (
    <>
      {store.sources.length > 0 && <Sources names={store.sources} />}
      {former.slice(0, mostNames).map(({ name, removed, copies }) => (
        <div key={name}>
          <Name text={name} />{' '}
          <span className={classes['quiet']}>
            (<Count value={copies} of="copy" many="copies" />, {removed ? 'no longer watched' : 'no new ones'})
          </span>
        </div>
      ))}
      {former.length > mostNames && <div>and {countText(former.length - mostNames)} more</div>}
    </>
  );
}

const mostNames = 4;

function Sources({ names }: { readonly names: readonly string[] }): ReactNode {
  const rest = names.length - mostNames;
  return (
    <>
      {names.slice(0, mostNames).map((name, at) => (
        <span key={name} className={classes['source']}>
          <Name text={name} />
          {at < Math.min(names.length, mostNames) - 1 && ','}
        </span>
      ))}
      {rest > 0 && `and ${countText(rest)} more`}
    </>
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
