import { Menu, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconFolder, IconServer2 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { baseName } from '../../../shared/names.ts';
import { Name, visibleName } from '../../parts/name.tsx';
import { ancestorsOf } from './tree-nodes.ts';
import classes from './browse.module.css';

/** The way from the source to the folder that is shown, on one line: what has no room is in a menu. */
export function Crumbs({
  source,
  path,
  onGo,
}: {
  readonly source: string;
  readonly path: string;
  readonly onGo: (path: string) => void;
}): ReactNode {
  const above = path === '' ? [] : ancestorsOf(path);
  const nameOf = (folder: string) => (folder === '' ? source : baseName(folder));
  const crumb = (folder: string) => (
    <li key={folder} className={classes['crumb']} data-above>
      <UnstyledButton className={classes['crumbButton'] ?? ''} onClick={() => onGo(folder)}>
        <Name text={nameOf(folder)} />
      </UnstyledButton>
      <IconChevronRight size={16} aria-hidden />
    </li>
  );
  const [first, ...rest] = above;
  const parent = rest.at(-1);
  return (
    <nav aria-label="Where this folder is" className={classes['where']}>
      <ol className={classes['crumbs']}>
        {first !== undefined && crumb(first)}
        {above.length > 0 && (
          <li key="menu" className={classes['crumb']} data-menu={above.length > 2 ? 'always' : 'narrow'}>
            <Menu position="bottom-start" withinPortal classNames={{ dropdown: classes['menu'] ?? '' }}>
              <Menu.Target>
                <UnstyledButton className={classes['crumbButton'] ?? ''} aria-label="Folders above this one">
                  …
                </UnstyledButton>
              </Menu.Target>
              <Menu.Dropdown>
                {above.map((folder) => (
                  <Menu.Item
                    key={folder}
                    leftSection={
                      folder === '' ? <IconServer2 size={16} aria-hidden /> : <IconFolder size={16} aria-hidden />
                    }
                    onClick={() => onGo(folder)}
                  >
                    {visibleName(nameOf(folder))}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <IconChevronRight size={16} aria-hidden />
          </li>
        )}
        {parent !== undefined && crumb(parent)}
        <li key={path} className={classes['crumb']} aria-current="page">
          <Name text={nameOf(path)} />
        </li>
      </ol>
    </nav>
  );
}
