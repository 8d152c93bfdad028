import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import './stepper.css';

export interface Step {
  readonly id: string;
  readonly title: string;
  /** What was chosen or done, in a few words. */
  readonly note?: string | undefined;
  readonly done: boolean;
  /** Steps that can be gone to now. */
  readonly open: boolean;
}

interface StepperProps {
  readonly label: string;
  readonly steps: readonly Step[];
  readonly current: string;
  readonly onStep?: (id: string) => void;
}

/** What was done, what is being done, what comes next. */
export function Stepper({ label, steps, current, onStep }: StepperProps): ReactNode {
  return (
    <nav className="stepper" aria-label={label}>
      <ol>
        {steps.map((step, index) => (
          <li key={step.id} className={step.id === current ? 'now' : step.done ? 'done' : ''}>
            <button
              type="button"
              aria-current={step.id === current ? 'step' : undefined}
              aria-disabled={step.open ? undefined : true}
              onClick={() => step.open && onStep?.(step.id)}
            >
              <span className="step-number" aria-hidden>
                {step.done && step.id !== current ? <Check size={13} /> : index + 1}
              </span>
              <span className="step-words">
                <span className="step-title">
                  {step.title}
                  {step.done && <span className="visually-hidden">, done</span>}
                </span>
                {step.note && (
                  <span className="step-note truncate" title={step.note}>
                    {step.note}
                  </span>
                )}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
