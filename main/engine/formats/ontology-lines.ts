/** Tables of labels without a line of column names, whose lines tell what they are. */
type LineCells = Readonly<Record<string, unknown>> & { readonly line: number; readonly bad?: string };

interface LineKind {
  readonly pattern: RegExp;
  readonly columns: readonly string[];
}

const kinds: readonly LineKind[] = [
  // ITK-SNAP's label descriptions: IDX R G B A VIS MSH "LABEL" (itksnap.org).
  {
    pattern: /^\s*(\d+)\s+(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+[\d.]+\s+\d\s+\d\s+"(.*)"\s*$/,
    columns: ['id', 'r', 'g', 'b', 'name'],
  },
  // FreeSurfer's colour tables: number, name, R G B A (surfer.nmr.mgh.harvard.edu, LabelsClutsAnnotationFiles).
  {
    pattern: /^\s*(\d+)\s+(\S.*?)\s+(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+\d{1,3}\s*$/,
    columns: ['id', 'name', 'r', 'g', 'b'],
  },
];

/** The rows of such a table; null where its first line is of another kind. `bad`: a line that is not as the first is. */
export function lineTable(text: string): readonly LineCells[] | null {
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((said, i) => ({ said, line: i + 1 }))
    .filter(({ said }) => said.trim() !== '' && !said.trimStart().startsWith('#'));
  const kind = kinds.find(({ pattern }) => pattern.test(lines[0]?.said ?? ''));
  if (!kind) return null;
  return lines.map(({ said, line }) => {
    const found = kind.pattern.exec(said);
    if (!found) return { line, bad: said.trim() };
    return { line, ...Object.fromEntries(kind.columns.map((column, i) => [column, found[i + 1]])) };
  });
}
