"""Tile stacks by render-python's own classes: made, read, and asked for from a Render service.

stacks.py make FOLDER: writes tiles.json (a tile for each class of transform) and points.json.
stacks.py lead FILE POINTS: where the transforms in FILE lead points of its tiles, as JSON by tile id.
stacks.py ask HOST PORT TOKEN OWNER PROJECT STACK POINTS: the same from a service, with what it says of the stack.
"""

import json
import sys
from pathlib import Path

import numpy as np
import renderapi
from renderapi import transform as tf

WIDTH, HEIGHT = 1200, 900
# render-python keeps both ends of an interpolated transform, and leaves leading points between them to others.
tf.InterpolatedTransform.tform = lambda self, p: (1 - self.lambda_) * self.a.tform(p) + self.lambda_ * self.b.tform(p)


def bent(random, size):
    """Places in a tile, and the same moved by up to some pixels."""
    places = random.random((60, 2)) * [WIDTH, HEIGHT]
    wave = np.column_stack([np.sin(places[:, 1] / 300), np.cos(places[:, 0] / 400)])
    return places, places + size * wave


def lens(kind, random):
    """Coefficients of 32 bits, which is what render-python reads them as."""
    made = kind()
    made.dimension, made.length, made.width, made.height = 5, 21, WIDTH, HEIGHT
    made.estimate(*bent(random, 6), return_params=False)
    for field in ("beta", "normMean", "normVar"):
        setattr(made, field, getattr(made, field).astype(np.float32).astype(np.float64))
    return named(kind, made.dataString)


def named(kind, data):
    """As other programs write it: its own writer gives all kin of a class the name of one of them."""
    return tf.Transform(className=kind.className, dataString=data)


def plate(random, affine):
    made = tf.ThinPlateSplineTransform()
    made.estimate(*bent(random, 9), computeAffine=affine)
    return made


def affine(x, y):
    return tf.AffineModel(1.01, 0.02, -0.03, 0.99, x, y)


def coefficients(random, order):
    """Each power moves the far corner by up to ten pixels; the first ones leave the rest where it is."""
    degrees = [degree for degree in range(order + 1) for _ in range(degree + 1)]
    made = random.uniform(-10, 10, (2, len(degrees))) / float(WIDTH) ** np.array(degrees)
    made[0, 1], made[1, 2] = 1, 1
    return made


def chains(random):
    yield "affine", [affine(4000, -300)]
    yield "translation", [named(tf.TranslationModel, "17.25 -3.5")]
    # Its readers of these two take the sine for the last cosine, so that only a turn by 45 degrees can be compared.
    yield "rigid", [named(tf.RigidModel, f"{np.pi / 4} 40.5 -60")]
    yield "similarity", [named(tf.SimilarityModel, f"1.25 {np.pi / 4} 40.5 -60")]
    for order in range(1, 6):
        yield f"polynomial {order}", [tf.Polynomial2DTransform(params=coefficients(random, order))]
    for kind in (tf.NonLinearCoordinateTransform, tf.LensCorrection, tf.NonLinearTransform):
        yield kind.__name__, [lens(kind, random), affine(100, 200)]
    yield "thin plate", [plate(random, False)]
    yield "thin plate and affine", [plate(random, True), affine(-500, 80)]
    yield "list", [tf.TransformList([affine(3, 4), tf.TransformList([lens(tf.LensCorrection, random)])]), affine(1, 2)]
    yield "reference", [tf.ReferenceTransform(refId="lens"), affine(7000, 7000)]
    yield "reference to a list", [tf.ReferenceTransform(refId="section"), affine(0.5, 0.25)]
    yield "interpolated", [tf.InterpolatedTransform(affine(0, 0), plate(random, True), 0.3), affine(5, 5)]


def make(folder):
    random = np.random.default_rng(5)
    shared = [lens(tf.NonLinearCoordinateTransform, random), tf.TransformList([affine(1, 1), affine(2, 2)])]
    shared[0].transformId, shared[1].transformId = "lens", "section"
    tiles, points = [], {}
    for n, (name, chain) in enumerate(chains(random)):
        z = float(n // 8)
        layout = renderapi.layout.Layout(sectionId=f"S{n // 8}", imageRow=n // 4, imageCol=n % 4, stageX=n, stageY=-n)
        tiles.append(
            renderapi.tilespec.TileSpec(
                tileId=name,
                z=z,
                width=WIDTH,
                height=HEIGHT,
                imageUrl=f"file:/nowhere/{n}.tif",
                maskUrl="file:/nowhere/mask.png",
                minint=10,
                maxint=60000,
                layout=layout,
                tforms=chain,
                labels=["patch"],
                groupId="group",
            )
        )
        points[name] = (random.random((400, 2)) * [WIDTH, HEIGHT]).tolist()
    collection = renderapi.resolvedtiles.ResolvedTiles(tilespecs=tiles, transformList=shared)
    (folder / "tiles.json").write_text(renderapi.utils.renderdumps(collection))
    (folder / "points.json").write_text(json.dumps(points))


def read(file):
    """Either of the forms in which Render's tools keep tilespecs."""
    data = json.loads(Path(file).read_text())
    if isinstance(data, list):
        return [renderapi.tilespec.TileSpec(json=spec) for spec in data], []
    resolved = renderapi.resolvedtiles.ResolvedTiles(json=data)
    return resolved.tilespecs, resolved.transforms


def lead(tiles, shared, points):
    return {
        tile.tileId: renderapi.transform.estimate_dstpts(tile.tforms, np.array(points[tile.tileId]), shared).tolist()
        for tile in tiles
        if tile.tileId in points
    }


def ask(host, port, token, owner, project, stack, points):
    render = renderapi.connect(host, int(port), owner, project, client_scripts="", validate_client=False, web_only=True)
    render.session.headers["Authorization"] = f"Bearer {token}"
    about = {"stack": stack, "render": render}
    zs = renderapi.stack.get_z_values_for_stack(**about)
    led, worlds, seen = {}, {}, []
    for z in zs:
        resolved = renderapi.resolvedtiles.get_resolved_tiles_from_z(z=z, **about)
        led.update(lead(resolved.tilespecs, resolved.transforms, points))
        seen += [tile.tileId for tile in renderapi.tilespec.get_tile_specs_from_z(z=z, **about)]
        for tile in resolved.tilespecs:
            array = np.array(points[tile.tileId])
            worlds[tile.tileId] = renderapi.coordinate.local_to_world_coordinates_array(
                dataarray=array, tileId=tile.tileId, z=z, **about
            ).tolist()
    return {
        "z": zs,
        "bounds": renderapi.stack.get_stack_bounds(**about),
        "sections": (sections := renderapi.stack.get_stack_sectionData(**about)),
        "zOfSection": {
            one["sectionId"]: renderapi.stack.get_section_z_value(sectionId=one["sectionId"], **about) for one in sections
        },
        "state": renderapi.stack.get_full_stack_metadata(**about)["state"],
        "ids": renderapi.stack.get_stack_tileIds(**about),
        "seen": seen,
        "led": led,
        "worlds": worlds,
    }


def main(command, *arguments):
    if command == "make":
        return make(Path(arguments[0]))
    points = json.loads(Path(arguments[-1]).read_text())
    print(json.dumps(lead(*read(arguments[0]), points) if command == "lead" else ask(*arguments[:-1], points)))


if __name__ == "__main__":
    main(*sys.argv[1:])
