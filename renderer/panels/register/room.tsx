import { BookOpenText, Combine } from 'lucide-react';
import type { ReactNode } from 'react';
import { useLibrary } from '../../state/library.ts';
import {
  goToRegisterStep,
  imagesOf,
  type RegisterStep,
  registerSteps,
  selectedRegistration,
  useRegister,
  volumeNamed,
} from '../../state/register/register.ts';
import { goTo } from '../../state/session.ts';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { type Step, Stepper } from '../../ui/stepper.tsx';
import { ActionButton } from '../action-button.tsx';
import { RoomLayout } from '../layout.tsx';
import { verdictTone } from '../assemble/verdict-tone.ts';
import { deformJob } from '../../state/register/deform.ts';
import { useJobs } from '../../state/jobs.ts';
import { DeformWatch } from './deform-watch.tsx';
import { MetricChart } from './metric-chart.tsx';
import { ChooseStep } from './choose-step.tsx';
import { NudgeBar } from './nudge-bar.tsx';
import { PlanesView } from './planes-view.tsx';
import { RegisterInspector } from './register-inspector.tsx';
import { RegisterNavigator } from './register-navigator.tsx';
import './register.css';

/** One volume laid over another: chosen, oriented, bent, checked, used. */
export function RegisterRoom(): ReactNode {
  const images = useLibrary((s) => imagesOf(s.library?.volumes ?? []).length);
  const step = useRegister((s) => s.step);
  if (images < 2) return <TooFew images={images} />;
  return (
    <RoomLayout
      name="Register"
      navigator={<RegisterNavigator />}
      inspector={step === 'choose' ? null : <RegisterInspector />}
    >
      <div className="reg-head">
        <Steps />
      </div>
      <div className="reg-body">{step === 'choose' ? <ChooseStep /> : <Overlay step={step} />}</div>
    </RoomLayout>
  );
}

function Overlay({ step }: { readonly step: RegisterStep }): ReactNode {
  const levels = useRegister((s) => selectedRegistration(s)?.numbers.deformable?.levels);
  const isBending = useJobs(() => deformJob() !== undefined);
  if (step === 'deform' && isBending) return <DeformWatch />;
  return (
    <>
      <PlanesView aside={levels && step !== 'use' ? <MetricChart levels={levels} /> : null} />
      {step === 'orient' && <NudgeBar />}
    </>
  );
}

const titles: Readonly<Record<RegisterStep, string>> = {
  choose: 'Choose',
  orient: 'Orient',
  deform: 'Deform',
  check: 'Check',
  use: 'Use',
};

const firstNotes: Readonly<Record<RegisterStep, string>> = {
  choose: 'two volumes',
  orient: 'turn, shift',
  deform: 'bend to fit',
  check: 'does it fit?',
  use: 'apply, export',
};

function Steps(): ReactNode {
  const current = useRegister((s) => s.step);
  const registration = useRegister(selectedRegistration);
  const pair = useRegister((s) => s.fixed !== null && s.moving !== null);
  const moving = useRegister((s) => volumeNamed(s.moving)?.name);
  const at = registerSteps.indexOf(current);
  const done: Readonly<Record<RegisterStep, boolean>> = {
    choose: pair && at > 0,
    orient: registration !== null,
    deform: registration?.kind === 'deformable',
    check: false,
    use: false,
  };
  const notes: Partial<Record<RegisterStep, string | undefined>> = {
    choose: moving,
    orient: registration?.numbers.affine?.model,
    check: registration ? verdictTone[registration.verdict][0] : undefined,
  };
  const steps = registerSteps.map((id): Step => ({
    id,
    title: titles[id],
    note: notes[id] ?? firstNotes[id],
    done: done[id],
    open: id === 'choose' || (id === 'orient' || id === 'deform' ? pair : registration !== null),
  }));
  return (
    <Stepper label="Register" steps={steps} current={current} onStep={(id) => goToRegisterStep(id as RegisterStep)} />
  );
}

function TooFew({ images }: { readonly images: number }): ReactNode {
  return (
    <main className="room-main" aria-label="Register">
      <Empty
        icon={Combine}
        title={images === 0 ? 'There is nothing to register' : 'One more volume is needed'}
        actions={
          <>
            <Button tone="primary" onClick={() => goTo('volumes')}>
              {images === 0 ? 'Add a volume' : 'Add another volume'}
            </Button>
            <ActionButton id="atlas.import" icon={BookOpenText}>
              Import an atlas…
            </ActionButton>
          </>
        }
      >
        Add the brain, and import the atlas that it is laid over, or add another scan of it. Neither is changed; what is
        found is kept both ways, and takes labels, points and other channels along.
      </Empty>
    </main>
  );
}
