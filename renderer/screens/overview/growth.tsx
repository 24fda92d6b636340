import { AreaChart, ChartTooltip } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { SegmentedControl, Table, Text } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import type { Overview } from '../../../shared/contract/shapes.ts';
import { bytesText, counted, countText, dayText } from '../../parts/figures.tsx';
import classes from './growth.module.css';

const dayMs = 86_400_000;
const mostTicks = 7;

type Measure = 'bytes' | 'files';

/** Bytes and files protected at the end of each day, as a chart or as a table. */
export function Growth({ growth }: { readonly growth: Overview['growth'] }): ReactNode {
  const [measure, setMeasure] = useState<Measure>('bytes');
  const [form, setForm] = useState<'chart' | 'table'>('chart');
  const still = useReducedMotion();
  const [first] = growth;
  const last = growth.at(-1);
  if (first === undefined || last === undefined || growth.length < 2)
    return (
      <Text className={classes['quiet']}>From the second day on, a chart here shows how what is protected grows.</Text>
    );
  // What holds today holds to its end: a jump of today is a step like any other.
  const end = last.day + dayMs;
  const words = (value: number) => (measure === 'bytes' ? bytesText(value) : counted(value, 'file'));
  return (
    <figure className={classes['figure']}>
      <div className={classes['choices']}>
        <SegmentedControl
          aria-label="What is shown"
          value={measure}
          onChange={(value) => setMeasure(value)}
          data={[
            { value: 'bytes', label: 'Size' },
            { value: 'files', label: 'Files' },
          ]}
        />
        <SegmentedControl
          aria-label="How it is shown"
          value={form}
          onChange={(value) => setForm(value)}
          data={[
            { value: 'chart', label: 'Chart' },
            { value: 'table', label: 'Table' },
          ]}
        />
      </div>
      {form === 'chart' ? (
        <div
          role="img"
          aria-label={`From ${dateOf(first.day)} to ${dateOf(last.day)}, what is protected went from ${words(first[measure])} to ${words(last[measure])}. The table has every day.`}
        >
          <AreaChart
            h={240}
            data={[...growth, { ...last, day: end }]}
            areaChartProps={{ margin: { top: 14, right: 14 } }}
            dataKey="day"
            series={[{ name: measure, label: measure === 'bytes' ? 'Size' : 'Files', color: 'var(--ok)' }]}
            valueFormatter={measure === 'bytes' ? bytesText : countText}
            curveType="stepAfter"
            withDots={false}
            withGradient={false}
            fillOpacity={0.14}
            tickLine="none"
            gridAxis="x"
            strokeWidth={2}
            yAxisProps={{ width: 80, allowDecimals: measure === 'bytes' }}
            xAxisProps={{
              type: 'number',
              scale: 'time',
              domain: [first.day, end],
              ticks: [...ticksOf(first.day, last.day)],
              tickFormatter: dateOf,
              minTickGap: 40,
            }}
            tooltipProps={{
              content: ({ label, payload }) => (
                <ChartTooltip
                  label={typeof label === 'number' ? dateOf(label) : undefined}
                  payload={[...payload]}
                  series={[{ name: measure, label: measure === 'bytes' ? 'Size' : 'Files', color: 'var(--ok)' }]}
                  valueFormatter={measure === 'bytes' ? bytesText : countText}
                />
              ),
            }}
            areaProps={{ isAnimationActive: !still }}
            accessibilityLayer={false}
          />
        </div>
      ) : (
        <div
          className={classes['scroll']}
          tabIndex={0}
          role="region"
          aria-label="What was protected at the end of each day"
        >
          <Table stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Day</Table.Th>
                <Table.Th scope="col" ta="end">
                  Files
                </Table.Th>
                <Table.Th scope="col" ta="end">
                  Size
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {growth.toReversed().map(({ day, files, bytes }) => (
                <Table.Tr key={day}>
                  <Table.Td>{dateOf(day)}</Table.Td>
                  <Table.Td ta="end">{countText(files)}</Table.Td>
                  <Table.Td ta="end">{bytesText(bytes)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </figure>
  );
}

/** A day is one of UTC; its noon has the same date in nearly every time zone. */
function dateOf(day: number): string {
  return dayText(day + dayMs / 2);
}

/** Days at even distances from the first to the last, the last where it works out. */
function ticksOf(first: number, last: number): readonly number[] {
  const days = Math.round((last - first) / dayMs);
  const step = Math.max(1, Math.ceil(days / (mostTicks - 1)));
  return Array.from({ length: Math.floor(days / step) + 1 }, (_, at) => first + at * step * dayMs);
}
