import { ArrowDown, ArrowUp, FileInput, FilePlus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { activeJob, useJobs } from '../../state/jobs.ts';
import {
  addTransformFile,
  importTransforms,
  invertTransformFile,
  maySomeBeAdded,
  moveTransformFile,
  removeTransformFile,
  type TransformFile,
  useTransformFiles,
} from '../../state/register/import.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Section } from '../../ui/section.tsx';

/** A registration of the two volumes that ANTs, SimpleITK, elastix or 3D Slicer found, by its files. */
export function ImportTransforms({ ready }: { readonly ready: boolean }): ReactNode {
  const files = useTransformFiles((s) => s.files);
  const importing = useJobs((s) => activeJob(s.jobs, 'register.import') !== undefined);
  const whyNot = whyNoImport(ready, files.length, importing);
  return (
    <div className="align-more">
      <Section title="Use transforms of another program" folds startsFolded>
        <p className="muted">
          Of ANTs, SimpleITK, elastix or 3D Slicer: affine transforms (.mat, .txt, .tfm) and displacement fields (NIfTI,
          NRRD), in the order of antsApplyTransforms -t, which is first the field, then the affine map.
        </p>
        {files.length > 0 && (
          <ol className="reg-transforms" aria-label="Transforms, the first done first">
            {files.map((file, at) => (
              <FileRow key={file.id} file={file} at={at} last={files.length - 1} />
            ))}
          </ol>
        )}
        <Button
          icon={FilePlus}
          whyNot={maySomeBeAdded(files) ? null : 'These are as many as one registration may have'}
          onClick={() => void addTransformFile()}
        >
          Add a file…
        </Button>
        <Button icon={FileInput} whyNot={whyNot} onClick={() => void importTransforms()}>
          Take them over
        </Button>
      </Section>
    </div>
  );
}

function whyNoImport(ready: boolean, files: number, importing: boolean): string | null {
  if (!ready) return 'Choose two volumes first';
  if (files === 0) return 'Add a file first';
  return importing ? 'It is running already' : null;
}

interface RowProps {
  readonly file: TransformFile;
  readonly at: number;
  readonly last: number;
}

function FileRow({ file: { id, name, inverted }, at, last }: RowProps): ReactNode {
  return (
    <li>
      <span className="truncate" title={name}>
        {name}
      </span>
      <label className="check">
        <input type="checkbox" checked={inverted} onChange={() => invertTransformFile(id)} />
        <span>
          Inverted<span className="visually-hidden"> {name}</span>
        </span>
      </label>
      <span className="reg-transform-tools">
        <IconButton
          icon={ArrowUp}
          label={`Move ${name} up`}
          whyNot={at === 0 ? 'it is done first' : null}
          onClick={() => moveTransformFile(at, -1)}
        />
        <IconButton
          icon={ArrowDown}
          label={`Move ${name} down`}
          whyNot={at === last ? 'it is done last' : null}
          onClick={() => moveTransformFile(at, 1)}
        />
        <IconButton icon={X} label={`Leave ${name} out`} onClick={() => removeTransformFile(id)} />
      </span>
    </li>
  );
}
