import { Search } from 'lucide-react';
import { useId, useState } from 'react';
import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from 'react';

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with the value, in words. */
  readonly problem?: string | null | undefined;
}

interface Wiring {
  readonly id: string;
  readonly 'aria-invalid': boolean | undefined;
  readonly 'aria-describedby': string | undefined;
}

function Field({
  label,
  hint,
  problem,
  children,
}: FieldProps & { readonly children: (wiring: Wiring) => ReactNode }): ReactNode {
  const id = useId();
  const described = [problem ? `${id}-problem` : '', hint ? `${id}-hint` : ''].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-invalid': problem ? true : undefined, 'aria-describedby': described || undefined })}
      {problem && (
        <span className="problem" id={`${id}-problem`} role="alert">
          {problem}
        </span>
      )}
      {hint && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

type TextFieldProps = FieldProps &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> & { readonly onText: (text: string) => void };

export function TextField({ label, hint, problem, onText, ...input }: TextFieldProps): ReactNode {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(wiring) => (
        <input
          className="input"
          type="text"
          autoComplete="off"
          spellCheck={false}
          {...input}
          {...wiring}
          onChange={(e) => onText(e.target.value)}
        />
      )}
    </Field>
  );
}

interface SearchProps {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
  readonly onEnter?: () => void;
}

/** A field that narrows a list: its label stands in it until something is typed. */
export function SearchField({ label, value, onText, onEnter }: SearchProps): ReactNode {
  return (
    <span className="search-field">
      <Search size={14} aria-hidden />
      <input
        className="input"
        type="search"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        value={value}
        maxLength={200}
        onChange={(e) => onText(e.target.value)}
        onKeyDown={(e) => e.key === 'Enter' && onEnter?.()}
      />
    </span>
  );
}

type AreaProps = FieldProps &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange'> & { readonly onText: (text: string) => void };

export function TextArea({ label, hint, problem, onText, ...area }: AreaProps): ReactNode {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(wiring) => (
        <textarea className="input" rows={3} {...area} {...wiring} onChange={(e) => onText(e.target.value)} />
      )}
    </Field>
  );
}

interface NumberFieldProps extends FieldProps {
  readonly value: number;
  readonly onNumber: (value: number) => void;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | 'any';
}

/** Thousandths are enough for what is large; what is small keeps its digits. */
const shortest = (value: number): string =>
  String(Number(Math.abs(value) >= 1 ? value.toFixed(3) : value.toPrecision(6)));

/** Keeps what is typed until it is a number; gives it up on blur or Enter. */
export function NumberField({ label, hint, problem, value, onNumber, ...limits }: NumberFieldProps): ReactNode {
  const [draft, setDraft] = useState<string | null>(null);
  const commit = (): void => {
    const typed = draft === null || draft.trim() === '' ? Number.NaN : Number(draft);
    if (Number.isFinite(typed)) onNumber(Math.min(limits.max ?? Infinity, Math.max(limits.min ?? -Infinity, typed)));
    setDraft(null);
  };
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(wiring) => (
        <input
          className="input mono"
          type="number"
          step={limits.step ?? 'any'}
          min={limits.min}
          max={limits.max}
          {...wiring}
          value={draft ?? shortest(value)}
          onChange={(e) => setDraft(e.target.value)}
          onBlur={commit}
          onKeyDown={(e) => e.key === 'Enter' && commit()}
        />
      )}
    </Field>
  );
}

type SelectProps<V extends string> = FieldProps &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange' | 'value'> & {
    readonly value: V;
    readonly options: ReadonlyArray<{ readonly value: V; readonly label: string }>;
    readonly onValue: (value: V) => void;
  };

export function SelectField<V extends string>({
  label,
  hint,
  problem,
  value,
  options,
  onValue,
  ...select
}: SelectProps<V>): ReactNode {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(wiring) => (
        <select className="input" {...select} {...wiring} value={value} onChange={(e) => onValue(e.target.value as V)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
