import { Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode, Ref } from 'react';

type ButtonAnchorProps = ButtonProps &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps> & { readonly ref?: Ref<HTMLAnchorElement> };

function ButtonAnchor(props: ButtonAnchorProps): ReactNode {
  return <Button component="a" {...props} />;
}

/** A link to another screen in the form of a button. Its address is checked against the routes by the compiler. */
export const ButtonLink = createLink(ButtonAnchor);
