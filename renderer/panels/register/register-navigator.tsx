import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Registration } from '../../../preload/contract/register.ts';
import { activeJob, useJobs } from '../../state/jobs.ts';
import {
  registerAnew,
  type RegisterStep,
  removeRegistration,
  selectRegistration,
  useRegister,
  volumeNamed,
} from '../../state/register/register.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { formatAgo, formatTime } from '../../ui/format.ts';
import { Section } from '../../ui/section.tsx';
import { StepJob } from '../assemble/step-job.tsx';
import { verdictTone } from '../assemble/verdict-tone.ts';
import { ChooseForm } from './choose-form.tsx';
import { DeformForm } from './deform-form.tsx';
import { OrientForm } from './orient-form.tsx';
import { UseForm } from './use-form.tsx';
import { CheckForm } from './check-form.tsx';

const forms: Readonly<Record<RegisterStep, readonly [title: string, Form: () => ReactNode]>> = {
  choose: ['Choose two volumes', ChooseForm],
  orient: ['Turn, shift and scale', OrientForm],
  deform: ['Bend to fit', DeformForm],
  check: ['Check how well it fits', CheckForm],
  use: ['Use it', UseForm],
};

/** Jobs of this room, by the step that they belong to. */
const kinds = ['register.import', 'register.affine', 'register.lddmm', 'register.evaluate'] as const;

export function RegisterNavigator(): ReactNode {
  const step = useRegister((s) => s.step);
  const running = useJobs((s) => kinds.map((kind) => activeJob(s.jobs, kind)).find((job) => job));
  const [title, Form] = forms[step];
  return (
    <>
      <Section title={title}>
        <Form />
        {running && <StepJob job={running} />}
      </Section>
      <RegistrationList />
    </>
  );
}

function RegistrationList(): ReactNode {
  const registrations = useRegister((s) => s.registrations);
  const selected = useRegister((s) => s.selected);
  return (
    <Section
      title="Registrations"
      aside={
        <Button size="small" icon={Plus} onClick={registerAnew}>
          New
        </Button>
      }
    >
      {registrations === null && <p className="muted">Reading…</p>}
      {registrations?.length === 0 && <p className="muted">None yet. Each one is kept here with its verdict.</p>}
      <ul className="list" aria-label="Registrations">
        {registrations?.map((one) => (
          <li key={one.id} className="with-tool">
            <RegistrationButton one={one} current={one.id === selected} />
            <IconButton
              icon={Trash2}
              iconSize={14}
              label={`Remove ${one.name}`}
              hint="Can be undone."
              onClick={() => void removeRegistration(one)}
            />
          </li>
        ))}
      </ul>
    </Section>
  );
}

interface ButtonProps {
  readonly one: Registration;
  readonly current: boolean;
}

function RegistrationButton({ one, current }: ButtonProps): ReactNode {
  const [word, tone] = verdictTone[one.verdict];
  const gone = [one.fixed, one.moving].some((id) => volumeNamed(id) === null);
  return (
    <button type="button" className="list-item" aria-current={current} onClick={() => selectRegistration(one.id)}>
      <span className="truncate" title={one.name}>
        {one.name}
      </span>
      <span className="sub">
        <Badge tone={tone}>{word}</Badge>
        <span>{one.kind === 'affine' ? (one.numbers.affine?.model ?? 'affine') : 'deformable'}</span>
        <span title={formatTime(one.createdAt)}>{formatAgo(one.createdAt)}</span>
      </span>
      {gone && <span className="sub faint">one of its volumes is not in the library</span>}
    </button>
  );
}
