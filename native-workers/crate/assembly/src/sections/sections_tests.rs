use super::scene::{Section, affine_of, align, call, frame, rough, tissue};
use kernels::geometry::Point;
use serde_json::json;

/// Grey levels of tissue at a place and z.
type Level<'a> = &'a dyn Fn(Point, f64) -> f64;

/// Distances between where each tissue place comes to in each section and where it comes to on average: what is the
/// same in all sections is no error of alignment.
fn errors(sections: &[Section], aligned: &super::scene::Aligned, reach: f64) -> Vec<f64> {
    let mut errors = Vec::new();
    for i in 0..400 {
        let to = [500.0 + reach * (f64::from(i % 20) / 9.5 - 1.0), 500.0 + reach * (f64::from(i / 20) / 9.5 - 1.0)];
        let places: Vec<Point> = sections
            .iter()
            .enumerate()
            .map(|(s, section)| aligned.meshes[s].apply(&aligned.nodes[s], section_from(section, to)))
            .collect();
        let n = places.len() as f64;
        let mean = [0, 1].map(|k| places.iter().map(|p| p[k]).sum::<f64>() / n);
        errors.extend(places.iter().map(|p| (p[0] - mean[0]).hypot(p[1] - mean[1])));
    }
    errors.sort_by(f64::total_cmp);
    errors
}

/// The pixel of a tissue place, by Newton's method.
fn section_from(section: &Section, to: Point) -> Point {
    let mut p = [section.side as f64 / 2.0; 2];
    for _ in 0..50 {
        let at = section.tissue_from(p);
        let (r, d) = (section.tissue_from([p[0] + 0.01, p[1]]), section.tissue_from([p[0], p[1] + 0.01]));
        let m = [(r[0] - at[0]) * 100.0, (r[1] - at[1]) * 100.0, (d[0] - at[0]) * 100.0, (d[1] - at[1]) * 100.0];
        let det = m[0] * m[3] - m[1] * m[2];
        let miss = [to[0] - at[0], to[1] - at[1]];
        p = [
            p[0] + 0.7 * (m[3] * miss[0] - m[2] * miss[1]) / det,
            p[1] + 0.7 * (m[0] * miss[1] - m[1] * miss[0]) / det,
        ];
    }
    p
}

fn at(errors: &[f64], part: f64) -> f64 {
    errors[((errors.len() - 1) as f64 * part) as usize]
}

#[test]
fn sections_are_found_at_any_rotation_and_upside_down() {
    let a = Section::new(10.0, 256);
    let of_a = a.picture(tissue);
    for (degrees, mirrored) in [(0.0, false), (77.0, false), (-150.0, false), (180.0, false), (40.0, true)] {
        let b = Section { degrees, mirrored, shift: [20.0, -14.0], bend: 5.0, ..Section::new(11.0, 256) };
        let found = rough(&of_a, &b.picture(tissue), [256, 256], "levels");
        assert_eq!(found["mirrored"], mirrored);
        let map = affine_of(&found["bFromA"]).unwrap();
        for p in [[60.0, 60.0], [200.0, 90.0], [128.0, 190.0]] {
            let [x, y] = section_from(&b, a.tissue_from(p));
            let q = map.apply(p);
            assert!((q[0] - x).hypot(q[1] - y) < 14.0, "{degrees}: {p:?} to {q:?}, not {x} {y}");
        }
    }
}

#[test]
fn what_is_not_the_same_tissue_is_not_matched() {
    let a = Section::new(10.0, 256).picture(tissue);
    for z in [200.0, 300.0, 400.0] {
        let b = Section::new(z, 256).picture(tissue);
        let found = rough(&a, &b, [256, 256], "levels");
        let Some(map) = affine_of(&found["bFromA"]) else { continue };
        let header =
            json!({ "a": frame(256), "b": frame(256), "bFromA": map, "spacingPx": 24, "blockPx": 48, "searchPx": 24 });
        let (fine, _) = call("match-sections-fine", &header, &[&a, &b]);
        // What a journey asks of a pair before it uses it.
        let fates: Vec<usize> = serde_json::from_value(fine["fates"].clone()).unwrap();
        let (matched, looked_for) = (fates[0], fates.iter().sum::<usize>() - fates[1]);
        let used = matched >= 10 && 4 * matched >= looked_for && fine["significant"].as_f64().unwrap() >= 0.4;
        assert!(!used, "{z}: {found} {fine}");
    }
    assert!(rough(&a, &vec![128; 256 * 256], [256, 256], "levels")["bFromA"].is_null());
}

/// P21.
#[test]
fn turned_and_bent_sections_are_aligned_over_a_gap() {
    let sections: Vec<Section> = (0..22)
        .filter(|z| ![9, 10].contains(z))
        .map(|z| {
            let turn = [0, 1, 2].map(|k| f64::from((z * 37 + k * 61) % 41) / 20.0 - 1.0);
            Section {
                degrees: 30.0 * turn[0],
                shift: [12.0 * turn[1], 12.0 * turn[2]],
                bend: 8.0,
                ..Section::new(f64::from(z), 320)
            }
        })
        .collect();
    let pictures: Vec<Vec<u8>> = sections.iter().map(|s| s.picture(tissue)).collect();
    let aligned = align(&sections, &pictures, 3.0, true);
    let errors = errors(&sections, &aligned, 95.0);
    assert!(aligned.linked == aligned.pairs && aligned.least_significant > 0.8, "{}", aligned.least_significant);
    let [median, p95] = [0.5, 0.95].map(|part| at(&errors, part));
    assert!(median <= 0.7 && p95 <= 2.0, "median {median} px, p95 {p95} px");
}

/// The rest of P21: a thick process that runs at a slant through tissue that does not, in sections laid down almost
/// right, stays at its slant, and so does tissue that is tilted as a whole.
#[test]
fn what_is_tilted_is_not_drawn_straight() {
    let axis = |z: f64| [500.0 + 1.5 * (z - 9.5), 500.0 - 0.8 * (z - 9.5)];
    let process = |p: Point, z: f64| {
        let [x, y] = [0, 1].map(|k| p[k] - axis(z)[k]);
        if x.hypot(y) < 48.0 { 0.6 * tissue([x + 5000.0, y], 3.0) } else { tissue(p, z) }
    };
    let all = |p: Point, z: f64| tissue([0, 1].map(|k| p[k] - axis(z)[k] + 500.0), 0.2 * z);
    for (name, level) in [("process", &process as Level<'_>), ("all", &all)] {
        let sections: Vec<Section> = (0..20)
            .map(|z| {
                let off = [0, 1].map(|k| f64::from((z * 37 + k * 61) % 41) / 20.0 - 1.0);
                Section { shift: off, ..Section::new(f64::from(z), 256) }
            })
            .collect();
        let pictures: Vec<Vec<u8>> = sections.iter().map(|s| s.picture(level)).collect();
        let aligned = align(&sections, &pictures, 2.0, true);
        let come: Vec<[Point; 2]> = sections
            .iter()
            .enumerate()
            .map(|(s, section)| {
                let to = aligned.meshes[s].apply(&aligned.nodes[s], section_from(section, axis(section.z)));
                [to, axis(section.z)]
            })
            .collect();
        let mean = [0, 1].map(|k| come.iter().map(|p| p[0][k] - p[1][k]).sum::<f64>() / 20.0);
        let bias = come.iter().map(|p| (p[0][0] - p[1][0] - mean[0]).hypot(p[0][1] - p[1][1] - mean[1]));
        let most = bias.fold(0.0, f64::max);
        assert!(most <= 1.0, "{name}: {most} px");
    }
}
