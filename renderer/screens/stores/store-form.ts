import type { ReactNode } from 'react';
import type { NewStore } from '../../../shared/contract/shapes.ts';
import type { StoreField } from './fields.ts';

/** What each kind's form is given. */
export interface StoreFormProps {
  /** Proves the store and keeps it. */
  readonly onAdd: (store: NewStore) => void;
  readonly busy: boolean;
  /** The folder that is about to be protected, where the store is added for it. */
  readonly protecting?: string | undefined;
  /** The last failure, if it belongs beside this field. */
  readonly fault: (field: StoreField) => ReactNode;
  /** To be called where what is filled in cannot be sent; the first field with a fault takes the focus. */
  readonly onRefused: () => void;
  /** Forgets the last failure, once a person changes what it was about. */
  readonly onEdit: () => void;
  /** Buttons to leave the form with, and a failure that belongs to no field; the form adds its own button. */
  readonly foot: (submit: { readonly ready: boolean }) => ReactNode;
}
