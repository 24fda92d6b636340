import type { ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';
import { Bytes, Count, countText } from '../../parts/figures.tsx';
import { Name } from '../../parts/name.tsx';
import { limitsLine } from './limits.tsx';
import classes from './stores.module.css';

/** What a store holds and costs, as pairs of words and figures. */
export function Facts({ store }: { readonly store: StoreShape }): ReactNode {
  return (
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
      <Fact label="Copies of">{store.sources.length === 0 ? 'No source yet' : <Sources names={store.sources} />}</Fact>
      {store.kind !== 'folder' && (
        <>
          <Fact label="Requests this month">{countText(store.requestsThisMonth)}</Fact>
          <Fact label="Cost a month">
            <Cost cost={store.monthlyCost} kind={store.kind} />
          </Fact>
        </>
      )}
      <Fact label="Speed">{capital(limitsLine(store))}</Fact>
    </dl>
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
