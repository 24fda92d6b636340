import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { SourceRules } from '../../../shared/contract/shapes.ts';
import { FolderPicker } from '../../parts/folder-picker.tsx';
import { PreviewView } from './preview-view.tsx';
import { RulesEditor } from './rules-editor.tsx';
import type { Preview } from './use-preview.ts';
import classes from './sources.module.css';

/** A folder by its path, typed or chosen. */
export function FolderField({
  label,
  description,
  title,
  value,
  autoFocus = false,
  onChange,
}: {
  readonly label: string;
  readonly description: string;
  /** Heading of the dialog for choosing. */
  readonly title: string;
  readonly value: string;
  /** Whether it takes the focus as its drawer opens. */
  readonly autoFocus?: boolean;
  readonly onChange: (path: string) => void;
}): ReactNode {
  const [picking, setPicking] = useState(false);
  return (
    <>
      <TextInput
        label={label}
        description={description}
        value={value}
        dir="ltr"
        spellCheck={false}
        autoComplete="off"
        required
        {...(autoFocus ? { 'data-autofocus': true } : {})}
        onChange={(event) => onChange(event.currentTarget.value)}
        inputContainer={(input) => (
          <Group gap="sm" wrap="nowrap" align="start">
            <div className={classes['grow']}>{input}</div>
            <Button variant="default" className={classes['beside']} onClick={() => setPicking(true)}>
              Choose…
            </Button>
          </Group>
        )}
      />
      <FolderPicker
        opened={picking}
        title={title}
        start={value.trim()}
        onPick={onChange}
        onClose={() => setPicking(false)}
      />
    </>
  );
}

/** The first step of adding a source: which folder, and what of it. */
export function ChooseFolder({
  root,
  rules,
  preview,
  onRoot,
  onRules,
  children,
}: {
  readonly root: string;
  readonly rules: SourceRules;
  readonly preview: Preview;
  readonly onRoot: (root: string) => void;
  readonly onRules: (rules: SourceRules) => void;
  /** What is to be said of the folder before its files are counted up. */
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Stack gap="lg">
      <FolderField
        label="Folder to protect"
        description="A folder on the file server or on this computer. Strongroom reads it, and changes nothing in it except when you restore into it."
        title="Choose the folder to protect"
        value={root}
        autoFocus
        onChange={onRoot}
      />
      {children}
      {root.trim() !== '' && <PreviewView preview={preview} />}
      {root.trim() !== '' && (
        <details className={classes['more']}>
          <summary>Leave something out</summary>
          <div className={classes['moreBody']}>
            <RulesEditor rules={rules} onChange={onRules} />
          </div>
        </details>
      )}
      {root.trim() === '' && (
        <Text c="var(--quiet)">
          As soon as you have chosen one, you see how many files and how much would be protected.
        </Text>
      )}
    </Stack>
  );
}
