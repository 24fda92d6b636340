import { ActionIcon, Anchor, Button, Group, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { SourceRules } from '../../../shared/contract/shapes.ts';
import { Name } from '../../parts/name.tsx';
import { ruleFor, ruleInWords, rulesOfText, textOfRules, type RuleKind } from './rules-text.ts';
import classes from './sources.module.css';

const kindWords: Record<RuleKind, { readonly label: string; readonly example: string }> = {
  ending: { label: 'Names that end in', example: '.bak' },
  beginning: { label: 'Names that begin with', example: 'draft' },
  containing: { label: 'Names that contain', example: 'do not keep' },
  folder: { label: 'Folders named', example: 'thumbnails' },
  named: { label: 'Files or folders named', example: 'notes.txt' },
  place: { label: 'Exactly this one', example: 'incoming/unsorted' },
};

interface RulesEditorProps {
  readonly rules: SourceRules;
  readonly onChange: (rules: SourceRules) => void;
}

/** What of a folder is left out, in plain words; the patterns themselves for those who know them. */
export function RulesEditor({ rules, onChange }: RulesEditorProps): ReactNode {
  const [asText, setAsText] = useState(false);
  return (
    <Stack gap="md">
      <Switch
        label="Leave out the usual litter"
        description="What computers leave in folders and nobody misses: Thumbs.db, .DS_Store, desktop.ini, half-finished downloads, the lock files of office programs, recycle bins."
        checked={rules.defaults}
        onChange={(event) => onChange({ ...rules, defaults: event.currentTarget.checked })}
      />
      {asText ? (
        <AsText rules={rules} onChange={onChange} />
      ) : (
        <>
          <RuleList
            title="Leave out as well"
            none="Nothing else is left out."
            rules={rules.exclude}
            onChange={(exclude) => onChange({ ...rules, exclude })}
          />
          <RuleList
            title="But take in"
            none="No exceptions."
            rules={rules.include}
            onChange={(include) => onChange({ ...rules, include })}
            collapsed={rules.include.length === 0}
          />
        </>
      )}
      <div>
        <Anchor component="button" type="button" size="sm" onClick={() => setAsText(!asText)}>
          {asText ? 'Show the rules in words' : 'Edit the rules as text'}
        </Anchor>
      </div>
      <Text size="sm" c="var(--quiet)">
        A rule is no deletion: what is protected already stays protected.
      </Text>
    </Stack>
  );
}

function RuleList({
  title,
  none,
  rules,
  onChange,
  collapsed = false,
}: {
  readonly title: string;
  readonly none: string;
  readonly rules: readonly string[];
  readonly onChange: (rules: string[]) => void;
  /** Whether it is behind a link until somebody wants it. */
  readonly collapsed?: boolean;
}): ReactNode {
  const [opened, setOpened] = useState(!collapsed);
  const [kind, setKind] = useState<RuleKind>('ending');
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  if (!opened) {
    return (
      <div>
        <Anchor component="button" type="button" size="sm" onClick={() => setOpened(true)}>
          Make an exception: take in something that a rule leaves out
        </Anchor>
      </div>
    );
  }
  const add = () => {
    const rule = ruleFor(kind, text);
    if (rule === undefined) return;
    if (!rules.includes(rule)) onChange([...rules, rule]);
    setText('');
    field.current?.focus();
  };
  const addByKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    // Not the form's own button, which goes on to the next step.
    event.preventDefault();
    add();
  };
  return (
    <Stack gap="xs" role="group" aria-label={title}>
      <Text fw={600}>{title}</Text>
      {rules.length === 0 ? (
        <Text size="sm" c="var(--quiet)">
          {none}
        </Text>
      ) : (
        <ul className={classes['rules']}>
          {rules.map((rule) => (
            <li key={rule} className={classes['rule']}>
              <span className={classes['ruleWords']}>
                <Name text={capital(ruleInWords(rule))} lines={3} />
              </span>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Remove the rule: ${ruleInWords(rule)}`}
                onClick={() => {
                  onChange(rules.filter((other) => other !== rule));
                  field.current?.focus();
                }}
              >
                <IconX size={16} aria-hidden />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <Group gap="xs" align="end">
        <Select
          aria-label="What the rule goes by"
          data={Object.entries(kindWords).map(([value, { label }]) => ({ value: value as RuleKind, label }))}
          value={kind}
          allowDeselect={false}
          className={classes['ruleKind']}
          onChange={(value) => {
            if (value !== null) setKind(value);
          }}
        />
        <TextInput
          ref={field}
          aria-label={kindWords[kind].label}
          placeholder={`for example ${kindWords[kind].example}`}
          value={text}
          spellCheck={false}
          autoComplete="off"
          className={classes['ruleText']}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={addByKey}
        />
        <Button variant="default" onClick={add} disabled={ruleFor(kind, text) === undefined}>
          Add rule
        </Button>
      </Group>
    </Stack>
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function AsText({ rules, onChange }: RulesEditorProps): ReactNode {
  const [exclude, setExclude] = useState(textOfRules(rules.exclude));
  const [include, setInclude] = useState(textOfRules(rules.include));
  return (
    <Stack gap="md">
      <Textarea
        label="Leave out as well"
        description="One pattern a line, as in a .gitignore file: *.bak, thumbnails/, /incoming/unsorted"
        autosize
        minRows={3}
        maxRows={12}
        dir="ltr"
        spellCheck={false}
        value={exclude}
        onChange={(event) => {
          setExclude(event.currentTarget.value);
          onChange({ ...rules, exclude: rulesOfText(event.currentTarget.value) });
        }}
      />
      <Textarea
        label="But take in"
        description="Exceptions, one pattern a line. A folder that is left out is not looked into, so an exception must name the folder."
        autosize
        minRows={2}
        maxRows={12}
        dir="ltr"
        spellCheck={false}
        value={include}
        onChange={(event) => {
          setInclude(event.currentTarget.value);
          onChange({ ...rules, include: rulesOfText(event.currentTarget.value) });
        }}
      />
    </Stack>
  );
}
