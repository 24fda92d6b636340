import { Button, Text } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Fragment, type ReactNode } from 'react';
import { query } from '../../app/rpc.ts';
import { ButtonLink } from '../../parts/button-link.tsx';
import { readClock, wholeDayText } from '../../parts/figures.tsx';
import { BlockLoading } from '../../parts/loading.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import classes from './recovery.module.css';

/** What to do when something is lost, in steps, to be printed and kept where it can be found on that day. */
export function Recovery(): ReactNode {
  return (
    <Page
      title="Recovery"
      width="text"
      lead="What to do when something is lost. Print this page and keep it away from this computer: on that day you may not have it."
      actions={
        <Button
          variant="default"
          leftSection={<IconPrinter size={17} aria-hidden />}
          className={classes['screenOnly'] ?? ''}
          onClick={() => window.print()}
        >
          Print this page
        </Button>
      }
    >
      <Section title="Where everything is" sheet>
        <Places />
      </Section>
      <Section title="If a file or a folder is lost or spoilt" sheet>
        <ol className={classes['steps']}>
          <li>Open Browse, and choose the source.</li>
          <li>Move the time slider to a day on which all was well. What was deleted since is there again.</li>
          <li>
            Select the files or the folder, and choose <strong>Restore…</strong> to have them back in their place, or in
            any other folder. Nothing is overwritten unless you say so.
          </li>
        </ol>
        <Go to="/browse" label="Browse" />
      </Section>
      <Section title="If the whole folder or its server is lost" sheet>
        <ol className={classes['steps']}>
          <li>
            Do nothing in a hurry. Strongroom takes nothing as deleted while the folder is away, and the copies stay as
            they are.
          </li>
          <li>Have a new folder made, on a new server or disk.</li>
          <li>In Browse, select all that is in the source, and restore it into the new folder.</li>
          <li>
            Under Sources, choose <strong>Change…</strong> beside the source, and there{' '}
            <strong>The folder is somewhere else now…</strong> From then on the new folder is protected, with all its
            history.
          </li>
        </ol>
        <Go to="/browse" label="Browse" />
        <Go to="/sources" label="Sources" />
      </Section>
      <Section title="If a store is lost" sheet>
        <ol className={classes['steps']}>
          <li>The folder itself and the other stores are not touched by it. Go on working.</li>
          <li>Under Stores, add a new store elsewhere.</li>
          <li>
            Under Sources, choose <strong>Change…</strong> beside each source that was copied to the lost one, and tick
            the new store besides.
          </li>
          <li>
            The next run copies everything there. Earlier versions come from the other stores: leave those as they are
            until it is done.
          </li>
        </ol>
        <Go to="/stores" label="Stores" />
        <Go to="/sources" label="Sources" />
      </Section>
      <Section title="If this computer is lost" sheet>
        <ol className={classes['steps']}>
          <li>Put Strongroom on another computer.</li>
          <li>
            Have at hand what opens one of the stores above: the disk, the sign-in to Google, or the access key of S3.
            Keys are kept on this computer alone, so keep your own record of them in a safe place.
          </li>
          <li>
            Whoever looks after that computer has Strongroom learn everything from that store, with{' '}
            <code>strongroom rebuild --from</code> and the store’s place as it stands above. Every version comes back,
            with its times.
          </li>
          <li>Then restore as above, or say where each folder is and go on.</li>
        </ol>
      </Section>
      <Section title="If Strongroom itself cannot be had" sheet>
        <Text>
          The copies outlive it. Each store holds plain files in plain folders: in <code>files</code>, a folder for each
          source has the latest of every file under its own name. Open a disk in the file manager, Google Drive or S3 in
          a browser, and copy what you need.
        </Text>
      </Section>
      <Text size="sm" className={classes['later']}>
        A guide that leads through these steps by itself, and rehearsals of them, come with a later version.
      </Text>
    </Page>
  );
}

function Go({ to, label }: { readonly to: '/browse' | '/sources' | '/stores'; readonly label: string }): ReactNode {
  return (
    <ButtonLink to={to} variant="default" size="sm" mt="sm" mr="sm" className={classes['screenOnly'] ?? ''}>
      {label}
    </ButtonLink>
  );
}

/** The sources with their folders and stores, the stores with their places: without them no step can be taken. */
function Places(): ReactNode {
  const sources = useQuery(query.sources.list.queryOptions());
  const stores = useQuery(query.stores.list.queryOptions());
  const about = useQuery(query.app.about.queryOptions());
  const error = sources.error ?? stores.error;
  if (error !== null) return <ProblemNote problem={problemOf(error)} />;
  if (sources.data === undefined || stores.data === undefined)
    return <BlockLoading height={120} label="The places are on their way…" />;
  if (sources.data.length === 0)
    return <Text>No folder is protected yet, so there is nothing to lose or to restore.</Text>;
  return (
    <>
      <dl className={classes['places']}>
        {sources.data.map(({ name, root, copies }) => (
          <div key={name}>
            <dt>
              <Name text={name} lines="all" />
              <div className={classes['later']}>source</div>
            </dt>
            <dd>
              <Name text={root} path lines="all" />
              <div className={classes['later']}>
                {copies.length === 0 ? 'copied nowhere' : 'copied to '}
                {copies.map(({ store }, at) => (
                  <Fragment key={store}>
                    {at > 0 && (at === copies.length - 1 ? ' and ' : ', ')}“<Name text={store} lines="all" />”
                  </Fragment>
                ))}
              </div>
            </dd>
          </div>
        ))}
        {stores.data.map(({ name, place, spec }) => (
          <div key={name}>
            <dt>
              <Name text={name} lines="all" />
              <div className={classes['later']}>store</div>
            </dt>
            <dd>
              {visibleName(place)}
              {spec !== place && <div className={classes['later']}>for the command line: {visibleName(spec)}</div>}
            </dd>
          </div>
        ))}
      </dl>
      <Text size="sm" mt="md" className={classes['later']}>
        As of {wholeDayText(readClock())}
        {about.data !== undefined && `, on the computer ${visibleName(about.data.computer)}`}. Print it again when any
        of this changes.
      </Text>
    </>
  );
}
