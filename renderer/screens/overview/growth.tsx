import { AreaChart, ChartTooltip } from '@mantine/charts';
import '@mantine/charts/styles.css';
import { SegmentedControl, Table, Text } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import type { Overview } from '../../../shared/contract/shapes.ts';
import { bytesText, counted, countText, dayText, shortDayText } from '../../parts/figures.tsx';
import classes from './growth.module.css';

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
          aria-label={`From ${dayText(first.day)} to ${dayText(last.day)}, what is protected went from ${words(first[measure])} to ${words(last[measure])}. The table has every day.`}
        >
          <AreaChart
            h={240}
            data={[...growth]}
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
              domain: ['dataMin', 'dataMax'],
              tickFormatter: shortDayText,
              minTickGap: 40,
            }}
            tooltipProps={{
              content: ({ label, payload }) => (
                <ChartTooltip
                  label={typeof label === 'number' ? dayText(label) : undefined}
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
                <Table.Th scope="col">Files</Table.Th>
                <Table.Th scope="col">Size</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {growth.toReversed().map(({ day, files, bytes }) => (
                <Table.Tr key={day}>
                  <Table.Td>{dayText(day)}</Table.Td>
                  <Table.Td>{countText(files)}</Table.Td>
                  <Table.Td>{bytesText(bytes)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </figure>
  );
}
