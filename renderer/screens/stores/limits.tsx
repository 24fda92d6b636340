import { ActionIcon, Button, Checkbox, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { BandwidthHours, StoreShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import {
  dayName,
  faultOf,
  hoursInWords,
  limitsInWords,
  megabytes,
  neverReached,
  parseTime,
  rateOf,
  shortDayName,
  timeInWords,
  week,
} from './bandwidth.ts';
import classes from './stores.module.css';

type Limits = Pick<StoreShape, 'upload' | 'download' | 'hours'>;

const mostEntries = 50;
const notARate = 'Write a number above 0, or leave it empty.';

/** How fast Strongroom may send to and read from a store: always, and at some hours of some weekdays. */
export function LimitsEditor({ store }: { readonly store: StoreShape }): ReactNode {
  const client = useQueryClient();
  const saved: Limits = { upload: store.upload, download: store.download, hours: store.hours };
  const [upload, setUpload] = useState<number | string>(megabytes(store.upload));
  const [download, setDownload] = useState<number | string>(megabytes(store.download));
  const [hours, setHours] = useState<readonly BandwidthHours[]>(store.hours);
  const [editing, setEditing] = useState<number>();
  const addButton = useRef<HTMLButtonElement>(null);
  const saving = useMutation(
    query.stores.setLimits.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: query.stores.key() }),
    }),
  );
  const up = rateOf(upload);
  const down = rateOf(download);
  const draft: Limits | undefined =
    up === undefined || down === undefined ? undefined : { upload: up, download: down, hours: [...hours] };
  const changed = draft === undefined || JSON.stringify(draft) !== JSON.stringify(saved);
  const lost = neverReached(hours);
  const endEditing = () => {
    setEditing(undefined);
    addButton.current?.focus();
  };
  return (
    <Stack gap="md">
      <Group gap="md" align="start" grow>
        <NumberInput
          label="Sending, MB a second"
          description="Empty: as fast as it goes"
          value={upload}
          min={0}
          decimalScale={3}
          hideControls
          error={up === undefined ? notARate : undefined}
          onChange={setUpload}
        />
        <NumberInput
          label="Reading, MB a second"
          description="Empty: as fast as it goes"
          value={download}
          min={0}
          decimalScale={3}
          hideControls
          error={down === undefined ? notARate : undefined}
          onChange={setDownload}
        />
      </Group>
      <div>
        <Text fw={600}>Other limits at certain hours</Text>
        <Text size="sm" c="var(--quiet)">
          For office hours, say, when others need the network. Where several apply, the first one holds; at all other
          hours, the limits above.
        </Text>
      </div>
      {hours.length > 0 && (
        <ol className={classes['hours']} aria-label="Limits at certain hours">
          {hours.map((entry, index) => (
            <li key={`${index} ${hoursInWords(entry)}`}>
              {editing === index ? (
                <HoursEditor
                  entry={entry}
                  onKeep={(kept) => {
                    setHours(hours.with(index, kept));
                    endEditing();
                  }}
                  onCancel={endEditing}
                />
              ) : (
                <div className={classes['entry']}>
                  <div className={classes['sentence']}>
                    <Text>{hoursInWords(entry)}</Text>
                    {lost.includes(index) && (
                      <Text size="sm" c="var(--warn)">
                        This never holds: the entries above it take all of its hours.
                      </Text>
                    )}
                  </div>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Change: ${hoursInWords(entry)}`}
                    onClick={() => setEditing(index)}
                  >
                    <IconPencil size={18} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Remove: ${hoursInWords(entry)}`}
                    onClick={() => {
                      setHours(hours.toSpliced(index, 1));
                      endEditing();
                    }}
                  >
                    <IconTrash size={18} aria-hidden />
                  </ActionIcon>
                </div>
              )}
            </li>
          ))}
        </ol>
      )}
      {editing === hours.length ? (
        <HoursEditor
          entry={{ weekdays: [1, 2, 3, 4, 5], from: 8 * 60, to: 18 * 60, upload: 2_000_000, download: null }}
          onKeep={(kept) => {
            setHours([...hours, kept]);
            endEditing();
          }}
          onCancel={endEditing}
        />
      ) : (
        <Group>
          <Button
            ref={addButton}
            variant="default"
            size="compact-md"
            disabled={hours.length >= mostEntries || editing !== undefined}
            onClick={() => setEditing(hours.length)}
          >
            Add hours
          </Button>
        </Group>
      )}
      {saving.error !== null && <ProblemNote problem={problemOf(saving.error)} />}
      <Group gap="sm">
        <Button
          disabled={!changed || draft === undefined || editing !== undefined}
          loading={saving.isPending}
          onClick={() => {
            if (draft !== undefined) saving.mutate({ name: store.name, ...draft });
          }}
        >
          Save the limits
        </Button>
        {changed && (
          <Button
            variant="subtle"
            disabled={saving.isPending}
            onClick={() => {
              setUpload(megabytes(saved.upload));
              setDownload(megabytes(saved.download));
              setHours(saved.hours);
              setEditing(undefined);
            }}
          >
            Leave them as they were
          </Button>
        )}
        <Text size="sm" c="var(--quiet)" role="status">
          {saving.isSuccess && !changed ? 'Saved.' : ''}
        </Text>
      </Group>
    </Stack>
  );
}

