import {
  IconActivity,
  IconBuildingBank,
  IconFolders,
  IconHome2,
  IconLifebuoy,
  IconSettings,
  IconShieldCheck,
  IconStack2,
} from '@tabler/icons-react';

/** The screens in the order of the navigation; `key` follows `g` on the keyboard. */
export const places = [
  { to: '/', label: 'Overview', key: 'o', icon: IconHome2 },
  { to: '/browse', label: 'Browse', key: 'b', icon: IconFolders },
  { to: '/activity', label: 'Activity', key: 'a', icon: IconActivity },
  { to: '/sources', label: 'Sources', key: 's', icon: IconBuildingBank },
  { to: '/stores', label: 'Stores', key: 't', icon: IconStack2 },
  { to: '/integrity', label: 'Integrity', key: 'i', icon: IconShieldCheck },
  { to: '/recovery', label: 'Recovery', key: 'r', icon: IconLifebuoy },
  { to: '/settings', label: 'Settings', key: 'e', icon: IconSettings },
] as const;
