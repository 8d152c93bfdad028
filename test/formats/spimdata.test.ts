import { describe, expect, it } from 'vitest';
import { parseSpimData, worldFromView } from '../../main/engine/formats/spimdata.ts';
import { spimSourceOf } from '../../main/engine/formats/spimdata-sources.ts';
import { formatSpimData } from '../../main/engine/formats/spimdata-text.ts';
import { parseXml } from '../../main/engine/formats/xml-tree.ts';

/** As BigStitcher writes it: translation listed first and applied last, calibration listed last and applied first. */
const text = `<?xml version="1.0" encoding="UTF-8"?>
<SpimData version="0.2">
  <BasePath type="relative">.</BasePath>
  <SequenceDescription>
    <ImageLoader format="bdv.hdf5"><hdf5 type="relative">dataset.h5</hdf5></ImageLoader>
    <ViewSetups>
      <ViewSetup><id>0</id><name>left</name><size>100 90 80</size>
        <voxelSize><unit>µm</unit><size>0.5 0.5 2.0</size></voxelSize>
        <attributes><illumination>0</illumination><channel>1</channel><tile>0</tile><angle>0</angle></attributes></ViewSetup>
      <ViewSetup><id>12</id><name>right</name><size>100 90 80</size>
        <attributes><channel>1</channel><tile>1</tile></attributes></ViewSetup>
      <Attributes name="channel"><Channel><id>1</id><name>488 &lt;nm&gt;</name></Channel></Attributes>
      <Attributes name="angle"><Angle><id>0</id><axis>0.0 1.0 0.0</axis><degrees>45.0</degrees></Angle></Attributes>
    </ViewSetups>
    <Timepoints type="pattern"><integerpattern>0-6:3, 9</integerpattern></Timepoints>
    <MissingViews><MissingView timepoint="3" setup="12" /></MissingViews>
  </SequenceDescription>
  <ViewRegistrations>
    <ViewRegistration timepoint="0" setup="0">
      <ViewTransform type="affine"><Name>Stitching Transform</Name><affine>1 0 0 1.25 0 1 0 -2.125 0 0 1 1e-7</affine></ViewTransform>
      <ViewTransform type="affine"><Name>Translation to Regular Grid</Name><affine>1 0 0 -90 0 1 0 0 0 0 1 0</affine></ViewTransform>
      <ViewTransform type="affine"><Name>calibration</Name><affine>1.0 0.0 0.0 0.0 0.0 1.0 0.0 0.0 0.0 0.0 4.0 0.0</affine></ViewTransform>
    </ViewRegistration>
    <ViewRegistration timepoint="0" setup="12" />
  </ViewRegistrations>
  <StitchingResults>
    <PairwiseResult view_setup_a="0" view_setup_b="12" tp_a="0" tp_b="0">
      <shift type="affine">1 0 0 0.123456789012345 0 1 0 -1.5 0 0 1 0.25</shift>
      <correlation>0.87654321</correlation><hash>12.5</hash><overlap_boundingbox>10 0 0 100 90 320</overlap_boundingbox>
    </PairwiseResult>
  </StitchingResults>
  <IntensityAdjustments><something kept="yes"/></IntensityAdjustments>
</SpimData>`;

const parse = (xml: string): ReturnType<typeof parseSpimData> => parseSpimData(xml, 'dataset.xml');

describe('SpimData XML', () => {
  it('reads setups, views and results', () => {
    const data = parse(text);
    expect(data.setups[0]).toEqual({
      id: 0,
      name: 'left',
      size: [100, 90, 80],
      voxel: { unit: 'µm', size: [0.5, 0.5, 2] },
      attributes: { illumination: 0, channel: 1, tile: 0, angle: 0 },
    });
    expect(data.timepoints).toEqual([0, 3, 6, 9]);
    expect(data.missing).toEqual([{ timepoint: 3, setup: 12 }]);
    expect(data.pairs[0]).toMatchObject({ setupsA: [0], setupsB: [12], correlation: 0.876_543_21, hash: '12.5' });
  });

  it('applies the last listed transform first', () => {
    const registration = parse(text).registrations[0]!;
    // Calibration scales z by 4; both translations come after it, unscaled.
    expect(worldFromView(registration)).toEqual([1, 0, 0, 1.25 - 90, 0, 1, 0, -2.125, 0, 0, 4, 1e-7]);
    const turned = {
      ...registration,
      transforms: [
        { name: 'scale', affine: [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] },
        { name: 'move', affine: [1, 0, 0, 10, 0, 1, 0, 0, 0, 0, 1, 0] },
      ],
    };
    expect(worldFromView(turned)[3]).toBe(20);
  });

  it('comes back the same, with what it does not know', () => {
    const data = parse(text);
    const same = formatSpimData(data.root, { registrations: data.registrations, pairs: data.pairs });
    const again = parse(same);
    expect(again.registrations).toEqual(data.registrations);
    expect(again.pairs).toEqual(data.pairs);
    expect(again.setups).toEqual(data.setups);
    expect(same).toContain('<something kept="yes" />');
    expect(same).toContain('488 &lt;nm&gt;');
    const untouched = parseXml(formatSpimData(data.root), (why) => new Error(why));
    expect(untouched.root).toEqual(data.root);
  });

  it('says where the voxels of a view lie', () => {
    const data = parse(text);
    expect(spimSourceOf(data, data.setups[1]!, 0)).toEqual({ path: 'dataset.h5', image: 's12', channel: 0 });
    expect(spimSourceOf(data, data.setups[1]!, 3)).toBeNull();
    const loader = (xml: string): string => text.replace(/<ImageLoader.*<\/ImageLoader>/, xml);
    const files = parse(
      loader(
        '<ImageLoader format="spimreconstruction.filemap2"><imagedirectory type="relative">tiffs</imagedirectory><files><FileMapping view_setup="12" timepoint="0" series="0" channel="1"><file type="relative">b.tif</file></FileMapping></files></ImageLoader>',
      ),
    );
    expect(spimSourceOf(files, files.setups[1]!, 0)).toEqual({ path: 'tiffs/b.tif', channel: 1 });
    expect(spimSourceOf(files, files.setups[0]!, 0)).toBeNull();
    const zarr = parse(
      loader(
        '<ImageLoader format="bdv.multimg.zarr" version="3.0"><zarr type="relative">d.ome.zarr</zarr><zgroups><zgroup setup="12" timepoint="0"><path>s12-t0.zarr</path></zgroup></zgroups></ImageLoader>',
      ),
    );
    expect(spimSourceOf(zarr, zarr.setups[1]!, 0)).toEqual({ path: 'd.ome.zarr/s12-t0.zarr', channel: 0 });
  });

  it.each([
    ['another document', '<TeraStitcher/>', /its root is/],
    ['no setups', '<SpimData version="0.2"/>', /no <ViewSetup>/],
    ['an affine map of eleven', text.replace(' 0 0 1 1e-7', ' 0 0 1'), /affine map of a view.*not 12/],
    ['NaN', text.replace('1.25', 'NaN'), /not 12 usable numbers/],
    ['two setups of one id', text.replace('<id>12</id>', '<id>0</id>'), /same id/],
    ['endless time points', text.replace('0-6:3', '0-6:0'), /time points/],
    ['a billion time points', text.replace('0-6:3', '0-999999999'), /time points/],
    ['entities', text.replace('<SpimData', '<!DOCTYPE a [<!ENTITY b "c">]><SpimData'), /types or entities/],
  ])('refuses %s', (_what, xml, why) => expect(() => parse(xml)).toThrow(why));
});