function HoursEditor({
  entry,
  onKeep,
  onCancel,
}: {
  readonly entry: BandwidthHours;
  readonly onKeep: (entry: BandwidthHours) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const [weekdays, setWeekdays] = useState(entry.weekdays.map(String));
  const [from, setFrom] = useState(timeInWords(entry.from));
  const [to, setTo] = useState(timeInWords(entry.to));
  const [upload, setUpload] = useState<number | string>(megabytes(entry.upload));
  const [download, setDownload] = useState<number | string>(megabytes(entry.download));
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector('input')?.focus(), []);
  const begin = parseTime(from);
  const end = parseTime(to);
  const up = rateOf(upload);
  const down = rateOf(download);
  const badTime = 'Write a time from 0:00 to 24:00.';
  // The day ends at 24:00, and nothing begins there.
  const badBegin = begin === undefined || begin === 24 * 60;
  const made =
    badBegin || end === undefined || up === undefined || down === undefined
      ? undefined
      : { weekdays: weekdays.map(Number), from: begin, to: end, upload: up, download: down };
  const fault = made === undefined ? undefined : faultOf(made);
  return (
    <div className={classes['editing']} ref={box}>
      <Stack gap="md">
        <Checkbox.Group label="On these days" value={weekdays} onChange={setWeekdays}>
          <Group gap="sm" mt={6}>
            {week.map((day) => (
              <Checkbox key={day} value={String(day)} label={shortDayName(day)} aria-label={dayName(day)} />
            ))}
          </Group>
        </Checkbox.Group>
        <Group gap="md" align="start" grow>
          <TextInput
            label="From"
            value={from}
            error={badBegin ? badTime : undefined}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            label="To"
            value={to}
            error={end === undefined ? badTime : undefined}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </Group>
        <Group gap="md" align="start" grow>
          <NumberInput
            label="Sending, MB a second"
            description="Empty: no limit"
            value={upload}
            min={0}
            decimalScale={3}
            hideControls
            error={up === undefined ? notARate : undefined}
            onChange={setUpload}
          />
          <NumberInput
            label="Reading, MB a second"
            description="Empty: no limit"
            value={download}
            min={0}
            decimalScale={3}
            hideControls
            error={down === undefined ? notARate : undefined}
            onChange={setDownload}
          />
        </Group>
        <Text role="status" c={fault === undefined ? 'var(--quiet)' : 'var(--bad)'}>
          {fault ?? (made === undefined ? '' : hoursInWords(made))}
        </Text>
        <Group gap="sm">
          <Button
            variant="light"
            disabled={made === undefined || fault !== undefined}
            onClick={() => {
              if (made !== undefined) onKeep(made);
            }}
          >
            Keep this
          </Button>
          <Button variant="subtle" onClick={onCancel}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </div>
  );
}

/** The limits of a store in a line: `2 MB/s up; at certain hours other limits`. */
export function limitsLine({ upload, download, hours }: Limits): string {
  const always = limitsInWords(upload, download);
  if (hours.length === 0) return always;
  const [first] = hours;
  if (first !== undefined && hours.length === 1) return `${hoursInWords(first)}; otherwise ${always}`;
  return `${always}; other limits at certain hours`;
}
