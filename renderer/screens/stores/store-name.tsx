import { TextInput } from '@mantine/core';
import type { ReactNode } from 'react';

/** What a store is called in Strongroom; left empty, it is called after its place. */
export function StoreName({
  value,
  suggestion,
  disabled,
  error,
  onChange,
}: {
  readonly value: string;
  readonly suggestion: string;
  readonly disabled: boolean;
  readonly error: ReactNode;
  readonly onChange: (value: string) => void;
}): ReactNode {
  return (
    <TextInput
      label="Name of the store"
      description="How it is called in this window. Left empty, it is called after its place."
      placeholder={suggestion}
      value={value}
      maxLength={255}
      autoComplete="off"
      disabled={disabled}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
