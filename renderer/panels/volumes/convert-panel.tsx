import type { ReactNode } from 'react';
import type { ConvertDraft, Method, Region } from '../../state/convert.ts';
import { changeConvert, convertProblems, dropConvert, startConvert, useConvert } from '../../state/convert.ts';
import { encodingsFor, endingOf, writableOf, writables } from '../../state/writables.ts';
import { Button } from '../../ui/button.tsx';
import { Choice } from '../../ui/choice.tsx';
import { NumberField, SelectField, TextField } from '../../ui/field.tsx';
import { formatSize } from '../../ui/format.ts';
import { Segmented } from '../../ui/segmented.tsx';

const encodingNames: Readonly<Record<string, string>> = {
  raw: 'Not compressed',
  jpeg: 'JPEG: small, not exact',
  png: 'PNG',
  tiff: 'TIFF',
  lzw: 'LZW',
  lz4: 'LZ4',
  compressed_segmentation: 'Compressed segmentation',
  'v2-blosc': '0.4: blosc',
  'v2-zstd': '0.4: zstd',
  'v2-gzip': '0.4: gzip',
  'v2-raw': '0.4: not compressed',
};

const regions: ReadonlyArray<{ readonly value: Region; readonly label: string; readonly title: string }> = [
  { value: 'whole', label: 'Whole', title: 'All of the volume' },
  { value: 'view', label: 'In view', title: 'What the panes of View show' },
  { value: 'box', label: 'Box', title: 'A box that you type' },
];

const methods: ReadonlyArray<{ readonly value: Method; readonly label: string }> = [
  { value: 'auto', label: 'Automatic' },
  { value: 'mean', label: 'Mean' },
  { value: 'mode', label: 'Mode: the most frequent' },
  { value: 'min', label: 'Minimum' },
  { value: 'max', label: 'Maximum' },
];

/** How a volume is written in another format. */
export function ConvertPanel(): ReactNode {
  const draft = useConvert((s) => s.draft);
  if (!draft) return null;
  const problems = convertProblems(draft);
  const ending = endingOf(draft.format, draft.encoding);
  return (
    <form
      className="volume-page convert"
      aria-label="Convert"
      onSubmit={(event) => {
        event.preventDefault();
        void startConvert();
      }}
    >
      <header className="volume-head">
        <div className="volume-words">
          <h1 className="truncate">Convert {draft.volume.name}</h1>
          <p className="muted">Memory stays bounded, whatever its size. The volume itself is not changed.</p>
        </div>
        <Button tone="quiet" onClick={dropConvert}>
          Cancel
        </Button>
      </header>
      <Formats draft={draft} />
      <Storage draft={draft} problems={problems} />
      <Part draft={draft} problems={problems} />
      <Levels draft={draft} problems={problems} />
      <div className="row convert-end">
        <Button tone="primary" type="submit" whyNot={Object.values(problems)[0] ?? null}>
          {ending === null ? 'Choose where, and convert…' : `Save as ${ending}…`}
        </Button>
        <span className="faint">
          {ending === null ? 'A new folder is made inside the one that you choose.' : 'You choose the file next.'}
        </span>
      </div>
    </form>
  );
}

interface PartProps {
  readonly draft: ConvertDraft;
  readonly problems: Readonly<Record<string, string>>;
}

function Formats({ draft }: { readonly draft: ConvertDraft }): ReactNode {
  return (
    <fieldset className="format-choices">
      <legend>Format</legend>
      {writables.map(({ format, label, about }) => (
        <Choice
          key={format}
          group="convert-format"
          title={label}
          about={about}
          checked={format === draft.format}
          onChoose={() => changeConvert({ format })}
        />
      ))}
    </fieldset>
  );
}

function Storage({ draft, problems }: PartProps): ReactNode {
  const writable = writableOf(draft.format);
  const encodings = encodingsFor(writable, draft.volume);
  return (
    <fieldset className="convert-fields">
      <legend>Stored as</legend>
      <SelectField
        label="Encoding"
        value={draft.encoding}
        options={encodings.map((value) => ({ value, label: encodingNames[value] ?? value }))}
        onValue={(encoding) => changeConvert({ encoding })}
      />
      {draft.encoding === 'jpeg' && (
        <NumberField
          label="Quality, 1 to 100"
          value={draft.quality}
          min={1}
          max={100}
          onNumber={(quality) => changeConvert({ quality: Math.round(quality) })}
        />
      )}
      <TextField
        label="Chunk, voxels along x, y, z"
        value={draft.chunk}
        placeholder="the format’s own"
        problem={problems['chunk']}
        onText={(chunk) => changeConvert({ chunk })}
      />
      {writable.canShard && (
        <label className="check">
          <input type="checkbox" checked={draft.sharded} onChange={() => changeConvert({ sharded: !draft.sharded })} />
          Shards: many chunks to a file
        </label>
      )}
    </fieldset>
  );
}

function Part({ draft, problems }: PartProps): ReactNode {
  const { levels } = draft.volume;
  return (
    <fieldset className="convert-fields">
      <legend>Which part</legend>
      <SelectField
        label="From level"
        value={String(draft.level)}
        options={levels.map(({ size }, index) => ({
          value: String(index),
          label: `${index}: ${formatSize(size, 'voxels')}`,
        }))}
        onValue={(level) => changeConvert({ level: Number(level) })}
      />
      <div className="field">
        <span className="label">Region</span>
        <Segmented
          label="Region"
          value={draft.region}
          options={regions}
          onValue={(region) =>
            changeConvert({ region, ...(region === 'box' && draft.box === '' ? { box: wholeBox(draft) } : {}) })
          }
        />
      </div>
      {draft.region !== 'whole' && (
        <TextField
          label="Box, voxels of that level"
          value={draft.box}
          readOnly={draft.region === 'view'}
          problem={problems['box']}
          hint={draft.region === 'view' ? 'What the panes of View show now.' : 'x0:x1,y0:y1,z0:z1, the ends left out.'}
          onText={(box) => changeConvert({ box })}
        />
      )}
    </fieldset>
  );
}

const wholeBox = ({ volume, level }: ConvertDraft): string =>
  (volume.levels[level]?.size ?? [1, 1, 1]).map((n) => `0:${n}`).join(',');

function Levels({ draft, problems }: PartProps): ReactNode {
  return (
    <fieldset className="convert-fields">
      <legend>Levels and memory</legend>
      <SelectField
        label="Levels"
        value={draft.pyramid}
        options={[
          { value: 'auto', label: 'A pyramid' },
          { value: 'one', label: 'This level only' },
        ]}
        hint="Where the format holds several."
        onValue={(pyramid) => changeConvert({ pyramid })}
      />
      <SelectField
        label="Coarse voxels are the"
        value={draft.method}
        options={methods}
        hint="Automatic: the mean of grey values, the mode of labels."
        onValue={(method) => changeConvert({ method })}
      />
      <TextField
        label="Memory at most"
        value={draft.memory}
        problem={problems['memory']}
        hint="Of the whole process, whatever the size."
        onText={(memory) => changeConvert({ memory })}
      />
    </fieldset>
  );
}
