import { File, FolderOpen, LoaderCircle } from 'lucide-react';
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { ShapeDescription, ShapeDraft, ShapeItem } from '../../state/shape-draft.ts';
import {
  addDraftShapes,
  allowServerOfShapes,
  changeShapeItem,
  chooseShapes,
  dropShapeDraft,
  lookAtItemAgain,
  lookAtShapeAddress,
} from '../../state/shape-draft.ts';
import { addressProblem, refusedServer } from '../../state/source.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote } from '../../ui/error-note.tsx';
import { Facts } from '../../ui/facts.tsx';
import { NumberField, TextField } from '../../ui/field.tsx';
import { formatCount, formatExtent } from '../../ui/format.ts';

/** What files of meshes and skeletons hold, before they are added. */
export function AddShapesPanel({ draft }: { readonly draft: ShapeDraft }): ReactNode {
  const { items, adding } = draft;
  const [only] = items;
  const title = items.length === 1 && only ? only.source.text : `${items.length} meshes and skeletons`;
  const ready = items.some(({ description }) => description);
  return (
    <div className="volume-page">
      <header className="volume-head">
        <div className="volume-words">
          <h1 className="truncate">{items.length === 0 ? 'Add a mesh or skeleton' : title}</h1>
          <p className="faint">Nothing is copied or changed: you see first what it holds.</p>
        </div>
        <Button tone="quiet" onClick={dropShapeDraft}>
          Cancel
        </Button>
      </header>
      {items.length === 0 && <Where />}
      <form
        className="stack"
        aria-label="Add these shapes"
        onSubmit={(event) => {
          event.preventDefault();
          void addDraftShapes();
        }}
      >
        {items.map((item) => (
          <Item key={item.source.ref} item={item} />
        ))}
        {ready && (
          <div className="row">
            <Button tone="primary" type="submit" whyNot={adding ? 'They are being added' : null}>
              {adding ? 'Adding…' : 'Add and view'}
            </Button>
            <span className="faint">Each becomes a layer of the view.</span>
          </div>
        )}
      </form>
    </div>
  );
}

/** The fourth way is to drop them on the window. */
function Where(): ReactNode {
  const [address, setAddress] = useState('');
  const [tried, setTried] = useState(false);
  const problem = addressProblem(address);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if (problem === null) lookAtShapeAddress(address);
  };
  return (
    <form className="stack add-source add-shapes" aria-label="Where the shapes are" onSubmit={submit}>
      <p className="muted">
        SWC and NML skeletons; OBJ, PLY, STL and glTF meshes; folders of them; Neuroglancer precomputed meshes and
        skeletons. Or drop them on the window.
      </p>
      <div className="two">
        <Button icon={File} onClick={() => void chooseShapes('file')}>
          File…
        </Button>
        <Button icon={FolderOpen} onClick={() => void chooseShapes('folder')}>
          Folder…
        </Button>
      </div>
      <div className="address-row">
        <TextField
          label="Address of a mesh or skeleton"
          placeholder="https://, s3://, gs://"
          value={address}
          inputMode="url"
          problem={tried ? problem : null}
          onText={setAddress}
        />
        <Button type="submit" tone={address.trim() === '' ? 'plain' : 'primary'}>
          Look
        </Button>
      </div>
    </form>
  );
}

function Item({ item }: { readonly item: ShapeItem }): ReactNode {
  const { source, description, problem, name, unitNm } = item;
  if (problem) return <Problem item={item} />;
  if (!description)
    return (
      <p className="row muted" role="status">
        <LoaderCircle size={16} className="spin" aria-hidden /> Looking at what {source.text} holds…
      </p>
    );
  return (
    <fieldset className="shape-item" aria-label={source.text}>
      <div className="two">
        <TextField
          label="Name"
          value={name}
          maxLength={200}
          onText={(text) => changeShapeItem(source.ref, { name: text })}
        />
        <NumberField
          label="One unit of the file, nm"
          value={unitNm}
          min={1e-6}
          max={1e9}
          onNumber={(nm) => changeShapeItem(source.ref, { unitNm: nm })}
        />
      </div>
      <Facts facts={factsOf(description, unitNm)} />
      {description.notes.map((note) => (
        <p key={note} className="muted">
          {note}
        </p>
      ))}
    </fieldset>
  );
}

const kinds = { mesh: 'Meshes', skeleton: 'Skeletons' } as const;

function factsOf({ kind, format, count, boundsNm, unitNm }: ShapeDescription, chosenNm: number) {
  const times = chosenNm / unitNm;
  return [
    { name: 'Holds', value: `${kinds[kind]} (${format})` },
    { name: 'Shapes', value: count === null ? 'asked for by id' : formatCount(count) },
    {
      name: 'Size',
      value: boundsNm ? formatExtent(map3((a) => (boundsNm.max[a] - boundsNm.min[a]) * times)) : 'not said',
    },
  ];
}

function Problem({ item }: { readonly item: ShapeItem }): ReactNode {
  const server = refusedServer(item);
  if (!item.problem) return null;
  return (
    <ErrorNote
      message={item.problem.message}
      hint={
        server === null
          ? item.problem.hint
          : 'It is a server of this computer or a private network: you are asked first.'
      }
    >
      {server !== null && (
        <Button size="small" onClick={() => void allowServerOfShapes(item)}>
          Allow {server}…
        </Button>
      )}
      <Button size="small" onClick={() => void lookAtItemAgain(item)}>
        Try again
      </Button>
    </ErrorNote>
  );
}
